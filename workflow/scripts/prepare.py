"""Split a data set into the examples for training, validation and test."""

import json
from pathlib import Path

import numpy as np

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.schema import Available, Split
from crossbreed.data.examples import Examples, save_examples, split_examples
from crossbreed.data.idx import read_idx
from crossbreed.errors import CrossbreedError
from crossbreed.job import run_job


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
    input: Input
    examples: Path
    """File to write (safetensors)."""


def prepare(settings: Prepare) -> None:
    """Write all splits into the file `examples`."""
    given = settings.input
    train = _examples(given.train_images, given.train_labels, settings.available.train)
    test = _examples(given.test_images, given.test_labels, settings.available.test)
    for examples in (train, test):
        if examples.labels.max() >= settings.classes:
            raise CrossbreedError(
                f"{given.train_labels} has a label {examples.labels.max()}; dataset.classes = "
                f"{settings.classes} allows 0 to {settings.classes - 1}"
            )
    splits = split_examples(train, test, settings.split, settings.seed)
    save_examples(settings.examples, splits, json.loads(given.origins.read_text()))


def _examples(images: Path, labels: Path, count: int) -> Examples:
    examples = Examples(read_idx(images), read_idx(labels).astype(np.int64))
    if not len(examples.images) == len(examples.labels) == count:
        raise CrossbreedError(
            f"{images} and {labels} hold {len(examples.images)} images and "
            f"{len(examples.labels)} labels; dataset.available says {count}"
        )
    return examples


if __name__ == "__main__":
    run_job(Prepare, prepare)
