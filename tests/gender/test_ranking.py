from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from crossbreed.search.ranking import rank_quality, top_k_regret

Floats = NDArray[np.float64]

few = st.integers(0, 4).map(float)  # few different numbers, so that there are ties
pairs = st.lists(st.tuples(few, few), min_size=2, max_size=9)


def columns(given_pairs: list[tuple[float, float]]) -> tuple[Floats, Floats]:
    x, y = np.array(given_pairs, np.float64).T
    return x, y


def counted_tau(x: Floats, y: Floats) -> float:
    """Return tau-b by its definition: pairs of pairs, one by one."""
    agree = ties_x = ties_y = 0
    total = len(x) * (len(x) - 1) // 2
    for i, j in combinations(range(len(x)), 2):
        ties_x += int(x[i] == x[j])
        ties_y += int(y[i] == y[j])
        agree += int(np.sign(x[i] - x[j]) * np.sign(y[i] - y[j]))
    scale = float((total - ties_x) * (total - ties_y)) ** 0.5
    return agree / scale if scale else 0.0


def test_hand_values() -> None:
    actual = np.array([1.0, 2, 3, 4])
    assert rank_quality(np.array([10.0, 20, 30, 40]), actual) == (1, 0)
    assert rank_quality(-actual, actual) == (-1, 2)
    # One of six pairs is the wrong way round.
    tau, error = rank_quality(np.array([2.0, 1, 3, 4]), actual)
    assert tau == pytest.approx(4 / 6)
    assert error == 0.5


@settings(deadline=None, max_examples=100)
@given(pairs)
def test_tau_is_the_counted_one(given_pairs: list[tuple[float, float]]) -> None:
    x, y = columns(given_pairs)
    assert rank_quality(x, y).tau == pytest.approx(counted_tau(x, y))


@settings(deadline=None, max_examples=100)
@given(st.integers(2, 40).flatmap(lambda count: st.permutations(range(count))))
def test_orders_with_as_many_pairs_reversed_are_equally_good_to_the_last_digit(
    predicted: list[int],
) -> None:
    count = len(predicted)
    reversed_pairs = sum(first > second for first, second in combinations(predicted, 2))
    got = rank_quality(np.array(predicted, float), np.arange(float(count)) / 4)
    assert got.tau == round(1 - 4 * reversed_pairs / (count * (count - 1)), 12)


@pytest.mark.parametrize(
    ("predicted", "actual"),
    [([], []), ([1.0], [2.0]), ([3.0, 3, 3], [1.0, 2, 3]), ([1.0, 2, 3], [2.0, 2, 2])],
    ids=["nothing", "one value", "the same said of all", "all ended the same"],
)
def test_tau_without_any_order_is_zero(predicted: list[float], actual: list[float]) -> None:
    assert rank_quality(np.array(predicted), np.array(actual)).tau == 0


def test_what_is_not_finite_ranks_last() -> None:
    strange = np.array([0.1, np.nan, 0.2])
    assert rank_quality(strange, np.array([1.0, 3, 2])).tau == 1
    assert rank_quality(np.array([0.1, 9.0, 0.2]), np.array([1.0, np.inf, 2])).tau == 1
    assert rank_quality(np.array([0.1, -np.inf, 0.2]), np.array([1.0, 3, 2])).tau == 1


def test_regret_by_hand() -> None:
    predicted, actual = np.array([3.0, 1, 2, 4]), np.array([1.0, 1.5, 1.2, 2])
    expected = [0.5, 0.2, 0, 0, 0]
    assert [top_k_regret(predicted, actual, k) for k in range(1, 6)] == pytest.approx(expected)


@settings(deadline=None, max_examples=100)
@given(st.permutations(range(7)), st.permutations(range(7)), st.integers(1, 7))
def test_regret_is_the_least_over_the_chosen(
    predicted: list[int], actual: list[int], k: int
) -> None:
    chosen = [place for place in range(7) if sum(p < predicted[place] for p in predicted) < k]
    regret = top_k_regret(np.array(predicted, float), np.array(actual, float), k)
    assert regret == min(actual[place] for place in chosen)
