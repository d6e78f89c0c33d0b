"""Split a data set into the examples for training, validation and test."""

import json
from pathlib import Path

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.schema import Available, Files, Split
from crossbreed.data.digests import verify
from crossbreed.data.examples import save_examples, split_examples
from crossbreed.data.raw import read_data_set
from crossbreed.jobs.job import run_job


class Input(Config):
    """The data set's files in the IDX format, and where they came from."""

    train_images: Path
    train_labels: Path
    test_images: Path
    test_labels: Path
    origins: Path


class Prepare(Config):
    """Split a data set into the examples for training, validation and test."""

    seed: Whole
    available: Available
    classes: Count
    split: Split
    files: Files
    """The content that each file must have."""
    input: Input
    examples: Path
    """File to write (safetensors)."""


def prepare(settings: Prepare) -> None:
    """Write all splits into the file `examples`."""
    given = settings.input
    for name in Files.model_fields:
        verify(getattr(given, name), getattr(settings.files, name).sha256)
    train, test = read_data_set(
        (given.train_images, given.train_labels),
        (given.test_images, given.test_labels),
        settings.available,
        settings.classes,
    )
    splits = split_examples(train, test, settings.split, settings.seed)
    save_examples(settings.examples, splits, json.loads(given.origins.read_text()))


if __name__ == "__main__":
    run_job(Prepare, prepare)
