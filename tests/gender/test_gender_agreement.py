"""Kendall's tau by seed, on average and pooled, and what early speed says of the end."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crossbreed.gender.results.early_speed import early_speed_evidence
from crossbreed.gender.results.rank_agreement import Ranked, agreements, pooled_tau
from crossbreed.search.generation import Generation
from gender_histories import COUPLE, Told, make_generation
from search_problem import EVOLUTION

few = st.integers(0, 3).map(float)
groups_of_pairs = st.lists(
    st.lists(st.tuples(few, few), min_size=1, max_size=6), min_size=1, max_size=3
)


def ranked(seed: int, foretold: list[float], losses: list[float]) -> Ranked:
    return Ranked(seed, np.array(foretold, float), np.array(losses, float))


def unrelated(seed: int, draws: np.random.Generator) -> Ranked:
    # Losses count as between 0 and 10 only.
    return Ranked(seed, draws.normal(size=12), 5 + draws.uniform(size=12))


@settings(deadline=None, max_examples=100)
@given(groups_of_pairs)
def test_pooled_tau_counts_every_pair_of_the_same_seed(
    groups: list[list[tuple[float, float]]],
) -> None:
    agree = untied_x = untied_y = 0
    for group in groups:
        for (x, y), (other_x, other_y) in combinations(group, 2):
            agree += int(np.sign(x - other_x) * np.sign(y - other_y))
            untied_x += x != other_x
            untied_y += y != other_y
    scale = (untied_x * untied_y) ** 0.5
    given_groups = [
        ranked(seed, *map(list, zip(*group, strict=True))) for seed, group in enumerate(groups)
    ]
    assert pooled_tau(given_groups) == pytest.approx(agree / scale if scale else 0)


def test_seeds_are_not_compared_with_each_other() -> None:
    # Within each seed the order is perfect; across, all of seed 2 is foretold and ends otherwise.
    groups = [ranked(1, [1, 2, 3], [11, 12, 13]), ranked(2, [101, 102, 103], [1, 2, 3])]
    assert pooled_tau(groups) == 1
    apart = np.concatenate([one.predicted for one in groups])
    losses = np.concatenate([one.losses for one in groups])
    assert stats.kendalltau(apart, losses).statistic < 0


@pytest.mark.parametrize("sign", [1, -1])
def test_perfect_and_reversed_orders(sign: int) -> None:
    losses = [1.0, 2, 3, 4, 5]
    groups = [ranked(seed, [sign * one for one in losses], losses) for seed in (3, 5)]
    found = agreements(groups, 0.95, 200, 1)
    assert [(one.seed, one.n) for one in found] == [
        *(("3", 5), ("5", 5), ("mean", 2), ("pooled", 10)),
    ]
    assert [one.tau for one in found] == pytest.approx([sign] * 4)
    # All resamples agree, and all seeds: no spread can be judged.
    assert np.isnan(
        [number for one in found for number in (one.interval_low, one.interval_high)]
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
        found = agreements(groups, 0.8, 150, study)[-1]
        held.append(found.interval_low <= 0 <= found.interval_high)
    assert abs(np.mean(held) - 0.8) < 3 * (0.8 * 0.2 / 150) ** 0.5


def test_groups_without_an_order_are_left_out() -> None:
    assert agreements([], 0.95, 50, 1) == []
    assert agreements([ranked(1, [1], [1]), ranked(2, [], [])], 0.95, 50, 1) == []
    found = agreements([ranked(1, [1], [1]), ranked(2, [1, 2], [1, 2])], 0.95, 50, 1)
    assert [one.seed for one in found] == ["2", "mean", "pooled"]
    # Nor is there one to foretell where all losses are the same, of 0 or of what diverged.
    alike = ([0.0] * 9, [2.5] * 9, [np.nan, np.inf, 1e9])
    groups = [ranked(9, list(range(len(losses))), losses) for losses in alike]
    assert agreements(groups, 0.95, 50, 1) == []
    assert agreements([*groups, ranked(2, [1, 2], [1, 2])], 0.95, 50, 1) == found
    # Two architectures give a tau, but no interval.
    assert [one.tau for one in found] == [1, 1, 1]
    assert np.isnan(
        [number for one in found for number in (one.interval_low, one.interval_high)]
    ).all()


def test_diverged_ended_worst() -> None:
    found = agreements([ranked(1, [1, 2, 3, 4], [1, 2, np.nan, np.inf])], 0.95, 50, 1)
    # The last two are both bounded to the same loss: 5 pairs agree, of 5 and of 6 that are untied.
    assert found[0].tau == found[-1].tau == pytest.approx(5 / 30**0.5)


def speed_taus(*generations: Generation, per: str = "token") -> dict[tuple[str, str], Any]:
    """Return tau and the number of architectures, the generations being those of two searches."""
    histories = {(1, mode): generations for mode in ("male", "female")}
    evolution = EVOLUTION.model_copy(update={"speed_per": per})
    table = early_speed_evidence(histories, evolution, 0.95, 50, 1)
    assert set(table["assumption"]) == {"early_speed"}
    return {
        (str(row["architectures"]), str(row["seed"])): (pytest.approx(row["tau"]), row["n"])
        for row in table.to_dict("records")
    }


FOUNDERS = make_generation(0, Told(1, 2.0, 1.0), Told(2, 3.0, 2.0), Told(3, 4.0, 3.0))


def test_early_speed_is_set_against_the_end_once_for_each_architecture() -> None:
    # Of those that were bred, the slow end best: one genome is there twice, one was given up, one
    # is a founder's.
    bred = make_generation(
        1,
        Told(4, 2.5, 0.9, parents=COUPLE),
        Told(5, 3.5, 0.8, parents=COUPLE),
        Told(5, 3.5, 0.8, parents=COUPLE),
        Told(6, 3.9, parents=COUPLE),
        Told(1, 2.0, 1.0, parents=COUPLE),
    )
    found = speed_taus(FOUNDERS, bred)
    assert found["unselected", "1"] == (1, 3)
    # In the order of their speed, the losses are 1, 0.9, 2, 0.8, 3: 4 of 10 pairs are swapped.
    assert found["all", "1"] == (2 / 10, 5)
    assert found["all", "pooled"] == (2 / 10, 5)
    assert found["all", "mean"] == (2 / 10, 1)


def test_early_speed_is_counted_as_the_settings_say() -> None:
    # Who gains most by the character takes by far the longest.
    slow = replace(FOUNDERS, early_seconds={1: 100.0, 2: 1.0, 3: 0.01})
    assert speed_taus(slow)["all", "1"] == (1, 3)
    assert speed_taus(slow, per="second")["all", "1"] == (-1, 3)
