"""How the examples are split, and that a stored split comes back or is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from crossbreed.config.schema import Split
from crossbreed.data.examples import (
    EXAMPLES,
    Examples,
    load_examples,
    save_examples,
    split_examples,
)
from crossbreed.errors import CrossbreedError
from crossbreed.storage.arrays import load_arrays


def numbered(count: int) -> Examples:
    """Make images that carry their own number in their pixels, and labels that follow from it."""
    number = np.arange(count)
    pixels = np.stack([number // 256, number % 256], axis=1).astype(np.uint8)
    return Examples(pixels.reshape(count, 1, 2), number % 10)


def numbers(examples: Examples) -> NDArray[np.int64]:
    pixels = examples.images.reshape(-1, 2).astype(np.int64)
    return pixels[:, 0] * 256 + pixels[:, 1]


def split(
    train: int | None, validation: int, test: int | None = None, seed: int = 1
) -> dict[str, Examples]:
    sizes = Split(train=train, validation=validation, test=test)
    return split_examples(numbered(1000), numbered(300), sizes, seed)


def test_parts_are_disjoint_and_as_large_as_asked() -> None:
    parts = split(train=600, validation=150, test=40)
    assert [len(parts[name]) for name in ("train", "validation", "test")] == [600, 150, 40]
    held_out, trained = (numbers(parts[name]) for name in ("validation", "train"))
    assert len({*held_out, *trained}) == 750
    for part in parts.values():
        np.testing.assert_array_equal(part.labels, numbers(part) % 10)


def test_null_takes_all_that_is_left() -> None:
    parts = split(train=None, validation=150, test=None)
    assert len(parts["train"]) == 850
    np.testing.assert_array_equal(numbers(parts["test"]), np.arange(300))


def test_images_are_drawn_and_not_the_first_of_the_file() -> None:
    parts = split(train=100, validation=100, test=100)
    for part in parts.values():
        # 100 of at least 300 numbers from 0 drawn at random average above 99 with near certainty.
        assert numbers(part).mean() > 99


def test_validation_does_not_depend_on_the_training_size() -> None:
    few, many = split(train=50, validation=150), split(train=None, validation=150)
    np.testing.assert_array_equal(numbers(few["validation"]), numbers(many["validation"]))


def test_smaller_sets_are_part_of_larger_ones() -> None:
    few, many = split(train=50, validation=150, test=20), split(train=700, validation=150, test=90)
    np.testing.assert_array_equal(numbers(few["train"]), numbers(many["train"])[:50])
    assert set(numbers(few["test"])) < set(numbers(many["test"]))


def test_other_seed_other_split() -> None:
    first, second = (split(train=300, validation=100, test=50, seed=seed) for seed in (1, 2))
    for name, part in first.items():
        assert set(numbers(part)) != set(numbers(second[name]))


def test_stored_splits_come_back(tmp_path: Path) -> None:
    path = tmp_path / "examples.safetensors"
    parts = split(train=30, validation=0, test=20)
    save_examples(path, parts, {"seed": 1})
    assert load_arrays(path, EXAMPLES, names=())[1] == {"provenance": {"seed": 1}}
    test, validation, train = load_examples(path, "test", "validation", "train")
    for name, part in (("test", test), ("validation", validation), ("train", train)):
        np.testing.assert_array_equal(part.images, parts[name].images, strict=True)
        np.testing.assert_array_equal(part.labels, parts[name].labels, strict=True)


def test_same_split_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "again"):
        save_examples(tmp_path / name, split(train=30, validation=10, test=20), {"seed": 1})
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()


@pytest.mark.parametrize("change", [lambda content: content[:100], lambda _: b"<html>"])
def test_damaged_file_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "examples.safetensors"
    save_examples(path, split(train=30, validation=10, test=20), {})
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(CrossbreedError, match=r"examples\.safetensors is damaged .*delete it"):
        load_examples(path, "train")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CrossbreedError, match=r"nowhere\.safetensors does not exist"):
        load_examples(tmp_path / "nowhere.safetensors", "train")
