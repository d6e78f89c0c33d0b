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
from crossbreed.data.examples import load_examples
from crossbreed.data.jobs import Prepare
from crossbreed.errors import CrossbreedError
from repository import CONFIG

Array = NDArray[Any]
Arrays = dict[str, Array]
CLASSES = 3
COUNTS = {"train": 200, "test": 60}
SPLIT = {"train": 150, "validation": 50, "test": 60}
CODES = {"uint8": 0x08, "int8": 0x09, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def make_arrays() -> Arrays:
    """Make images of 8 x 8 pixels, brighter from class to class, and their labels."""
    arrays: Arrays = {}
    for split, count in COUNTS.items():
        labels = np.arange(count) % CLASSES
        noise = np.random.default_rng(count).integers(0, 60, (count, 8, 8))
        arrays[f"{split}_images"] = (noise + 60 * labels[:, None, None]).astype(np.uint8)
        arrays[f"{split}_labels"] = labels.astype(np.uint8)
    return arrays


def idx(array: Array) -> bytes:
    header = struct.pack(
        f">4B{array.ndim}I", 0, 0, CODES[array.dtype.name], array.ndim, *array.shape
    )
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def task(folder: Path, contents: dict[str, bytes], **changes: object) -> Prepare:
    """Write the files, and return what is asked of the script."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "origins").write_text("{}")
    files = {
        name: {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }
    asked = {"seed": 1, "available": COUNTS, "classes": CLASSES, "split": SPLIT, "contents": files}
    asked |= {name: folder / name for name in (*files, "origins")}
    return Prepare.model_validate({**asked, "examples": folder / "examples", **changes})


def changed(name: str, change: Callable[[Array], Array]) -> dict[str, bytes]:
    arrays = make_arrays()
    arrays[name] = change(arrays[name])
    return {kind: idx(array) for kind, array in arrays.items()}


def one_hot(labels: Array) -> Array:
    return np.equal.outer(labels, np.arange(CLASSES)).astype(np.uint8)


def fractions(images: Array) -> Array:
    scaled: Array = images.astype(float) / images.max()
    return scaled.astype(np.uint8)


def flat(images: Array) -> Array:
    images[:] = np.arange(len(images))[:, None, None]
    return images


def with_nan(images: Array) -> Array:
    spoilt = images.astype(np.float32)
    spoilt[0, 0, 0] = np.nan
    return spoilt


WRONG_ARRAYS: dict[str, tuple[str, Callable[[Array], Array], str]] = {
    "other size": (
        "test_images",
        lambda a: a[:, :7],
        " holds images of 7 x 8 pixels, .*train_images ",
    ),
    "fractions as bytes": ("train_images", fractions, " has no pixel above 1; .* multiply"),
    "black": ("test_images", lambda a: a * 0, " has no pixel above 0; "),
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
    "NaN": ("test_images", with_nan, " is not an IDX file .*: it holds 32-bit floats$"),
    "signed": ("test_labels", lambda a: a.astype(np.int8), " is not .*: it holds signed bytes$"),
    "colours": (
        "train_images",
        lambda a: a[..., None],
        " has the shape 200 x 8 x 8 x 1; wanted is im",
    ),
    "rows": (
        "test_images",
        lambda a: a.reshape(60, 64),
        " has the shape 60 x 64; wanted is images x",
    ),
    "no pixels": (
        "train_images",
        lambda a: a[:, :0],
        " has the shape 200 x 0 x 8; wanted is images",
    ),
    "one-hot": ("train_labels", one_hot, " has the shape 200 x 3; wanted is labels$"),
    "one-hot test": ("test_labels", one_hot, " has the shape 60 x 3; wanted is labels$"),
    "from 1": (
        "train_labels",
        lambda a: a + 1,
        " has a label 3; dataset.classes = 3 allows 0 to 2$",
    ),
    "test from 1": ("test_labels", lambda a: a + 1, " has a label 3; dataset.classes = 3 allows"),
    "fewer": ("test_labels", lambda a: a[:59], " holds 59 labels; dataset.available.test = 60$"),
    "more": (
        "train_images",
        lambda a: a.repeat(2, 0),
        " holds 400 images; dataset.available.train",
    ),
    "none": ("train_labels", lambda a: a[:0], " holds 0 labels; dataset.available.train = 200$"),
}


@pytest.mark.parametrize("case", WRONG_ARRAYS)
def test_arrays_of_which_something_went_wrong(tmp_path: Path, case: str) -> None:
    name, change, reason = WRONG_ARRAYS[case]
    assert_refused(task(tmp_path, changed(name, change)), name, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content[:-1], " does not hold as many bytes as its header says: 12815"),
        (gzip.compress, " is not an IDX file of unsigned bytes: it is packed with gzip$"),
        (lambda _: b"<!DOCTYPE html>", " is not .*: it begins with b'<!DOCTYPE ht'$"),
        (lambda _: b"", " is not .*: it is empty$"),
    ],
)
def test_files_that_are_no_whole_idx(
    tmp_path: Path, change: Callable[[bytes], bytes], reason: str
) -> None:
    contents = {name: idx(array) for name, array in make_arrays().items()}
    contents["train_images"] = change(contents["train_images"])
    assert_refused(task(tmp_path, contents), "train_images", reason)


def test_files_in_the_place_of_each_other(tmp_path: Path) -> None:
    arrays = {name: idx(array) for name, array in make_arrays().items()}
    swapped = arrays | {"test_images": arrays["test_labels"], "test_labels": arrays["test_images"]}
    assert_refused(task(tmp_path, swapped), "test_images", " has the shape 60; wanted is images x")


@pytest.mark.parametrize("name", ["train_images", "train_labels", "test_images", "test_labels"])
def test_content_that_is_not_the_wanted_one(tmp_path: Path, name: str) -> None:
    contents = {kind: idx(array) for kind, array in make_arrays().items()}
    asked = task(tmp_path, contents)
    prepare(asked)
    train, validation, test = load_examples(asked.examples, "train", "validation", "test")
    assert [len(train), len(validation), len(test)] == [150, 50, 60]
    asked.examples.unlink()
    spoilt = contents[name][:-1] + bytes([contents[name][-1] ^ 1])
    (tmp_path / name).write_bytes(spoilt)
    digests = [hashlib.sha256(content).hexdigest()[:12] for content in (spoilt, contents[name])]
    reason = f" has SHA-256 {digests[0]}…, expected {digests[1]}…; delete it and run again$"
    assert_refused(asked, name, reason)


def test_training_images_as_test_images() -> None:
    files = {name: {"sha256": "0" * 64} for name in ("train_images", "test_images")}
    reason = r"dataset\.files\.test_images\.sha256 = '0{64}': must not be that of train_images"
    with pytest.raises(ConfigError, match=reason):
        compose_study(CONFIG, {"dataset": {"files": files}})


def assert_refused(asked: Prepare, name: str, reason: str) -> None:
    """Check that a file is refused for a reason, in one line, and that nothing is written."""
    path = re.escape(str(getattr(asked, name)))
    with pytest.raises(CrossbreedError, match=f"^{path}{reason}") as caught:
        prepare(asked)
    assert "\n" not in str(caught.value)
    assert not asked.examples.exists()
