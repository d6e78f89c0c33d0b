"""Arrays on disk come back as they were, or the file is refused by name in one line."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
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


def assert_same(loaded: Arrays, expected: Arrays) -> None:
    assert list(loaded) == sorted(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(loaded[name], array, strict=True)


def test_arrays_and_description_come_back(path: Path) -> None:
    loaded, description = load_arrays(path, KIND)
    assert_same(loaded, ARRAYS)
    assert description == DESCRIPTION


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


@pytest.mark.parametrize("place", [0, 12, 100, 400, -1], ids=str)
def test_a_flipped_bit_is_noticed(path: Path, place: int) -> None:
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(path))} .*; delete it"):
        load_arrays(path, KIND)


@pytest.mark.parametrize("share", [0, 0.2, 0.9])
def test_a_cut_is_noticed(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
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
    "a pickle": lambda path: path.write_bytes(pickle.dumps(Bomb(path.with_name("exploded")))),
    "another program's": lambda path: save_file(dict(ARRAYS), path, {"format": "pt"}),
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
