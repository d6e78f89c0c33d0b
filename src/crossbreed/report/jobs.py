"""Parameters of the jobs that judge the claims and write the page."""

from __future__ import annotations

from pathlib import Path

from crossbreed.config.base import Config, Count, Fraction, Name, Text
from crossbreed.config.claims import Source
from crossbreed.config.schema import Study
from crossbreed.jobs.job import MISSING, Job


class CrossoverTables(Config):
    """Tables of the crossover study (CSV)."""

    outcomes: Path
    curves: Path
    targets: Path


class GenderTables(Config):
    """Tables of the gender study (CSV)."""

    differences: Path
    evidence: Path
    published: Path


class JudgeClaims(Job):
    """Judge the claims of the sources by what the studies came to."""

    claims: dict[Name, Source]
    """Sources with their claims and rules."""
    confidence: Fraction
    """Level of the intervals."""
    events: dict[Name, Count]
    """Epoch of the first event of each arm that has one."""
    crossover: CrossoverTables | None
    """Paths of the crossover study's tables; null: it was not run."""
    gender: GenderTables | None
    """Paths of the gender study's tables; null: it was not run."""
    ledger: Path = MISSING
    """The ledger to write (CSV)."""
    content: Path = MISSING
    """The ledger with its answers and the digests of its rules, to write (JSON)."""
    summary: Path = MISSING
    """The same in words, to write (text)."""


class Provenance(Job):
    """Write down what a study was made with."""

    study: Study
    """The resolved configuration."""
    origins: list[Path]
    """Where the data came from (JSON), each in the folder of its data set."""
    repository: Path = MISSING
    """Folder of the checkout."""
    configuration: Path = MISSING
    """Configuration to write (YAML)."""
    target: Path = MISSING
    """Everything else to write (JSON)."""


class Figure(Config):
    """A figure with its title, and the name of the file that holds its caption."""

    path: Path
    title: Text
    caption: Text


class Table(Config):
    """A table (CSV) with its title."""

    path: Path
    title: Text


class WritePage(Job):
    """Write the one page that shows a study's answer and all that belongs to it."""

    figures: dict[Name, list[Figure]]
    """By study: {path, title, caption}."""
    tables: dict[Name, list[Table]]
    """By study: {path, title}."""
    template: Path = MISSING
    """The page's form; captions are in the same folder."""
    claims: Path = MISSING
    """The ledger with its answers (JSON)."""
    configuration: Path = MISSING
    """The resolved configuration (YAML)."""
    provenance: Path = MISSING
    """Code, packages, machine, data (JSON)."""
    target: Path = MISSING
    """Page to write (HTML)."""
