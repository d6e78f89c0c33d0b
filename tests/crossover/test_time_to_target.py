"""How fast losses are reached, and what arms cost, on curves worked out by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy import stats

from crossbreed.crossover.results.cost import cost_of_arms
from crossbreed.crossover.results.time_to_target import (
    PARENTS,
    REFERENCE_FINAL,
    reached,
    share_reached,
    times_to_targets,
)
from paired_tables import by_epoch

# The loss after epochs 1 to 4, by arm and run.
CURVES: dict[str, list[list[float]]] = {
    "baseline": [[4.0, 3, 2, 1], [4, 3, 2, 2], [4, 3, 2, 1.5]],
    "bred": [[4.0, 3, 5, 0.5], [4, 3, 2, 2], [4, 3, 6, 5]],
}


def times(target: str, arm: str, curves: dict[str, list[list[float]]]) -> list[tuple[int, bool]]:
    table = times_to_targets(by_epoch(**curves), "baseline", {"bred": 2})
    chosen = table[(table["target"] == target) & (table["arm"] == arm)]
    return list(zip(chosen["epochs"], chosen["reached"], strict=True))


def test_the_first_epoch_at_the_target_counts() -> None:
    assert times(REFERENCE_FINAL, "baseline", CURVES) == [(4, True), (3, True), (4, True)]
    # The third run never reaches 1.5: it is censored after its 4 epochs, not left out.
    assert times(REFERENCE_FINAL, "bred", CURVES) == [(4, True), (3, True), (4, False)]


def test_offspring_are_back_at_their_parents_loss_counted_from_the_event() -> None:
    # At the event, after epoch 2, the best parent has a loss of 3.
    assert times(PARENTS, "bred", CURVES) == [(2, True), (1, True), (2, False)]
    assert times(PARENTS, "baseline", CURVES) == []


def test_a_run_that_loses_its_networks_is_censored_when_it_does() -> None:
    lost = {**CURVES, "bred": [[4.0, 3, math.nan, math.nan]]}
    assert times(REFERENCE_FINAL, "bred", lost) == [(2, False)]
    assert times(PARENTS, "bred", lost) == [(0, False)]


@pytest.mark.parametrize(
    ("baseline", "bred", "kept"),
    [
        ([0.0, 0, 0, 0], [0.0, 0, 0, 0], False),
        ([4.0, 1, 2, 2], [4.0, 1, 3, 3], False),
        ([4.0, 3, 2, 1], [4.0, 3, 1, 1], True),
    ],
)
def test_what_was_reached_before_an_arm_bred_is_not_its_merit(
    baseline: list[float], bred: list[float], kept: bool
) -> None:
    curves = {"baseline": [baseline], "bred": [bred]}
    assert bool(times(REFERENCE_FINAL, "bred", curves)) == kept
    assert times(REFERENCE_FINAL, "baseline", curves)


def test_medians_and_shares_are_kaplan_and_meiers_and_clopper_and_pearsons() -> None:
    table = times_to_targets(by_epoch(**CURVES), "baseline", {"bred": 2})
    rows = reached(table, {"bred": 2}, 4, 0.95).to_dict("records")
    by_arm = {(row["target"], row["arm"]): row for row in rows}
    bred = by_arm[REFERENCE_FINAL, "bred"]
    assert (bred["runs"], bred["reached"], bred["median_epochs"]) == (3, 2, 4)
    # Of the two epochs left after the event, one run of three needs no more than one.
    assert bred["share_in_half"] == pytest.approx(1 / 3)
    assert bred["share_low"] == pytest.approx(stats.beta.ppf(0.025, 1, 3))
    assert bred["share_high"] == pytest.approx(stats.beta.ppf(0.975, 2, 2))
    assert by_arm[PARENTS, "bred"]["share_in_half"] == pytest.approx(1 / 3)
    # Of all four epochs, the baseline needs more than half to be where it ends.
    assert by_arm[REFERENCE_FINAL, "baseline"]["share_in_half"] == 0


def test_kaplan_and_meiers_published_example() -> None:
    # Freireich et al. 1963 (Blood 21), weeks of remission with 6-mercaptopurine; the share still in
    # remission after 6, 7 and 10 weeks is 0.857, 0.807 and 0.753, the median 23 weeks.
    events = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    arrived = [True] * len(events) + [False] * len(censored)
    group = pd.DataFrame({"epochs": [*events, *censored], "reached": arrived})
    share = dict(zip(*share_reached(group), strict=True))
    assert [round(1 - share[week], 3) for week in (6, 7, 10)] == [0.857, 0.807, 0.753]
    table = reached(group.assign(target="t", arm="a"), {}, 100, 0.95)
    assert table["median_epochs"].tolist() == [23]
    # Too few that arrive have no median.
    table = reached(group[~group["reached"]].assign(target="t", arm="a"), {}, 100, 0.95)
    assert math.isnan(table["median_epochs"].iloc[0])


def cost(curves: dict[str, list[list[float]]], kept: int) -> pd.DataFrame:
    """Return what arms cost of whose two networks the bred arm keeps some after epoch 2."""
    losses = by_epoch(**curves)
    second = losses[(losses["arm"] == "baseline") | (losses["epoch"] <= 2) | (kept == 2)]
    networks = pd.concat([losses.assign(network=1), second.assign(network=2)])
    return cost_of_arms(networks, losses, {"bred": 12.5}, "baseline", 0.95).set_index("arm")


def test_cost_counts_networks_and_quality_is_compared_at_the_least_budget() -> None:
    table = cost(CURVES, kept=1)
    assert table["network_epochs"].tolist() == [8, 6]
    assert table["budget"].tolist() == [6, 6]
    # With 6 network-epochs the baseline is at epoch 3, with a loss of 2 in all runs.
    assert table["epoch_at_budget"].tolist() == [3, 4]
    assert table.loc["baseline", "best_train_loss"] == 2
    assert table["seconds"].isna().tolist() == [True, False]
    assert table.loc["bred", "seconds"] == 12.5
    ratios = [0.5 / 2, 2 / 2, 5 / 2]
    assert table.loc["bred", "difference"] == pytest.approx(math.prod(ratios) ** (1 / 3) - 1)


def test_cost_has_no_difference_where_a_loss_is_0() -> None:
    table = cost({"baseline": [[1.0], [0.0]], "bred": [[2.0], [2.0]]}, kept=2)
    assert table["difference"].isna()["bred"]
    assert table["runs"]["bred"] == 2
