"""Images and labels of one data set, split for training, validation and test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.schema import Split
from crossbreed.randomness import Purpose, generator
from crossbreed.storage.arrays import load_arrays, save_arrays

EXAMPLES = "crossbreed examples 1"
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Examples:
    """Images of shape [n, height, width], uint8, and labels of shape [n], int64, from 0."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: NDArray[np.int64]) -> Examples:
        """Return the examples of these indices, in their order."""
        return Examples(self.images[indices], self.labels[indices])


def split_examples(train: Examples, test: Examples, sizes: Split, seed: int) -> dict[str, Examples]:
    """Split the original training images into training and validation, and cut to size.

    One permutation by `seed` decides: its first `sizes.validation` images are held out, the next
    `sizes.train` train. So a smaller training set is part of a larger one, and the held-out images
    are the same for both. Test images are the first of a permutation of their own.

    Parameters
    ----------
    train, test
        All images of the data set.
    sizes
        How many images each part takes; None: all that are left.
    seed
        The study's seed.
    """
    order = generator(seed, Purpose.SPLIT, 0).permutation(len(train))
    test_order = generator(seed, Purpose.SPLIT, 1).permutation(len(test))
    end = None if sizes.train is None else sizes.validation + sizes.train
    return {
        "train": train.take(order[sizes.validation : end]),
        "validation": train.take(order[: sizes.validation]),
        "test": test if sizes.test is None else test.take(np.sort(test_order[: sizes.test])),
    }


def save_examples(path: Path, splits: Mapping[str, Examples], provenance: object) -> None:
    """Write all splits into one file, whole, with where they come from.

    Raises
    ------
    CrossbreedError
        If the file cannot be written.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    for name in SPLITS:
        arrays[f"{name}/images"] = splits[name].images
        arrays[f"{name}/labels"] = splits[name].labels
    save_arrays(path, EXAMPLES, arrays, {"provenance": provenance})


def load_examples(path: Path, *splits: str) -> list[Examples]:
    """Read some splits.

    Raises
    ------
    CrossbreedError
        If the file is missing or damaged.
    """
    names = [f"{name}/{part}" for name in splits for part in ("images", "labels")]
    arrays, _ = load_arrays(path, EXAMPLES, names)
    return [Examples(arrays[f"{name}/images"], arrays[f"{name}/labels"]) for name in splits]
