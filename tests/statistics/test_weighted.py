"""Tau of weighted items against scipy's of repeated ones, and the weights of a bootstrap."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from crossbreed.statistics.weighted import item_weights, percentiles, weighted_tau

Floats = NDArray[np.float64]
few = st.integers(0, 4).map(float)  # few different numbers, so that there are ties
items = st.lists(st.tuples(few, few, st.integers(0, 4)), min_size=2, max_size=8)


def columns(weighted: list[tuple[float, float, int]]) -> tuple[Floats, Floats, Floats]:
    x, y, weights = np.array(weighted, np.float64).T
    return x, y, weights


def kendall(x: Floats, y: Floats) -> float:
    return float(np.nan_to_num(stats.kendalltau(x, y).statistic)) if len(x) > 1 else 0.0


@settings(deadline=None, max_examples=150)
@given(items)
def test_whole_weights_are_items_repeated(weighted: list[tuple[float, float, int]]) -> None:
    # Copies of an item are tied in both numbers, so tau-b leaves out the pairs that they make.
    x, y, weights = columns(weighted)
    times = weights.astype(int)
    expected = kendall(np.repeat(x, times), np.repeat(y, times))
    assert weighted_tau(x, y, weights[None]) == pytest.approx([expected])


@settings(deadline=None, max_examples=100)
@given(items, st.lists(st.floats(0.01, 10), min_size=8, max_size=8))
def test_each_pair_counts_as_the_product_of_its_weights(
    weighted: list[tuple[float, float, int]], real: list[float]
) -> None:
    x, y, _ = columns(weighted)
    weights = np.array(real[: len(x)])
    agreeing = untied_x = untied_y = 0.0
    for i, j in combinations(range(len(x)), 2):
        product = weights[i] * weights[j]
        agreeing += product * np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])
        untied_x += product * (x[i] != x[j])
        untied_y += product * (y[i] != y[j])
    scale = (untied_x * untied_y) ** 0.5
    expected = agreeing / scale if scale else 0.0
    both = weighted_tau(x, y, np.stack([weights, 7 * weights]))
    assert both == pytest.approx([expected, expected])


@settings(deadline=None, max_examples=50)
@given(items)
def test_equal_weights_give_tau_b(weighted: list[tuple[float, float, int]]) -> None:
    x, y, _ = columns(weighted)
    equal = np.full((1, len(x)), 1 / len(x))
    assert weighted_tau(x, y, equal) == pytest.approx([kendall(x, y)])


def test_weights_of_a_bootstrap_are_even_over_all_that_sum_to_1() -> None:
    count, resamples = 5, 4000
    weights = item_weights(count, resamples, 1)
    assert weights.shape == (resamples, count)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    # Each weight has the distribution Beta(1, n - 1): mean 1/n, and 1 - (1 - w)^(n - 1) below w.
    error = np.sqrt((count - 1) / (count**2 * (count + 1)) / resamples)
    assert (abs(weights.mean(axis=0) - 1 / count) < 4 * error).all()
    for column in weights.T:
        assert stats.kstest(column, stats.beta(1, count - 1).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(item_weights(count, resamples, 1), weights)
    assert not np.isin(item_weights(count, resamples, 2), weights).any()


def test_interval_is_cut_from_the_percentiles() -> None:
    shuffled = np.random.default_rng(1).permutation(np.arange(101.0))
    assert percentiles(shuffled, 0.9) == pytest.approx((5, 95))
    assert percentiles(shuffled, 0.5) == pytest.approx((25, 75))


def test_values_all_alike_have_no_interval() -> None:
    assert np.isnan(percentiles(np.full(10, 0.25), 0.95)).all()
