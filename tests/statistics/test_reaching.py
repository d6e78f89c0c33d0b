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

# The loss after epochs 1 to 4, by arm and run.
CURVES: dict[str, list[list[float]]] = {
    "baseline": [[4.0, 3, 2, 1], [4, 3, 2, 2], [4, 3, 2, 1.5]],
    "bred": [[4.0, 3, 5, 0.5], [4, 3, 2, 2], [4, 3, 6, 5]],
}


def by_epoch(curves: dict[str, list[list[float]]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (run, arm, epoch, loss)
            for arm, runs in curves.items()
            for run, losses in enumerate(runs, start=1)
            for epoch, loss in enumerate(losses, start=1)
        ],
        columns=["run", "arm", "epoch", "best_train_loss"],
    )


def times(target: str, arm: str) -> list[tuple[int, bool]]:
    found = times_to_targets(by_epoch(CURVES), "baseline", {"bred": 2})
    chosen = found[(found["target"] == target) & (found["arm"] == arm)]
    return list(zip(chosen["epochs"], chosen["reached"], strict=True))


def test_the_first_epoch_at_the_target_counts() -> None:
    assert times(REFERENCE_FINAL, "baseline") == [(4, True), (3, True), (4, True)]
    # The third run never reaches 1.5: it is censored after its 4 epochs, not left out.
    assert times(REFERENCE_FINAL, "bred") == [(4, True), (3, True), (4, False)]


def test_offspring_are_back_at_their_parents_loss_counted_from_the_event() -> None:
    # At the event, after epoch 2, the best parent has a loss of 3.
    assert times(PARENTS, "bred") == [(2, True), (1, True), (2, False)]
    assert times(PARENTS, "baseline") == []


def test_a_run_that_loses_its_networks_is_censored_when_it_does() -> None:
    lost = {**CURVES, "bred": [[4.0, 3, math.nan, math.nan], *CURVES["bred"][1:]]}
    found = times_to_targets(by_epoch(lost), "baseline", {"bred": 2})
    row = found[(found["arm"] == "bred") & (found["run"] == 1)].set_index("target")
    assert list(row.loc[REFERENCE_FINAL, ["epochs", "reached"]]) == [2, False]
    assert list(row.loc[PARENTS, ["epochs", "reached"]]) == [0, False]


def test_medians_and_shares_are_kaplan_and_meiers_and_clopper_and_pearsons() -> None:
    found = times_to_targets(by_epoch(CURVES), "baseline", {"bred": 2})
    rows = reached(found, {"bred": 2}, 4, 0.95).to_dict("records")
    table = {(row["target"], row["arm"]): row for row in rows}
    bred = table[REFERENCE_FINAL, "bred"]
    assert (bred["runs"], bred["reached"], bred["median_epochs"]) == (3, 2, 4)
    # Of the two epochs left after the event, one run of three needs no more than one.
    assert bred["share_in_half"] == pytest.approx(1 / 3)
    assert bred["share_low"] == pytest.approx(stats.beta.ppf(0.025, 1, 3))
    assert bred["share_high"] == pytest.approx(stats.beta.ppf(0.975, 2, 2))
    assert table[PARENTS, "bred"]["share_in_half"] == pytest.approx(1 / 3)
    # Of all four epochs, the baseline needs more than half to be where it ends.
    assert table[REFERENCE_FINAL, "baseline"]["share_in_half"] == 0


def test_kaplan_and_meiers_published_example() -> None:
    # Freireich et al. 1963 (Blood 21), weeks of remission with 6-mercaptopurine; the share still in
    # remission after 6, 7 and 10 weeks is 0.857, 0.807 and 0.753, the median 23 weeks.
    events = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    group = pd.DataFrame(
        {
            "epochs": [*events, *censored],
            "reached": [True] * len(events) + [False] * len(censored),
        }
    )
    steps = share_reached(group)
    share = dict(zip(steps.epochs, steps.share, strict=True))
    assert [round(1 - share[week], 3) for week in (6, 7, 10)] == [0.857, 0.807, 0.753]
    table = reached(group.assign(target="t", arm="a"), {}, 100, 0.95)
    assert table["median_epochs"].tolist() == [23]


def test_too_few_that_arrive_have_no_median() -> None:
    group = pd.DataFrame({"epochs": [1, 5, 5], "reached": [True, False, False]})
    table = reached(group.assign(target="t", arm="a"), {}, 10, 0.95)
    assert math.isnan(table["median_epochs"].iloc[0])


def test_cost_counts_networks_and_quality_is_compared_at_the_least_budget() -> None:
    losses = by_epoch(CURVES)
    # Two networks in both arms, of which the bred arm keeps one after epoch 2.
    curves = pd.DataFrame(
        [
            (run, arm, epoch, network)
            for arm in CURVES
            for run in (1, 2, 3)
            for epoch in (1, 2, 3, 4)
            for network in ((1, 2) if arm == "baseline" or epoch <= 2 else (1,))
        ],
        columns=["run", "arm", "epoch", "network"],
    )
    table = cost_of_arms(curves, losses, {"bred": 12.5}, "baseline", 0.95).set_index("arm")
    assert table["network_epochs"].tolist() == [8, 6]
    assert table["budget"].tolist() == [6, 6]
    # With 6 network-epochs the baseline is at epoch 3, with a loss of 2 in all runs.
    assert table["epoch_at_budget"].tolist() == [3, 4]
    assert table.loc["baseline", "best_train_loss"] == 2
    assert table["seconds"].isna().tolist() == [True, False]
    assert table.loc["bred", "seconds"] == 12.5
    ratios = [0.5 / 2, 2 / 2, 5 / 2]
    assert table.loc["bred", "difference"] == pytest.approx(math.prod(ratios) ** (1 / 3) - 1)
