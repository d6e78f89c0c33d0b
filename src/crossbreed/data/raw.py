"""Read the files of a data set, and refuse those that no network can learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.schema import Available
from crossbreed.data.examples import Examples
from crossbreed.data.idx import read_idx
from crossbreed.errors import CrossbreedError


def read_data_set(
    train: tuple[Path, Path], test: tuple[Path, Path], available: Available, classes: int
) -> tuple[Examples, Examples]:
    """Return all training images and all test images with their labels.

    Parameters
    ----------
    train, test
        IDX files of unsigned bytes: images, of the axes images, height and width, and their labels.
    available
        How many images the files must hold.
    classes
        Number of classes; labels are from 0.

    Raises
    ------
    CrossbreedError
        If a file holds something else, or the images nothing to tell them apart by; names it.
    """
    train_examples = _read_examples(*train, "train", available.train, classes)
    test_examples = _read_examples(*test, "test", available.test, classes)
    size, test_size = train_examples.images.shape[1:], test_examples.images.shape[1:]
    if size != test_size:
        raise CrossbreedError(
            f"{test[0]} holds images of {_by(test_size)} pixels, {train[0]} of {_by(size)}; all "
            "must be of one height and width"
        )
    return train_examples, test_examples


def _read_examples(images: Path, labels: Path, split: str, count: int, classes: int) -> Examples:
    required = f"dataset.available.{split} = {count}"
    pixels = _read(images, ("images", "height", "width"), count, required)
    numbers = _read(labels, ("labels",), count, required)
    if numbers.max() >= classes:
        raise CrossbreedError(
            f"{labels} has a label {numbers.max()}; dataset.classes = {classes} allows 0 to "
            f"{classes - 1}"
        )
    # What images are that were spoilt when they were made bytes or written.
    if pixels.max() <= 1:
        raise CrossbreedError(
            f"{images} has no pixel above {pixels.max()}; pixels go from 0 to 255: multiply those "
            "that go from 0 to 1 by 255 before they become bytes"
        )
    if (pixels == pixels[:, :1, :1]).all():
        raise CrossbreedError(
            f"{images} holds images of one grey level each; their pixels must differ"
        )
    if count > 1 and (pixels == pixels[0]).all():
        raise CrossbreedError(f"{images} holds the same image {count} times; images must differ")
    return Examples(pixels, numbers.astype(np.int64))


def _read(path: Path, axes: tuple[str, ...], count: int, required: str) -> NDArray[np.uint8]:
    array = read_idx(path)
    if array.ndim != len(axes) or 0 in array.shape[1:]:
        raise CrossbreedError(f"{path} has the shape {_by(array.shape)}; wanted is {_by(axes)}")
    if len(array) != count:
        raise CrossbreedError(f"{path} holds {len(array)} {axes[0]}; {required}")
    return array


def _by(lengths: tuple[object, ...]) -> str:
    return " x ".join(map(str, lengths))
