"""Kendall's tau by seed, on average and pooled, with intervals."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from crossbreed.statistics.rank_agreement import Ranked, agreements, kendall_interval, pooled_tau

Floats = NDArray[np.float64]
few = st.integers(0, 3).map(float)
groups_of_pairs = st.lists(
    st.lists(st.tuples(few, few), min_size=1, max_size=6), min_size=1, max_size=3
)


def ranked(seed: int, predicted: list[float], losses: list[float]) -> Ranked:
    return Ranked(seed, np.array(predicted, float), np.array(losses, float))


def unrelated(seed: int, draws: np.random.Generator) -> Ranked:
    return Ranked(seed, draws.normal(size=12), 5 + draws.uniform(size=12))


@settings(deadline=None, max_examples=100)
@given(groups_of_pairs)
def test_pooled_tau_counts_every_pair_of_the_same_seed(
    groups: list[list[tuple[float, float]]],
) -> None:
    agree = untied_x = untied_y = 0
    for group in groups:
        for (x, y), (next_x, next_y) in combinations(group, 2):
            agree += int(np.sign(x - next_x) * np.sign(y - next_y))
            untied_x += x != next_x
            untied_y += y != next_y
    scale = (untied_x * untied_y) ** 0.5
    given_groups = [
        ranked(seed, *map(list, zip(*group, strict=True))) for seed, group in enumerate(groups)
    ]
    assert pooled_tau(given_groups) == pytest.approx(agree / scale if scale else 0)


def test_seeds_are_not_compared_with_each_other() -> None:
    # Within each seed the order is perfect; across, all of seed 2 is predicted and ends otherwise.
    groups = [ranked(1, [1, 2, 3], [11, 12, 13]), ranked(2, [101, 102, 103], [1, 2, 3])]
    assert pooled_tau(groups) == 1
    apart = np.concatenate([each.predicted for each in groups])
    losses = np.concatenate([each.losses for each in groups])
    assert stats.kendalltau(apart, losses).statistic < 0


@pytest.mark.parametrize("sign", [1, -1])
def test_perfect_and_reversed_orders(sign: int) -> None:
    losses = [1.0, 2, 3, 4, 5]
    groups = [ranked(seed, [sign * each for each in losses], losses) for seed in (3, 5)]
    got = agreements(groups, 0.95, 200, 1)
    assert [(each.seed, each.n) for each in got] == [
        *(("3", 5), ("5", 5), ("mean", 2), ("pooled", 10)),
    ]
    assert [each.tau for each in got] == pytest.approx([sign] * 4)
    # All resamples agree, and all seeds: no spread can be judged.
    assert np.isnan(
        [number for each in got for number in (each.interval_low, each.interval_high)]
    ).all()


def test_mean_is_over_seeds_with_their_t_interval_and_pooled_weighs_pairs() -> None:
    groups = [
        ranked(1, [1, 2, 3, 4], [1, 2, 3, 4]),
        ranked(2, [1, 2, 3, 4], [2, 1, 3, 4]),
        ranked(3, [1, 2], [2, 1]),
    ]
    *_, mean, pooled = agreements(groups, 0.9, 50, 1)
    taus = [1, 4 / 6, -1]
    low, high = stats.t.interval(0.9, 2, np.mean(taus), stats.sem(taus))
    assert low < -1
    assert high > 1
    assert mean == pytest.approx(("mean", np.mean(taus), -1, 1, 3))
    narrow = stats.t.interval(0.2, 2, np.mean(taus), stats.sem(taus))
    *_, mean, pooled = agreements(groups, 0.2, 50, 1)
    assert (mean.interval_low, mean.interval_high) == pytest.approx(narrow)
    # Of 13 pairs, 11 the right way round and 2 the wrong.
    assert pooled.tau == pytest.approx(9 / 13)
    assert pooled.n == 10


def test_pooled_interval_of_unrelated_numbers_holds_zero_as_often_as_it_promises() -> None:
    draws = np.random.default_rng(6)
    held = []
    for study in range(150):
        groups = [unrelated(seed, draws) for seed in range(4)]
        got = agreements(groups, 0.8, 150, study)[-1]
        held.append(got.interval_low <= 0 <= got.interval_high)
    assert abs(np.mean(held) - 0.8) < 3 * (0.8 * 0.2 / 150) ** 0.5


def test_groups_without_an_order_are_left_out() -> None:
    assert agreements([], 0.95, 50, 1) == []
    assert agreements([ranked(1, [1], [1]), ranked(2, [], [])], 0.95, 50, 1) == []
    got = agreements([ranked(1, [1], [1]), ranked(2, [1, 2], [1, 2])], 0.95, 50, 1)
    assert [each.seed for each in got] == ["2", "mean", "pooled"]
    # Nor is there one to predict where all losses are the same.
    alike = ([0.0] * 9, [2.5] * 3)
    groups = [ranked(9, list(range(len(losses))), losses) for losses in alike]
    assert agreements(groups, 0.95, 50, 1) == []
    assert agreements([*groups, ranked(2, [1, 2], [1, 2])], 0.95, 50, 1) == got
    # Two architectures give a tau, but no interval.
    assert [each.tau for each in got] == [1, 1, 1]
    assert np.isnan(
        [number for each in got for number in (each.interval_low, each.interval_high)]
    ).all()


def test_interval_is_that_of_scipys_own_tau() -> None:
    draws = np.random.default_rng(3)
    x = draws.integers(0, 6, 12).astype(float)
    y = x + draws.normal(0, 2, 12)

    def statistic(each: Floats, second: Floats) -> float:
        return float(stats.kendalltau(each, second).statistic)

    expected = stats.bootstrap(
        (x, y),
        statistic,
        paired=True,
        vectorized=False,
        confidence_level=0.9,
        n_resamples=300,
        method="percentile",
        rng=np.random.default_rng(5),
    ).confidence_interval
    interval = kendall_interval(x, y, 0.9, 300, 5)
    assert interval == pytest.approx((expected.low, expected.high))


def test_interval_does_not_depend_on_the_batches_it_is_drawn_in() -> None:
    # At this length a batch holds 44 resamples: the 200 take several.
    draws = np.random.default_rng(3)
    x, y = draws.normal(size=(2, 300))
    low, high = kendall_interval(x, y, 0.95, 200, 1) or (np.nan, np.nan)
    # Asymptotically, tau of independent samples has this deviation.
    deviation = np.sqrt(2 * (2 * 300 + 5) / (9 * 300 * 299))
    assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.3)
    assert low < stats.kendalltau(x, y).statistic < high


def test_a_perfect_order_has_no_interval_since_all_resamples_agree() -> None:
    x = np.arange(10.0)
    assert kendall_interval(x, 2 * x, 0.95, 500, 1) is None


def test_no_interval_without_enough_pairs_or_order() -> None:
    assert kendall_interval(np.arange(7.0), np.arange(7.0) % 3, 0.95, 100, 1) is None
    assert kendall_interval(np.zeros(9), np.arange(9.0), 0.95, 100, 1) is None
