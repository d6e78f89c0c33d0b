"""Which comparisons are made, how they are corrected, and how they are told."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from crossbreed.crossover.results.contrasts import (
    COLUMNS,
    MISSING,
    as_table,
    compare_arms,
    declared_contrasts,
    differences_by_epoch,
)
from crossbreed.crossover.results.outcomes import outcomes, outcomes_by_epoch
from crossbreed.crossover.results.summary import summary
from paired_tables import ASKED, DECLARED, compared, rows

NAN = math.nan


def test_every_arm_meets_the_reference_and_declared_contrasts_follow() -> None:
    arms = ["baseline", "crossover", "clone", "other"]
    made = [(one.arm, one.reference) for one in declared_contrasts(DECLARED, arms)]
    assert made == [
        *(("crossover", "baseline"), ("clone", "baseline"), ("other", "baseline")),
        ("crossover", "clone"),
    ]
    # A contrast of an arm that was not run is left out.
    made = [(one.arm, one.reference) for one in declared_contrasts(DECLARED, arms[:2])]
    assert made == [("crossover", "baseline")]


def test_one_comparison_is_primary() -> None:
    got = compared(
        *(
            rows(arm, epoch, best_train_loss=[1, 2], test_loss=[2, 3])
            for arm in ("baseline", "crossover")
            for epoch in (5, 10)
        )
    )
    assert [(one.metric, one.epoch) for one in got if one.primary] == [("best_train_loss", 10)]


def test_secondary_comparisons_of_an_epoch_are_corrected_together() -> None:
    random = np.random.default_rng(1)
    got = compared(
        *(
            rows(
                arm,
                epoch,
                best_train_loss=random.lognormal(0, 0.1, 6),
                test_loss=random.lognormal(0.1 * len(arm), 0.1, 6),
            )
            for arm in ("baseline", "crossover", "clone")
            for epoch in (5, 10)
        )
    )
    for epoch in (5, 10):
        family = [one for one in got if one.epoch == epoch and not one.primary]
        # Two metrics of three contrasts, one of which is primary at the last epoch.
        assert len(family) == (6 if epoch == 5 else 5)
        wanted = multipletests([one.answer.p_paired_t for one in family], method="holm")[1]
        assert [one.p_holm for one in family] == pytest.approx(list(wanted))
    (primary,) = (one for one in got if one.primary)
    assert primary.p_holm is None


def test_holm_by_hand() -> None:
    # Three p values of 0.01, 0.04 and 0.03 become 0.03, 0.06 and 0.06 (Holm 1979).
    wanted = multipletests([0.01, 0.04, 0.03], method="holm")[1]
    assert list(wanted) == pytest.approx([0.03, 0.06, 0.06])


def test_run_that_one_arm_lacks_is_left_out_of_the_pairs() -> None:
    # Runs 1 to 4 against runs 2 to 5: of the three pairs each ratio is 1/2.
    (got,) = compared(
        rows("baseline", test_loss=[100, 2, 4, 8]),
        rows("mine", first_run=2, test_loss=[1, 2, 4, 100]),
    )
    assert got.answer.runs == 3
    assert got.answer.difference == pytest.approx(-0.5)
    assert (got.reference_mean, got.arm_mean) == pytest.approx((14 / 3, 7 / 3))
    assert got.missing_runs == [1, 5]


def test_runs_that_are_no_pairs_are_named() -> None:
    got = compared(
        rows("baseline", best_train_loss=[1, NAN, 1, 1]),
        rows("mine", best_train_loss=[2, 2, NAN, 4.5]),
        rows("gone", best_train_loss=[NAN] * 4),
    )
    assert [(one.arm, one.answer.runs, one.missing_runs) for one in got] == [
        ("mine", 2, [2, 3]),
        ("gone", 0, [1, 2, 3, 4]),
    ]
    nothing = (got[1].reference_mean, got[1].arm_mean, got[1].answer.difference)
    assert nothing == (None,) * 3
    assert as_table(got)["missing_runs"].tolist() == ["2 3", "1 2 3 4"]
    text = summary(got, DECLARED)
    assert "2 runs, missing: 2 3)" in text
    assert "nothing to compare (0 runs, missing: 1 2 3 4)" in text
    assert MISSING in text


def test_no_run_at_all_is_still_a_table() -> None:
    arms = ("baseline", "mine")
    got = compared(*(rows(arm, best_train_loss=[NAN, NAN]) for arm in arms))
    assert [(one.arm, one.metric, one.answer.runs) for one in got] == [
        ("mine", "best_train_loss", 0)
    ]
    assert "nothing to compare" in summary(got, DECLARED)


def test_pairs_are_by_run_whatever_the_order_of_rows() -> None:
    tables = [rows("baseline", test_loss=[1, 2, 3]), rows("mine", test_loss=[3, 5, 7])]
    shuffled = pd.concat(tables).sample(frac=1, random_state=3)
    assert compare_arms(shuffled, DECLARED, ASKED) == compared(*tables)


def test_metric_that_was_not_measured_has_no_row() -> None:
    got = compared(
        *(
            rows(arm, best_train_loss=[1, 2], test_loss=[2, 3], test_accuracy=[0.1, 0.2])
            for arm in ("baseline", "mine")
        )
    )
    assert [one.metric for one in got] == ["best_train_loss", "test_loss", "test_accuracy"]


def test_the_table_is_flat_and_the_summary_tells_the_primary_comparison() -> None:
    ratios = [0.5, 0.4, 0.625]
    got = compared(
        rows("baseline", best_train_loss=[1, 1, 1]), rows("crossover", best_train_loss=ratios)
    )
    table = as_table(got)
    assert list(table.columns) == list(COLUMNS)
    assert table["difference"].tolist() == pytest.approx([-0.5])
    head, line, resolution = summary(got, DECLARED).splitlines()
    assert head == "Best training loss at epoch 10 (95% t interval):"
    assert line.split()[:5] == ["crossover", "against", "baseline", "(primary)", "-50.0%"]
    assert f"p = {got[0].answer.p_paired_t:.2g}; 3 runs)" in line
    assert "corrected" not in line
    assert "80% power" in resolution
    missing = summary(compared(rows("baseline", test_loss=[1]), rows("x", test_loss=[1])), DECLARED)
    assert missing.endswith("crossover against baseline, was not run.")


def networks(arm: str, run: int, losses: list[float], tests: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run": run,
            "arm": arm,
            "epoch": 4,
            "network": range(1, len(losses) + 1),
            "train_loss": losses,
            "validation_loss": NAN,
            "test_loss": tests,
            "test_accuracy": 0.5,
        }
    )


def test_outcomes_are_of_the_best_network_and_means_of_all() -> None:
    whole = networks("a", 1, [1.0, 3.0], [5.0, 1.0])
    holed = networks("a", 2, [NAN, 2.0], [NAN, 4.0])
    table = pd.concat([whole, holed])
    best = pd.concat([whole.iloc[[0]], holed.iloc[[1]]])
    got = outcomes(best, table).set_index("run")
    assert list(got.loc[1, ["best_train_loss", "mean_train_loss"]]) == [1, 2]
    assert list(got.loc[1, ["test_loss", "mean_test_loss"]]) == [5, 3]
    # A mean over what is left of a population would look better than the population is.
    assert got.loc[2, "best_train_loss"] == 2
    assert got["mean_train_loss"].isna().tolist() == [False, True]


def test_outcomes_by_epoch_follow_the_best_network() -> None:
    curves = pd.DataFrame(
        [
            (1, "a", 1, 1, 2.0, 7.0),
            (1, "a", 1, 2, 1.0, 9.0),
            (1, "a", 2, 1, math.inf, 1.0),
            (1, "a", 2, 2, 0.5, 8.0),
        ],
        columns=["run", "arm", "epoch", "network", "train_loss", "validation_loss"],
    )
    got = outcomes_by_epoch(curves)
    assert got["best_train_loss"].tolist() == [1, 0.5]
    assert got["validation_loss"].tolist() == [9, 8]
    assert got["mean_train_loss"].tolist()[0] == 1.5
    assert math.isnan(got["mean_train_loss"].tolist()[1])


def test_differences_by_epoch_are_those_of_the_pairs() -> None:
    random = np.random.default_rng(4)
    by_epoch = pd.DataFrame(
        [
            (run, arm, epoch, loss, loss, loss)
            for run in range(5)
            for arm in ("baseline", "crossover")
            for epoch, loss in enumerate(random.lognormal(0, 0.2, 3), start=1)
        ],
        columns=["run", "arm", "epoch", "best_train_loss", "mean_train_loss", "validation_loss"],
    )
    got = differences_by_epoch(
        by_epoch, declared_contrasts(DECLARED, ["baseline", "crossover"]), 0.95
    )
    assert set(got["metric"]) == {"best_train_loss", "mean_train_loss", "validation_loss"}
    last = by_epoch[by_epoch["epoch"] == 3]
    (wanted,) = (
        one
        for one in compared(
            *(
                rows(arm, best_train_loss=last[last["arm"] == arm]["best_train_loss"].to_numpy())
                for arm in ("baseline", "crossover")
            )
        )
    )
    row = got[(got["metric"] == "best_train_loss") & (got["epoch"] == 3)].iloc[0]
    assert (row["difference"], row["interval_low"], row["interval_high"]) == pytest.approx(
        (wanted.answer.difference, wanted.answer.interval_low, wanted.answer.interval_high)
    )
