"""Parameters of the jobs that fetch data sets and split them."""

from __future__ import annotations

from pathlib import Path

from crossbreed.config.base import Count, Fraction, Name, Whole
from crossbreed.config.schema import Available, Data, Files, Source, Split
from crossbreed.config.sources import Digest
from crossbreed.config.text import Edition
from crossbreed.jobs.job import MISSING, Job


class Download(Job):
    """Fetch the files of a data set, verified, from the first source that has them."""

    files: Files
    folder: Path = MISSING
    """Where the files go."""
    sources: list[Source] = MISSING
    data: Data = MISSING
    origins: Path = MISSING
    """Where each file came from, to write (JSON)."""


class Prepare(Job):
    """Split a data set into the examples for training, validation and test."""

    seed: Whole
    available: Available
    classes: Count
    split: Split
    contents: Files
    """The content that each file must have."""
    train_images: Path = MISSING
    train_labels: Path = MISSING
    test_images: Path = MISSING
    test_labels: Path = MISSING
    origins: Path = MISSING
    """Where each file came from (JSON)."""
    examples: Path = MISSING
    """File to write (safetensors)."""


class DownloadText(Job):
    """Fetch a text, verified, in the first of the preferred editions that is to be had."""

    prefer: list[Name]
    """Names of editions, the most wanted first."""
    digests: dict[Name, Digest]
    """SHA-256 of these editions."""
    editions: dict[Name, Edition] = MISSING
    """The editions and their sources."""
    data: Data = MISSING
    text: Path = MISSING
    """Where the text goes."""
    origins: Path = MISSING
    """Which edition it is and where it came from, to write (JSON)."""


class PrepareText(Job):
    """Turn a text into numbers, one per character, and split it."""

    train_share: Fraction
    """Share of the characters, from the beginning, to train on."""
    block_size: Count
    """Characters that a network reads at once."""
    digests: dict[Name, Digest]
    """The content that the text must have, by the names of the editions that are allowed."""
    text: Path = MISSING
    origins: Path = MISSING
    """Which edition the text is and where it came from (JSON)."""
    target: Path = MISSING
    """File to write (safetensors)."""
