"""t intervals against hand values, scipy's own distribution and what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from crossbreed.statistics.intervals import estimate

values = st.lists(st.integers(-1000, 1000).map(lambda each: each / 64), min_size=2, max_size=8)


def test_interval_by_hand() -> None:
    # The standard error is sqrt(2.5 / 5), and t(0.975, 4) is 2.776445 in any table.
    got = estimate([1, 2, 3, 4, 5], 0.95)
    assert (got.mean, got.n) == (3, 5)
    assert got.low == pytest.approx(3 - 2.776445 * 0.5**0.5, abs=1e-6)
    assert got.high == pytest.approx(3 + 2.776445 * 0.5**0.5, abs=1e-6)
    # t is 3 / sqrt(0.5); Student's t of 4 degrees of freedom has a closed form.
    share = 18 / (18 + 4)
    assert got.p == pytest.approx(1 - 1.5 * share**0.5 + 0.5 * share**1.5)


@settings(deadline=None, max_examples=60)
@given(values, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_interval_is_that_of_students_distribution(sample: list[float], confidence: float) -> None:
    assume(len(set(sample)) > 1)
    got = estimate(sample, confidence)
    error = np.std(sample, ddof=1) / len(sample) ** 0.5
    expected = stats.t.interval(confidence, len(sample) - 1, np.mean(sample), error)
    assert (got.low, got.high) == pytest.approx(expected)
    assert got.p == pytest.approx(2 * stats.t.sf(abs(np.mean(sample)) / error, len(sample) - 1))


@pytest.mark.parametrize(
    ("sample", "mean", "count"),
    [([], np.nan, 0), ([0.5], 0.5, 1), ([0.25, 0.25, 0.25], 0.25, 3), ([0.0, 0.0], 0.0, 2)],
    ids=["none", "one", "all alike", "all zero"],
)
def test_there_is_no_interval_where_the_spread_is_not_known(
    sample: list[float], mean: float, count: int
) -> None:
    got = estimate(sample, 0.95)
    np.testing.assert_equal(got, (mean, np.nan, np.nan, np.nan, count))
