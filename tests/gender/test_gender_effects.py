"""Contrasts between modes, paired by seed, against differences worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from crossbreed.gender.results.effects import (
    FACTORIAL_METRICS,
    differences,
)
from crossbreed.gender.results.outcome import METRICS
from gender_tables import CELLS, TIMES, finals_table, individuals_table

NAN = np.nan
METRIC = "whole_validation_loss"
ALL = ("baseline", *CELLS)
BESIDES = ("combined - male", "combined - female", "combined - random_mating")
EFFECTS = ("male_selection", "female_selection", "interaction")
# By mode, the losses of seeds 1, 2 and 3. Of seed 1 by hand: male (0.9 + 0.6 - 1.0 - 0.8) / 2,
# female (0.8 + 0.6 - 1.0 - 0.9) / 2, interaction 0.6 - 0.9 - 0.8 + 1.0.
LOSSES = {
    "baseline": [1.5, 2.5, 3.5],
    "random_mating": [1.0, 2.0, 3.0],
    "male": [0.9, 1.9, 2.6],
    "female": [0.8, 1.6, 2.8],
    "combined": [0.6, 1.9, 2.2],
}
BY_HAND = {
    "male_selection": [-0.15, 0.1, -0.5],
    "female_selection": [-0.25, -0.2, -0.3],
    "interaction": [-0.1, 0.4, -0.2],
}


def compared(
    losses: Mapping[str, Sequence[float]],
    modes: Sequence[str] = ALL,
    best: Mapping[str, Sequence[float]] | None = None,
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows by contrast and metric."""
    searched = best or {mode: found for mode, found in LOSSES.items() if mode != "baseline"}
    table = differences(individuals_table(searched), finals_table(losses), modes, 0.9)
    return {(row["contrast"], row["metric"]): dict(row) for row in table.to_dict("records")}  # type: ignore[arg-type]


def without(mode: str, seed: int) -> dict[str, list[float]]:
    """Return the losses, except that a training of this mode's winner diverged."""
    changed = {name: list(losses) for name, losses in LOSSES.items()}
    changed[mode][seed - 1] = NAN
    return changed


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("metric", FACTORIAL_METRICS)
def test_effect_is_the_mean_of_those_by_hand(effect: str, metric: str) -> None:
    row = compared(LOSSES)[effect, metric]
    expected = np.array(BY_HAND[effect]) * TIMES.get(metric, 1)
    test = stats.ttest_1samp(expected, 0)
    interval = test.confidence_interval(0.9)
    assert row["mean_difference"] == pytest.approx(expected.mean())
    assert (row["interval_low"], row["interval_high"]) == pytest.approx(tuple(interval))
    assert row["p"] == pytest.approx(test.pvalue)
    assert (row["n"], row["missing_seeds"]) == (3, "")


def test_one_kind_of_selection_alone_shows_in_its_own_effect_alone() -> None:
    seeds = np.array([5.0, 50.0, 500.0])
    males = {
        "random_mating": seeds,
        "female": seeds,
        "male": seeds - 0.25,
        "combined": seeds - 0.25,
    }
    found = compared({mode: losses.tolist() for mode, losses in males.items()}, CELLS)
    assert [found[effect, METRIC]["mean_difference"] for effect in EFFECTS] == [-0.25, 0, 0]
    # What varies from seed to seed cancels, so nothing is left to judge the spread from.
    assert np.isnan(found["male_selection", METRIC]["interval_low"])
    females = {**males, "male": seeds, "female": seeds - 0.25}
    found = compared({mode: losses.tolist() for mode, losses in females.items()}, CELLS)
    assert [found[effect, METRIC]["mean_difference"] for effect in EFFECTS] == [0, -0.25, 0]


@pytest.mark.parametrize("metric", list(METRICS))
def test_mode_is_compared_with_the_baseline_pair_by_pair(metric: str) -> None:
    row = compared(LOSSES)["combined - baseline", metric]
    one, other = (np.array(LOSSES[mode]) * TIMES[metric] for mode in ("combined", "baseline"))
    assert row["mean_difference"] == pytest.approx((one - other).mean())
    assert row["p"] == pytest.approx(stats.ttest_rel(one, other).pvalue)


def test_seed_that_diverged_is_left_out_of_both_sides() -> None:
    losses = without("male", 2)
    # Unpaired, the baseline's seed 2 would drown all others.
    losses["baseline"][1] = 1000
    found = compared(losses)
    row = found["male - baseline", METRIC]
    assert row["mean_difference"] == pytest.approx((0.9 - 1.5 + 2.6 - 3.5) / 2)
    assert (row["n"], row["missing_seeds"]) == (2, "2")
    row = found["female - baseline", METRIC]
    assert (row["n"], row["missing_seeds"]) == (3, "")


@pytest.mark.parametrize("mode", CELLS)
@pytest.mark.parametrize("effect", EFFECTS)
def test_effect_lacks_the_seed_of_any_of_its_cells(mode: str, effect: str) -> None:
    found = compared(without(mode, 1))
    row = found[effect, METRIC]
    assert row["mean_difference"] == pytest.approx(np.mean(BY_HAND[effect][1:]))
    assert (row["n"], row["missing_seeds"]) == (2, "1")
    # What the search found does not hang on the training of its winner.
    row = found[effect, "best_final_loss"]
    assert row["mean_difference"] == pytest.approx(np.mean(BY_HAND[effect]))
    assert (row["n"], row["missing_seeds"]) == (3, "")


def test_modes_that_found_the_same_differ_by_exactly_nothing() -> None:
    # Summed with signs, 0.1 and 0.7 leave a rounding behind that would pass for a spread.
    slow, fast = [0.1, 0.2, 0.3], [0.7, 0.8, 0.9]
    found = compared({"random_mating": slow, "female": slow, "male": fast, "combined": fast}, CELLS)
    for effect, difference in zip(EFFECTS, (0.6, 0, 0), strict=True):
        row = found[effect, METRIC]
        assert row["mean_difference"] == difference
        assert np.isnan([row["interval_low"], row["interval_high"], row["p"]]).all()


def test_seed_that_no_mode_has_left_is_named_all_the_same() -> None:
    # Nor does anyone search here, so no table has a number of it.
    row = compared({"baseline": [1.0, NAN], "other": [2.0, NAN]}, ("baseline", "other"))
    found = row["other - baseline", METRIC]
    assert (found["n"], found["missing_seeds"]) == (1, "2 3")


def test_one_seed_has_differences_without_intervals() -> None:
    row = compared({mode: losses[:1] for mode, losses in LOSSES.items()}, best={"male": [1.0]})[
        "interaction", METRIC
    ]
    assert row["mean_difference"] == pytest.approx(-0.1)
    assert (row["n"], row["missing_seeds"]) == (1, "")
    assert np.isnan([row["interval_low"], row["interval_high"], row["p"]]).all()


def test_every_mode_has_every_metric_and_the_effects_come_last() -> None:
    expected = [(f"{mode} - baseline", metric) for mode in CELLS for metric in METRICS]
    expected += [
        (contrast, metric) for contrast in (*BESIDES, *EFFECTS) for metric in FACTORIAL_METRICS
    ]
    assert list(compared(LOSSES)) == expected


def test_without_a_baseline_only_the_effects_are_left() -> None:
    found = compared(LOSSES, CELLS)
    assert {contrast for contrast, _ in found} == {*BESIDES, *EFFECTS}
    assert found["interaction", METRIC]["n"] == 3


@pytest.mark.parametrize("cell", CELLS)
def test_without_a_cell_there_are_no_effects(cell: str) -> None:
    modes = [mode for mode in ALL if mode != cell]
    found = compared({mode: LOSSES[mode] for mode in modes}, modes)
    assert {contrast for contrast, _ in found} == {
        *(f"{one} - baseline" for one in modes[1:]),
        *(pair for pair in BESIDES if set(pair.split(" - ")) <= set(modes)),
    }
