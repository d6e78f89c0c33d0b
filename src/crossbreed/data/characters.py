"""Turn a text into numbers, one per character, and split it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError

_MOST = 256  # what a byte can tell apart


def vocabulary(text: str) -> str:
    """Return the different characters of a text in ascending order, as nanoGPT numbers them.

    Raises
    ------
    CrossbreedError
        If there are more than 256, or fewer than two: there is nothing to predict then.
    """
    characters = "".join(sorted(set(text)))
    if not 2 <= len(characters) <= _MOST:
        raise CrossbreedError(
            f"the text has {len(characters)} different characters; 2 to {_MOST} are allowed"
        )
    return characters


def encode(text: str, characters: str) -> NDArray[np.uint8]:
    """Return the position of each character of a text in its vocabulary, shape (characters,)."""
    numbers = {character: number for number, character in enumerate(characters)}
    return np.fromiter((numbers[character] for character in text), np.uint8, len(text))


def split(
    tokens: NDArray[np.uint8], train_share: float
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the part of a text to train on, its beginning, and the rest, for validation.

    The number of characters to train on is rounded down.

    Raises
    ------
    CrossbreedError
        If a part is empty.
    """
    count = int(train_share * len(tokens))
    if not 0 < count < len(tokens):
        raise CrossbreedError(
            f"text.train_share = {train_share}: leaves nothing to train or to validate on, of "
            f"{len(tokens)} characters"
        )
    return tokens[:count], tokens[count:]
