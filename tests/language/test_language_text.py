"""Which blocks of a text a network sees, and the text on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.errors import CrossbreedError
from crossbreed.language.text import (
    blocks,
    evaluation_offsets,
    load_text,
    save_text,
    training_offsets,
)
from language_models import VERSES, text_of


def test_text_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    text = text_of(VERSES)
    save_text(tmp_path / "text.safetensors", text, {"source": "made up"})
    loaded = load_text(tmp_path / "text.safetensors")
    np.testing.assert_array_equal(loaded.split("train"), text.train)
    np.testing.assert_array_equal(loaded.split("validation"), text.validation)
    assert replace(loaded, train=text.train, validation=text.validation) == text
    characters = (loaded.characters[token] for token in loaded.train)
    assert "".join(characters) == VERSES[: len(text.train)]


def test_text_too_short_for_a_block_is_refused() -> None:
    text = text_of(VERSES)
    text.check(len(text.validation) - 1)
    with pytest.raises(CrossbreedError, match=r"block_size = 252: .* 252 .* validation .*'test'"):
        text.check(len(text.validation))


@settings(deadline=None, max_examples=50)
@given(
    seed=st.integers(0, 10),
    sizes=st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    block=st.integers(1, 50),
)
def test_networks_of_any_batch_size_see_the_same_examples_in_the_same_order(
    seed: int, sizes: tuple[int, int], block: int
) -> None:
    seen = []
    for size in sizes:
        batches = [
            training_offsets(seed, number * size, size, 60, block)
            for number in range(-(-3000 // size))
        ]
        assert {len(batch) for batch in batches} == {size}
        seen.append(np.concatenate(batches)[:3000])
    np.testing.assert_array_equal(seen[0], seen[1])
    assert seen[0].min() >= 0
    # The last character of the text is predicted too, by the last block.
    assert seen[0].max() == 60 - block - 1


def test_examples_differ_between_seeds_and_within_one() -> None:
    first, second = (training_offsets(seed, 0, 4096, 10**6, 8) for seed in (1, 2))
    assert (first == second).mean() < 0.01
    assert len(np.unique(first)) > 4000
    # Uniform: a mean within five standard errors.
    assert abs(first.mean() / 10**6 - 0.5) < 5 / np.sqrt(12 * 4096)


def test_estimates_use_other_blocks_each_time_and_the_same_for_all() -> None:
    first, again, second = (evaluation_offsets(1, n, (3, 5), 10**6, 8) for n in (0, 0, 1))
    assert first.shape == (3, 5)
    np.testing.assert_array_equal(first, again)
    assert not np.intersect1d(first, second).size


def test_blocks_are_characters_and_the_ones_that_follow() -> None:
    tokens = np.arange(10, dtype=np.uint8)
    inputs, targets = blocks(tokens, np.array([0, 6]), 3)
    assert inputs.tolist() == [[0, 1, 2], [6, 7, 8]]
    assert targets.tolist() == [[1, 2, 3], [7, 8, 9]]
    assert inputs.dtype == targets.dtype == np.int64
