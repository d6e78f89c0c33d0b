"""IDX files, written by hand from the format's description, are read or refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from crossbreed.data.idx import read_idx
from crossbreed.errors import CrossbreedError


def idx(*sizes: int, content: bytes) -> bytes:
    """Two zero bytes, the type, the number of axes, each size as big-endian uint32, the bytes."""
    return bytes([0, 0, 8, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + content


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "train-images-idx3-ubyte"


def test_images_are_read_row_by_row(path: Path) -> None:
    path.write_bytes(idx(2, 2, 3, content=bytes([0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255])))
    images = read_idx(path)
    assert images.dtype == np.uint8
    assert images.tolist() == [[[0, 1, 2], [3, 4, 5]], [[250, 251, 252], [253, 254, 255]]]


def test_sizes_are_big_endian(path: Path) -> None:
    path.write_bytes(b"\x00\x00\x08\x01\x00\x00\x01\x02" + bytes(0x102))
    assert read_idx(path).shape == (258,)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(idx(2, 3, content=bytes(5)), id="one byte short"),
        pytest.param(idx(2, 3, content=bytes(7)), id="one byte long"),
        pytest.param(idx(2, 3, content=b"")[:10], id="header ends within a size"),
    ],
)
def test_wrong_length_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(CrossbreedError, match=r"train-images-idx3-ubyte does not hold as many"):
        read_idx(path)
