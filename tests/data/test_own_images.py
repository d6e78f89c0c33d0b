"""Own images that are wrong are refused before anything trains, with the file that is to blame."""

from __future__ import annotations

import gzip
import hashlib
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from workflow.scripts.data.prepare import prepare

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Available
from crossbreed.data.examples import load_examples
from crossbreed.data.jobs import Prepare
from crossbreed.data.raw import read_data_set
from crossbreed.errors import CrossbreedError
from repository import CONFIG

Array = NDArray[Any]
CLASSES = 3
COUNTS = {"train": 200, "test": 60}
CODES = {"uint8": 0x08, "int8": 0x09, "float32": 0x0D}


def idx(array: Array) -> bytes:
    header = struct.pack(
        f">4B{array.ndim}I", 0, 0, CODES[array.dtype.name], array.ndim, *array.shape
    )
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def arrays() -> dict[str, Array]:
    """Return images of 8 x 8 pixels, brighter from class to class, and their labels."""
    arrays: dict[str, Array] = {}
    for split, count in COUNTS.items():
        labels = np.arange(count) % CLASSES
        noise = np.random.default_rng(count).integers(0, 60, (count, 8, 8))
        arrays[f"{split}_images"] = (noise + 60 * labels[:, None, None]).astype(np.uint8)
        arrays[f"{split}_labels"] = labels.astype(np.uint8)
    return arrays


def one_hot(labels: Array) -> Array:
    return np.equal.outer(labels, np.arange(CLASSES)).astype(np.uint8)


def flat(images: Array) -> Array:
    images[:] = np.arange(len(images))[:, None, None]
    return images


WRONG_ARRAYS: dict[str, tuple[str, Callable[[Array], Array], str]] = {
    "other size": (
        "test_images",
        lambda a: a[:, :7],
        " holds images of 7 x 8 pixels, .*train_images ",
    ),
    "fractions as bytes": (
        "train_images",
        lambda a: a // a.max(),
        " has no pixel above 1; .* multiply",
    ),
    "flat": ("train_images", flat, " holds images of one grey level each; "),
    "one image": (
        "train_images",
        lambda a: a[:1].repeat(200, 0),
        " holds the same image 200 times",
    ),
    "floats": (
        "train_images",
        lambda a: (a / 255).astype(np.float32),
        " .*: it holds 32-bit floats$",
    ),
    "signed": ("test_labels", lambda a: a.astype(np.int8), " is not .*: it holds signed bytes$"),
    "colors": (
        "train_images",
        lambda a: a[..., None],
        " has the shape 200 x 8 x 8 x 1; wanted is images x height x width$",
    ),
    "no pixels": ("train_images", lambda a: a[:, :0], " has the shape 200 x 0 x 8; wanted is"),
    "one-hot": ("train_labels", one_hot, " has the shape 200 x 3; wanted is labels$"),
    "from 1": (
        "train_labels",
        lambda a: a + 1,
        " has a label 3; dataset.classes = 3 allows 0 to 2$",
    ),
    "fewer": ("test_labels", lambda a: a[:59], " holds 59 labels; dataset.available.test = 60$"),
    "none": ("train_labels", lambda a: a[:0], " holds 0 labels; dataset.available.train = 200$"),
}


@pytest.mark.parametrize("case", WRONG_ARRAYS)
def test_arrays_of_which_something_went_wrong(
    tmp_path: Path, arrays: dict[str, Array], case: str
) -> None:
    name, change, reason = WRONG_ARRAYS[case]
    arrays[name] = change(arrays[name])
    assert_refused(tmp_path, arrays, name, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content[:-1], " does not hold as many bytes as its header says: 12815"),
        (gzip.compress, " is not an IDX file of unsigned bytes: it is packed with gzip$"),
        (lambda _: b"<!DOCTYPE html>", " is not .*: it begins with b'<!DOCTYPE ht'$"),
        (lambda _: b"", " is not .*: it begins with b''$"),
    ],
)
def test_files_that_are_no_whole_idx(
    tmp_path: Path,
    arrays: dict[str, Array],
    change: Callable[[bytes], bytes],
    reason: str,
) -> None:
    spoilt = change(idx(arrays["train_images"]))
    assert_refused(tmp_path, arrays, "train_images", reason, spoilt)


def assert_refused(
    folder: Path,
    arrays: dict[str, Array],
    name: str,
    reason: str,
    spoilt: bytes | None = None,
) -> None:
    """Check that a file, spoilt or not, is refused for a reason, in one line."""
    for kind, array in arrays.items():
        (folder / kind).write_bytes(idx(array))
    if spoilt is not None:
        (folder / name).write_bytes(spoilt)
    train, test = (
        (folder / f"{split}_images", folder / f"{split}_labels") for split in ("train", "test")
    )
    with pytest.raises(
        CrossbreedError, match=f"^{re.escape(str(folder / name))}{reason}"
    ) as caught:
        read_data_set(train, test, Available(**COUNTS), CLASSES)
    assert "\n" not in str(caught.value)


def test_files_are_prepared_if_their_content_is_the_wanted_one(
    tmp_path: Path, arrays: dict[str, Array]
) -> None:
    files = {}
    for name, array in arrays.items():
        (tmp_path / name).write_bytes(idx(array))
        files[name] = {"name": name, "sha256": hashlib.sha256(idx(array)).hexdigest()}
    (tmp_path / "origins").write_text("{}")
    job = Prepare.model_validate(
        {
            "seed": 1,
            "available": COUNTS,
            "classes": CLASSES,
            "split": {"train": 150, "validation": 50, "test": 60},
            "contents": files,
            **{name: tmp_path / name for name in (*files, "origins")},
            "examples": tmp_path / "examples",
        }
    )
    prepare(job)
    parts = load_examples(job.examples, "train", "validation", "test")
    assert [len(part) for part in parts] == [150, 50, 60]
    job.examples.unlink()
    spoilt = tmp_path / "test_labels"
    spoilt.write_bytes(idx(arrays["test_labels"])[:-1] + b"\1")
    reason = r"has SHA-256 \w{12}…, expected \w{12}…; delete it and run again$"
    with pytest.raises(CrossbreedError, match=f"^{re.escape(str(spoilt))} {reason}"):
        prepare(job)
    assert not job.examples.exists()


def test_training_images_as_test_images() -> None:
    files = {name: {"sha256": "0" * 64} for name in ("train_images", "test_images")}
    reason = r"dataset\.files\.test_images\.sha256 = '0{64}': must not be that of train_images"
    with pytest.raises(ConfigError, match=reason):
        compose_study(CONFIG, {"dataset": {"files": files}})
