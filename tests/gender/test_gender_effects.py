"""Contrasts between modes, paired by seed, against differences worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from crossbreed.config.schema import Study
from crossbreed.gender.results.effects import all_contrasts, differences
from crossbreed.gender.results.outcome import METRICS
from crossbreed.gender.results.search_costs import SEARCH_LOSSES
from crossbreed.gender.results.table_uncertainty import TableBootstrap
from crossbreed.statistics.weighted import item_weights
from gender_tables import DECLARED, DESIGN, TIMES, finals_table, individuals_table
from made_up_table import make_table

NAN = np.nan
METRIC = "final_validation_loss"
ALL = ("baseline", *DESIGN)
ALL_METRICS = (*METRICS, *SEARCH_LOSSES)
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
    searched = best or {mode: known for mode, known in LOSSES.items() if mode != "baseline"}
    contrasts = all_contrasts(modes, "baseline", DECLARED)
    tables = individuals_table(searched), finals_table(losses)
    table = differences(*tables, modes, contrasts, 0.9, None)
    return {(row["contrast"], row["metric"]): dict(row) for row in table.to_dict("records")}  # type: ignore[arg-type]


def without(mode: str, seed: int) -> dict[str, list[float]]:
    """Return the losses, except that a training of this mode's winner diverged."""
    changed = {name: list(losses) for name, losses in LOSSES.items()}
    changed[mode][seed - 1] = NAN
    return changed


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("metric", ALL_METRICS)
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
    rows = compared({mode: losses.tolist() for mode, losses in males.items()}, DESIGN)
    assert [rows[effect, METRIC]["mean_difference"] for effect in EFFECTS] == [-0.25, 0, 0]
    # What varies from seed to seed cancels, so nothing is left to judge the spread from.
    assert np.isnan(rows["male_selection", METRIC]["interval_low"])
    females = {**males, "male": seeds, "female": seeds - 0.25}
    rows = compared({mode: losses.tolist() for mode, losses in females.items()}, DESIGN)
    assert [rows[effect, METRIC]["mean_difference"] for effect in EFFECTS] == [0, -0.25, 0]


@pytest.mark.parametrize("metric", list(METRICS))
def test_mode_is_compared_with_the_baseline_pair_by_pair(metric: str) -> None:
    row = compared(LOSSES)["combined - baseline", metric]
    combined, baseline = (
        np.array(LOSSES[mode]) * TIMES[metric] for mode in ("combined", "baseline")
    )
    assert row["mean_difference"] == pytest.approx((combined - baseline).mean())
    assert row["p"] == pytest.approx(stats.ttest_rel(combined, baseline).pvalue)


def test_seed_that_diverged_is_left_out_of_both_sides() -> None:
    losses = without("male", 2)
    # Unpaired, the baseline's seed 2 would drown all others.
    losses["baseline"][1] = 1000
    rows = compared(losses)
    row = rows["male - baseline", METRIC]
    assert row["mean_difference"] == pytest.approx((0.9 - 1.5 + 2.6 - 3.5) / 2)
    assert (row["n"], row["missing_seeds"]) == (2, "2")
    row = rows["female - baseline", METRIC]
    assert (row["n"], row["missing_seeds"]) == (3, "")


@pytest.mark.parametrize("mode", DESIGN)
@pytest.mark.parametrize("effect", EFFECTS)
def test_effect_lacks_the_seed_of_any_of_its_cells(mode: str, effect: str) -> None:
    rows = compared(without(mode, 1))
    row = rows[effect, METRIC]
    assert row["mean_difference"] == pytest.approx(np.mean(BY_HAND[effect][1:]))
    assert (row["n"], row["missing_seeds"]) == (2, "1")
    # What the search has come to does not hang on the training of its winner.
    row = rows[effect, "best_final_loss"]
    assert row["mean_difference"] == pytest.approx(np.mean(BY_HAND[effect]))
    assert (row["n"], row["missing_seeds"]) == (3, "")


def test_modes_with_the_same_winners_differ_by_exactly_nothing() -> None:
    # Summed with signs, 0.1 and 0.7 leave a rounding behind that would pass for a spread.
    slow, fast = [0.1, 0.2, 0.3], [0.7, 0.8, 0.9]
    rows = compared({"random_mating": slow, "female": slow, "male": fast, "combined": fast}, DESIGN)
    for effect, difference in zip(EFFECTS, (0.6, 0, 0), strict=True):
        row = rows[effect, METRIC]
        assert row["mean_difference"] == difference
        assert np.isnan([row["interval_low"], row["interval_high"], row["p"]]).all()


def test_seed_that_no_mode_has_left_is_named_all_the_same() -> None:
    # Nor does anyone search here, so no table has a number of it.
    rows = compared({"baseline": [1.0, NAN], "male": [2.0, NAN]}, ("baseline", "male"))
    row = rows["male - baseline", METRIC]
    assert (row["n"], row["missing_seeds"]) == (1, "2 3")


def test_one_seed_has_differences_without_intervals() -> None:
    row = compared({mode: losses[:1] for mode, losses in LOSSES.items()}, best={"male": [1.0]})[
        "interaction", METRIC
    ]
    assert row["mean_difference"] == pytest.approx(-0.1)
    assert (row["n"], row["missing_seeds"]) == (1, "")
    assert np.isnan([row["interval_low"], row["interval_high"], row["p"]]).all()


def test_every_contrast_has_what_its_modes_have_and_those_declared_come_last() -> None:
    # The baseline does not search.
    expected = [(f"{mode} - baseline", metric) for mode in DESIGN for metric in METRICS]
    declared = ("combined - male", *EFFECTS)
    expected += [(name, metric) for name in declared for metric in ALL_METRICS]
    assert list(compared(LOSSES)) == expected


def test_without_a_table_no_contrast_is_of_small_networks() -> None:
    finals = finals_table(LOSSES).drop(columns="small_validation_loss")
    individuals = individuals_table({mode: LOSSES[mode] for mode in DESIGN})
    contrasts = all_contrasts(ALL, "baseline", DECLARED)
    metrics = differences(individuals, finals, ALL, contrasts, 0.9, None)["metric"]
    assert set(metrics) == {*ALL_METRICS} - {"small_validation_loss"}


def test_contrasts_are_of_the_modes_that_there_are() -> None:
    assert {name for name, _ in compared(LOSSES, DESIGN)} == {"combined - male", *EFFECTS}
    few = all_contrasts(["baseline", "male", "combined"], "baseline", DECLARED)
    assert few == {
        "male - baseline": {"male": 1, "baseline": -1},
        "combined - baseline": {"combined": 1, "baseline": -1},
        "combined - male": {"combined": 1, "male": -1},
    }
    assert list(all_contrasts(["male", "combined"], "male", DECLARED)) == ["combined - male"]
    assert compared(LOSSES, ("baseline",)) == {}


def test_shipped_contrasts_are_those_of_the_two_by_two_design(study: Study) -> None:
    shipped = all_contrasts([*ALL, "random_search", "tuned_default"], "x", study.gender.contrasts)
    for contrast in DECLARED:
        assert shipped[contrast.name] == contrast.weights
    assert {sum(weights.values()) for weights in shipped.values()} == {0}


def test_differences_on_a_table_have_its_interval_too() -> None:
    # Search seed 1 sees training 1 and is measured by 2, and so on in turn.
    table = make_table([[1.0, 1.1], [2.0, 2.2], [3.0, 2.9]])
    finals = finals_table({"baseline": [2.0, 2.0], "male": [1.0, 1.0]}).query("repeat != seed")
    cells = finals["mode"].map({"baseline": 1, "male": 0})
    finals = finals.assign(cell=cells, small_cell=cells)
    bootstrap = TableBootstrap(finals, table, item_weights(3, 400, 1), 1)
    contrasts = all_contrasts(["baseline", "male"], "baseline", [])
    individuals = individuals_table({"male": [1.0, 1.0]})
    modes = ["baseline", "male"]
    rows = differences(individuals, finals, modes, contrasts, 0.9, bootstrap).set_index("metric")
    interval = bootstrap.interval(METRIC, {"male": 1, "baseline": -1}, 0.9)
    assert tuple(rows.loc[METRIC, ["table_low", "table_high"]]) == interval
    assert interval[0] < -1.1 < interval[1]
    assert not {*SEARCH_LOSSES} & {*rows.index}
    diverged = finals.assign(diverged=finals["mode"] == "male")
    lost = differences(individuals, diverged, modes, contrasts, 0.9, bootstrap)
    assert (lost["n"][lost["metric"] == METRIC] == 0).all()
    assert lost["table_low"].isna().all()
