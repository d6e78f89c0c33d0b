"""Arrays on disk come back as they were, or the file is refused by name in one line."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from numpy.typing import NDArray
from safetensors.numpy import save_file

from crossbreed.errors import CrossbreedError
from crossbreed.storage.arrays import Arrays, digest, load_arrays, save_arrays

KIND = "crossbreed test 1"
ARRAYS: Arrays = {
    "images": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
    "labels": np.array([3, -1], dtype=np.int64),
    "scale": np.array(0.5, dtype=np.float32),
    "nothing": np.empty((0, 5), dtype=np.float32),
}
DESCRIPTION = {"epoch": 3, "name": "crème brûlée", "layers": [{"a": 1}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "stored.safetensors"
    save_arrays(path, KIND, ARRAYS, DESCRIPTION)
    return path


def assert_same(found: Arrays, expected: Arrays) -> None:
    assert list(found) == sorted(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def test_arrays_and_description_come_back(path: Path) -> None:
    found, description = load_arrays(path, KIND)
    assert_same(found, ARRAYS)
    assert description == DESCRIPTION


_DTYPES = st.sampled_from([np.float32, np.float64, np.uint8, np.int64])


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.text("abc/._", min_size=1, max_size=6),
        arrays_of.arrays(_DTYPES, arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0)),
        max_size=3,
    )
)
def test_any_arrays_come_back(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, NDArray[Any]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.safetensors"
    save_arrays(path, KIND, content, {})
    assert_same(load_arrays(path, KIND)[0], content)


def test_only_the_wanted_arrays_are_read(path: Path) -> None:
    assert list(load_arrays(path, KIND, ["labels"])[0]) == ["labels"]
    with pytest.raises(CrossbreedError, match="is damaged"):
        load_arrays(path, KIND, ["letters"])


def test_damage_outside_the_wanted_arrays_is_not_looked_for(path: Path) -> None:
    data = path.read_bytes()
    position = data.index(bytes(range(24)))
    path.write_bytes(data[:position] + b"\xff" + data[position + 1 :])
    assert list(load_arrays(path, KIND, ["labels"])[0]) == ["labels"]
    with pytest.raises(CrossbreedError, match=r"is damaged \(array images\); delete it"):
        load_arrays(path, KIND)


def test_digest_tells_contents_apart(path: Path, tmp_path: Path) -> None:
    backwards = dict(reversed(list(ARRAYS.items())))
    save_arrays(tmp_path / "again", KIND, backwards, DESCRIPTION)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
    assert digest(backwards, DESCRIPTION) == digest(ARRAYS, DESCRIPTION)
    assert digest(*load_arrays(path, KIND)) == digest(ARRAYS, DESCRIPTION)
    turned = np.asfortranarray(ARRAYS["images"])
    assert digest({**ARRAYS, "images": turned}, DESCRIPTION) == digest(ARRAYS, DESCRIPTION)
    for arrays, description in (
        ({**ARRAYS, "labels": np.array([3, 1])}, DESCRIPTION),
        ({**ARRAYS, "labels": np.array([[3, -1]])}, DESCRIPTION),
        ({**ARRAYS, "labels": np.array([3, -1], np.int32)}, DESCRIPTION),
        (ARRAYS, DESCRIPTION | {"epoch": 4}),
    ):
        assert digest(arrays, description) != digest(ARRAYS, DESCRIPTION)


def refused(path: Path) -> str | None:
    try:
        load_arrays(path, KIND)
    except CrossbreedError as error:
        return str(error)
    return None


def test_every_flipped_bit_that_matters_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    noticed = 0
    for position in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            refusal = refused(path)
            if refusal is None:
                # Some letters may be written in two ways that mean the same.
                found, description = load_arrays(path, KIND)
                assert_same(found, ARRAYS)
                assert description == DESCRIPTION
            else:
                assert refusal.startswith(f"{path} ")
                assert "\n" not in refusal
                noticed += 1
    assert noticed > 0.999 * 8 * len(whole)


def test_every_cut_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(path))} .*; delete it"):
            load_arrays(path, KIND)


class Bomb:
    """Leaves a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


FOREIGN: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_text("epoch,network\n" * 50),
    "zeros": lambda path: path.write_bytes(bytes(1000)),
    "a pickle": lambda path: path.write_bytes(pickle.dumps(Bomb(path.with_name("exploded")))),
    "another program's": lambda path: save_file(dict(ARRAYS), path, {"format": "pt"}),
    "without metadata": lambda path: save_file(dict(ARRAYS), path),
    "no JSON": lambda path: save_file(dict(ARRAYS), path, {"crossbreed": "{"}),
    "a list": lambda path: save_file(dict(ARRAYS), path, {"crossbreed": "[]"}),
    "no checksums": lambda path: save_file(dict(ARRAYS), path, {"crossbreed": '{"kind": "x"}'}),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_file_is_named_and_never_unpickled(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "foreign.safetensors"
    FOREIGN[kind](path)
    with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(path))} .*; delete it"):
        load_arrays(path, KIND)
    assert not (tmp_path / "exploded").exists()


def test_other_kind_or_version_is_named(path: Path) -> None:
    with pytest.raises(
        CrossbreedError, match="is a 'crossbreed test 1', not a 'crossbreed test 2'"
    ):
        load_arrays(path, "crossbreed test 2")


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(CrossbreedError, match="absent does not exist"):
        load_arrays(tmp_path / "absent", KIND)
    with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(tmp_path))} .*"):
        load_arrays(tmp_path, KIND)
