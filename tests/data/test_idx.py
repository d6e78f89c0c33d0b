"""IDX files, written by hand from the format's description, are read or refused."""

from __future__ import annotations

import struct
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.data.idx import read_idx
from crossbreed.errors import CrossbreedError


def idx(*sizes: int, content: bytes, kind: int = 0x08) -> bytes:
    """Two zero bytes, the type, the number of axes, each size as big-endian uint32, the bytes."""
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + content


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "train-images-idx3-ubyte"


def test_images_are_read_row_by_row(path: Path) -> None:
    path.write_bytes(idx(2, 2, 3, content=bytes([0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255])))
    images = read_idx(path)
    assert images.dtype == np.uint8
    assert images.tolist() == [[[0, 1, 2], [3, 4, 5]], [[250, 251, 252], [253, 254, 255]]]


def test_labels_are_read_as_one_axis(path: Path) -> None:
    path.write_bytes(b"\x00\x00\x08\x01\x00\x00\x00\x03\x09\x00\x07")
    assert read_idx(path).tolist() == [9, 0, 7]


def test_sizes_are_big_endian(path: Path) -> None:
    path.write_bytes(b"\x00\x00\x08\x01\x00\x00\x01\x02" + bytes(0x102))
    assert read_idx(path).shape == (258,)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_any_array_of_bytes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], random: Random
) -> None:
    wanted = np.frombuffer(random.randbytes(int(np.prod(sizes))), np.uint8).reshape(sizes)
    path = tmp_path_factory.mktemp("idx") / "array"
    path.write_bytes(idx(*sizes, content=wanted.tobytes()))
    np.testing.assert_array_equal(read_idx(path), wanted, strict=True)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\x00\x08", id="three bytes"),
        pytest.param(b"<!DOCTYPE html><html></html>", id="a web page"),
        pytest.param(b"\x1f\x8b\x08\x00" + bytes(20), id="still compressed"),
        pytest.param(b"\x00\x01" + idx(2, content=b"ab")[2:], id="not two zeros first"),
        pytest.param(idx(2, content=b"ab", kind=0x09), id="signed bytes"),
        pytest.param(idx(1, content=bytes(4), kind=0x0D), id="floats"),
    ],
)
def test_what_is_not_idx_of_unsigned_bytes_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(CrossbreedError, match=r"train-images-idx3-ubyte is not an IDX file"):
        read_idx(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(idx(2, 3, content=bytes(5)), id="one byte short"),
        pytest.param(idx(2, 3, content=bytes(7)), id="one byte long"),
        pytest.param(idx(2, 3, content=b""), id="header only"),
        pytest.param(idx(2, 3, content=b"")[:8], id="header ends after a size"),
        pytest.param(idx(2, 3, content=b"")[:10], id="header ends within a size"),
        pytest.param(b"\x00\x00\x08\x03", id="header ends before its sizes"),
        # 2^64 bytes: counted in 64 bits that is none, which is what the file holds.
        pytest.param(idx(2**16, 2**16, 2**16, 2**16, content=b""), id="more bytes than count"),
    ],
)
def test_wrong_length_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(CrossbreedError, match=r"train-images-idx3-ubyte does not hold as many"):
        read_idx(path)
