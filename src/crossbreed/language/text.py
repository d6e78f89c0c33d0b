"""A text as numbers, and which of its blocks a network is trained and evaluated on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError
from crossbreed.randomness import Purpose, generator
from crossbreed.storage.arrays import load_arrays, save_arrays

TEXT = "crossbreed text 1"
Split = Literal["train", "validation"]
# Offsets are drawn so many at once: making a generator takes longer than drawing them.
_CHUNK = 1024


@dataclass(frozen=True)
class Text:
    """A text, split into a part to train on and a part for validation.

    Parameters
    ----------
    train, validation
        Shape [characters], uint8: the place of each character in `characters`.
    characters
        The vocabulary.
    edition
        Name of the edition.
    title
        Its title, as figures show it.
    """

    train: NDArray[np.uint8]
    validation: NDArray[np.uint8]
    characters: str
    edition: str
    title: str

    def split(self, name: Split) -> NDArray[np.uint8]:
        """Return a part by its name."""
        return self.train if name == "train" else self.validation

    def check(self, block_size: int) -> None:
        """Refuse a text of which a part is too short for a block, or leaves nothing to predict.

        Raises
        ------
        CrossbreedError
            If it is or does.
        """
        for name in ("train", "validation"):
            part = getattr(self, name)
            length = len(part)
            if length <= block_size:
                raise CrossbreedError(
                    f"language.block_size = {block_size}: must be less than the {length} "
                    f"characters of the {name} part of the text '{self.edition}'"
                )
            if part.min() == part.max():
                raise CrossbreedError(
                    f"the {name} part of the text '{self.edition}' is the same character {length} "
                    "times; there must be two different ones at least"
                )


def save_text(path: Path, text: Text, provenance: object) -> None:
    """Write a text whole, with where it comes from; the same content gives the same bytes."""
    description = {
        "characters": text.characters,
        "edition": text.edition,
        "title": text.title,
        "provenance": provenance,
    }
    arrays = {"train": text.train, "validation": text.validation}
    save_arrays(path, TEXT, arrays, description)


def load_text(path: Path) -> Text:
    """Read a text.

    Raises
    ------
    CrossbreedError
        If the file is missing, damaged or something else.
    """
    arrays, description = load_arrays(path, TEXT)
    return Text(
        arrays["train"],
        arrays["validation"],
        *(description[name] for name in ("characters", "edition", "title")),
    )


def training_offsets(
    seed: int, first: int, count: int, length: int, block_size: int
) -> NDArray[np.int64]:
    """Return where the training examples `first`, `first + 1`, ... begin.

    The offset of an example depends on the seed and its number alone, so networks of different
    batch sizes see the same examples in the same order.

    Parameters
    ----------
    seed
        The training's seed.
    first, count
        Number of the first example, which is iteration times batch size, and how many.
    length
        Characters of the text, more than `block_size`.
    block_size
        Characters of an example.

    Returns
    -------
    ndarray of shape (count,), int64
        From 0 to length - block_size - 1, for one character more is read: the last to predict.
    """
    start, stop = first // _CHUNK, (first + count - 1) // _CHUNK + 1
    drawn = np.concatenate(
        [
            generator(seed, Purpose.TEXT_ORDER, chunk).integers(length - block_size, size=_CHUNK)
            for chunk in range(start, stop)
        ]
    )
    skipped = first - start * _CHUNK
    return drawn[skipped : skipped + count]


def evaluation_offsets(
    seed: int, evaluation: int, shape: tuple[int, int], length: int, block_size: int
) -> NDArray[np.int64]:
    """Return where the blocks of estimate number `evaluation` begin, for all architectures alike.

    `shape` is batches and blocks of a batch, that of the int64 array returned; the other arguments
    are as of `training_offsets`.
    """
    draws = generator(seed, Purpose.TEXT_EVALUATION, evaluation)
    return draws.integers(length - block_size, size=shape)


def blocks(
    tokens: NDArray[np.uint8], offsets: NDArray[np.int64], block_size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return blocks of a text, and for each character in them the one that follows.

    Parameters
    ----------
    tokens
        The text, shape [characters].
    offsets
        Where the blocks begin, shape [n].
    block_size
        Characters of a block.

    Returns
    -------
    two ndarrays of shape (n, block_size), int64
    """
    taken = tokens[offsets[:, None] + np.arange(block_size + 1)].astype(np.int64)
    return taken[:, :-1], taken[:, 1:]
