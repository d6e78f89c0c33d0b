"""Read the IDX format of MNIST and its relatives: big-endian sizes, then bytes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError

_UNSIGNED_BYTES = b"\0\0\x08"
# What else a file may hold, by its first bytes.
_CONTENTS = {
    b"\x1f\x8b": "it is packed with gzip",
    b"\0\0\x09": "it holds signed bytes",
    b"\0\0\x0b": "it holds 16-bit integers",
    b"\0\0\x0c": "it holds 32-bit integers",
    b"\0\0\x0d": "it holds 32-bit floats",
    b"\0\0\x0e": "it holds 64-bit floats",
}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of unsigned bytes in an IDX file.

    Raises
    ------
    CrossbreedError
        If the file is not IDX of unsigned bytes, or shorter or longer than its header says.
    """
    content = path.read_bytes()
    if len(content) < 4 or not content.startswith(_UNSIGNED_BYTES):
        held = [words for start, words in _CONTENTS.items() if content.startswith(start)]
        reason = held[0] if held else f"it begins with {content[:12]!r}"
        raise CrossbreedError(f"{path} is not an IDX file of unsigned bytes: {reason}")
    header = 4 + 4 * content[3]
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, header, 4)]
    if len(content) != header + math.prod(shape):
        raise CrossbreedError(
            f"{path} does not hold as many bytes as its header says: {len(content)}, with the "
            f"header's own {header}, for the shape {' x '.join(map(str, shape))}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy()
