"""t intervals against hand values, scipy's own distribution and what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from crossbreed.statistics.intervals import estimate

values = st.lists(st.integers(-1000, 1000).map(lambda one: one / 64), min_size=2, max_size=8)


def test_interval_by_hand() -> None:
    # The standard error is sqrt(2.5 / 5), and t(0.975, 4) is 2.776445 in any table.
    found = estimate([1, 2, 3, 4, 5], 0.95)
    assert (found.mean, found.n) == (3, 5)
    assert found.low == pytest.approx(3 - 2.776445 * 0.5**0.5, abs=1e-6)
    assert found.high == pytest.approx(3 + 2.776445 * 0.5**0.5, abs=1e-6)
    # t is 3 / sqrt(0.5); Student's t of 4 degrees of freedom has a closed form.
    share = 18 / (18 + 4)
    assert found.p == pytest.approx(1 - 1.5 * share**0.5 + 0.5 * share**1.5)


def test_two_values_have_the_interval_of_one_degree_of_freedom() -> None:
    # t(0.75, 1) is 1: at a level of a half, the interval is the standard error to either side.
    assert estimate([0, 2], 0.5)[:3] == pytest.approx((1, 0, 2))
    assert estimate([0, 2], 0.95)[:3] == pytest.approx((1, 1 - 12.7062, 1 + 12.7062), abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(values, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_interval_is_that_of_students_distribution(sample: list[float], confidence: float) -> None:
    assume(len(set(sample)) > 1)
    found = estimate(sample, confidence)
    error = np.std(sample, ddof=1) / len(sample) ** 0.5
    expected = stats.t.interval(confidence, len(sample) - 1, np.mean(sample), error)
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(np.mean(sample)) / error, len(sample) - 1))


@settings(deadline=None, max_examples=60)
@given(values)
def test_interval_without_zero_and_small_p_are_the_same(sample: list[float]) -> None:
    assume(len(set(sample)) > 1)
    found = estimate(sample, 0.9)
    assume(abs(found.p - 0.1) > 1e-9)
    assert (found.low > 0 or found.high < 0) == (found.p < 0.1)


@pytest.mark.parametrize(
    ("sample", "mean", "count"),
    [([], np.nan, 0), ([0.5], 0.5, 1), ([0.25, 0.25, 0.25], 0.25, 3), ([0.0, 0.0], 0.0, 2)],
    ids=["none", "one", "all alike", "all zero"],
)
def test_there_is_no_interval_where_the_spread_is_not_known(
    sample: list[float], mean: float, count: int
) -> None:
    found = estimate(sample, 0.95)
    np.testing.assert_equal(found, (mean, np.nan, np.nan, np.nan, count))


@pytest.mark.parametrize("count", [2, 5])
def test_interval_holds_the_truth_as_often_as_it_promises(count: int) -> None:
    # A normal quantile in the place of t would miss it in 35 % or 18 % of cases, not in 10 %.
    draws = np.random.default_rng(7).normal(3, 2, (600, count))
    held = []
    for sample in draws:
        found = estimate(sample.tolist(), 0.9)
        held.append(found.low < 3 < found.high)
    assert abs(np.mean(held) - 0.9) < 3 * (0.9 * 0.1 / 600) ** 0.5
