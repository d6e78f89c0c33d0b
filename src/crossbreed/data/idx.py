"""Read the IDX format of MNIST and its relatives: big-endian sizes, then bytes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError

_UNSIGNED_BYTE = 0x08
_KINDS = {
    0x08: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    0x0C: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of unsigned bytes in an IDX file.

    Raises
    ------
    CrossbreedError
        If the file is not IDX of unsigned bytes, or shorter or longer than its header says.
    """
    content = path.read_bytes()
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTE:
        raise CrossbreedError(f"{path} is not an IDX file of unsigned bytes: {_begin(content)}")
    axes = content[3]
    header = 4 + 4 * axes
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, header, 4)]
    if len(content) != header + math.prod(shape):
        raise CrossbreedError(
            f"{path} does not hold as many bytes as its header says: {len(content)}, with the "
            f"header's own {header}, for the shape {' x '.join(map(str, shape))}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy()


def _begin(content: bytes) -> str:
    """Say what a file is, as far as its first bytes tell."""
    if content[:2] == b"\x1f\x8b":
        return "it is packed with gzip"
    if len(content) >= 4 and content[:2] == b"\0\0" and content[2] in _KINDS:
        return f"it holds {_KINDS[content[2]]}"
    return f"it begins with {content[:12]!r}" if content else "it is empty"
