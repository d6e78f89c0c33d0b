"""Kendall's tau-b against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crossbreed.statistics.rank_agreement import kendall_tau, pair_orders

few = st.integers(0, 3).map(float)
pairs = st.lists(st.tuples(few, few), max_size=9)


@settings(deadline=None, max_examples=100)
@given(pairs)
def test_tau_is_scipys_and_zero_where_that_is_undefined(
    given_pairs: list[tuple[float, float]],
) -> None:
    x, y = np.array(given_pairs, np.float64).reshape(-1, 2).T
    alike = len(set(x)) < 2 or len(set(y)) < 2
    expected = 0.0 if alike else float(stats.kendalltau(x, y).statistic)
    assert kendall_tau(pair_orders(x), pair_orders(y)) == pytest.approx(expected)
