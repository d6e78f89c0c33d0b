"""Which comparisons are made, how they are corrected, and how they are told."""

from __future__ import annotations

import io
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from statsmodels.stats.multitest import multipletests

from crossbreed.config.comparison import Contrast
from crossbreed.crossover.figures.conditions import conditions_map
from crossbreed.crossover.results.conditions import Mapped, conditions_table, load_comparison
from crossbreed.crossover.results.conditions import summary as conditions_summary
from crossbreed.crossover.results.contrasts import (
    COLUMNS,
    MISSING,
    NO_CONTRAST,
    UNDEFINED,
    as_records,
    compare_arms,
    declared_contrasts,
    differences_by_epoch,
)
from crossbreed.crossover.results.outcomes import outcomes, outcomes_by_epoch
from crossbreed.crossover.results.summary import summary
from paired_tables import DECLARED, answer, by_epoch, compared, rows

NAN = math.nan
pytestmark = pytest.mark.filterwarnings("error")


def only(table: pd.DataFrame) -> dict[Any, Any]:
    (row,) = table.to_dict("records")
    return row


def test_every_arm_meets_the_reference_and_declared_contrasts_follow() -> None:
    arms = ["baseline", "crossover", "clone", "other"]
    contrasts = [(each.arm, each.reference) for each in declared_contrasts(DECLARED, arms)]
    assert contrasts == [
        *(("crossover", "baseline"), ("clone", "baseline"), ("other", "baseline")),
        ("crossover", "clone"),
    ]
    # A contrast of an arm that was not run is left out.
    contrasts = [(each.arm, each.reference) for each in declared_contrasts(DECLARED, arms[:2])]
    assert contrasts == [("crossover", "baseline")]


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
    primary = only(got[got["primary"]])
    assert (primary["metric"], primary["epoch"]) == ("best_train_loss", 10)
    assert math.isnan(primary["p_holm"])
    for epoch, count in ((5, 6), (10, 5)):
        family = got[(got["epoch"] == epoch) & ~got["primary"]]
        # Two metrics of three contrasts, one of which is primary at the last epoch.
        assert len(family) == count
        wanted = multipletests(family["p_paired_t"], method="holm")[1]
        assert family["p_holm"].tolist() == pytest.approx(list(wanted))


def test_runs_are_paired_by_number_whatever_the_order_of_rows() -> None:
    # Runs 1 to 4 against runs 2 to 5: of the three pairs each ratio is 1/2.
    tables = (
        rows("baseline", test_loss=[100, 2, 4, 8]),
        rows("mine", first_run=2, test_loss=[1, 2, 4, 100]),
    )
    row = only(compared(*tables))
    assert row["metric"] == "test_loss"
    assert row["runs"] == 3
    assert row["difference"] == pytest.approx(-0.5)
    assert (row["reference_mean"], row["arm_mean"]) == pytest.approx((14 / 3, 7 / 3))
    assert row["missing_runs"] == "1 5"
    shuffled = pd.concat(tables).sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(compare_arms(shuffled, DECLARED, 1), compared(*tables))


def test_runs_that_are_no_pairs_are_named() -> None:
    got = compared(
        rows("baseline", best_train_loss=[1, NAN, 1, 1]),
        rows("mine", best_train_loss=[2, 2, NAN, 4.5]),
        rows("gone", best_train_loss=[NAN] * 4),
    )
    assert got["missing_runs"].tolist() == ["2 3", "1 2 3 4"]
    assert [row["missing_runs"] for row in as_records(got)] == [[2, 3], [1, 2, 3, 4]]
    assert as_records(got)[1]["difference"] is None
    text = summary(got, DECLARED)
    assert "2 runs, missing: 2 3)" in text
    assert "nothing to compare (0 runs, missing: 1 2 3 4)" in text
    assert MISSING in text


def test_the_table_is_flat_and_the_summary_tells_the_primary_comparison() -> None:
    got = compared(
        rows("baseline", best_train_loss=[1, 1, 1]),
        rows("crossover", best_train_loss=[0.5, 0.4, 0.625]),
    )
    assert list(got.columns) == list(COLUMNS)
    head, line, resolution = summary(got, DECLARED).splitlines()
    assert head == "Best training loss at epoch 10 (95% t interval):"
    assert line.split()[:5] == ["crossover", "against", "baseline", "(primary)", "-50.0%"]
    assert f"p = {only(got)['p_paired_t']:.2g}; 3 runs)" in line
    assert "corrected" not in line
    assert "80% power" in resolution
    missing = summary(compared(rows("baseline", test_loss=[1]), rows("x", test_loss=[1])), DECLARED)
    assert missing.endswith("crossover against baseline, was not run.")


@pytest.mark.parametrize(
    ("arm", "confidence", "words"),
    [
        ([1e-5, 1e3], 0.95, r"\(-100.0% to \+\de\+\d\d%;"),
        ([0.2, 0.3], 0.99999, "no interval: too wide to be written"),
    ],
)
def test_enormous_interval_stays_short(arm: list[float], confidence: float, words: str) -> None:
    tables = rows("baseline", best_train_loss=[1, 1]), rows("crossover", best_train_loss=arm)
    text = summary(compared(*tables, confidence=confidence), DECLARED)
    assert re.search(words, text)
    assert max(map(len, text.splitlines())) < 200


@pytest.mark.parametrize("arm", [None, [0.0, 0.2, 0.3]])
def test_map_of_conditions_says_what_is_not_defined(arm: list[float] | None) -> None:
    tables = [rows("baseline", best_train_loss=[0.1, 0.2, 0.3])]
    tables += [rows("crossover", best_train_loss=arm)] if arm else []
    comparison = load_comparison(io.StringIO(compared(*tables).to_csv(index=False)))
    table = conditions_table([Mapped(name, name, "group", comparison) for name in ("a", "b")])
    figure = conditions_map(table, {}, ["best_train_loss"], 0.02, 0.95)
    figure.draw_without_rendering()
    drawn = [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]
    told = conditions_summary(table, "best_train_loss", 0.02, 0.95)
    if arm:
        assert drawn.count(UNDEFINED) == 2
        assert told.count(f"{UNDEFINED} (3 runs)") == 2
    else:
        assert NO_CONTRAST in drawn
        assert NO_CONTRAST in told


def networks(run: int, losses: list[float], tests: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **{"run": run, "arm": "a", "epoch": 4, "network": range(1, len(losses) + 1)},
            **{"train_loss": losses, "validation_loss": NAN},
            **{"test_loss": tests, "test_accuracy": 0.5},
        }
    )


def test_outcomes_are_of_the_best_network_and_means_of_all() -> None:
    whole, holed = networks(1, [1.0, 3.0], [5.0, 1.0]), networks(2, [NAN, 2.0], [NAN, 4.0])
    best = pd.concat([whole.iloc[[0]], holed.iloc[[1]]])
    got = outcomes(best, pd.concat([whole, holed])).set_index("run")
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
            (1, "a", 3, 1, NAN, 8.0),
            (1, "a", 3, 2, -math.inf, 8.0),
        ],
        columns=["run", "arm", "epoch", "network", "train_loss", "validation_loss"],
    )
    got = outcomes_by_epoch(curves)
    # Where all networks have diverged it says so.
    assert got["best_train_loss"].tolist() == pytest.approx([1, 0.5, NAN], nan_ok=True)
    assert got["validation_loss"].tolist()[:2] == [9, 8]
    assert got["mean_train_loss"].tolist() == pytest.approx([1.5, NAN, NAN], nan_ok=True)


def test_differences_by_epoch_are_those_of_the_pairs() -> None:
    losses = np.random.default_rng(4).lognormal(0, 0.2, (2, 5, 3))
    table = by_epoch(baseline=losses[0].tolist(), crossover=losses[1].tolist())
    contrasts = declared_contrasts(DECLARED, ["baseline", "crossover"])
    got = differences_by_epoch(table, contrasts, 0.95).set_index("epoch")
    wanted = answer(losses[1, :, 2], losses[0, :, 2])
    for name in ("difference", "interval_low", "interval_high"):
        assert got.loc[3, name] == pytest.approx(getattr(wanted, name))


def test_differences_by_epoch_break_off_where_a_loss_is_0() -> None:
    table = by_epoch(
        # The loss of run 1 is 0 at the end, run 2 keeps its losses, run 3 has diverged.
        baseline=[[4.0, 2, 0], [4, 2, 1], [4, 2, 1]],
        mine=[[4.0, 1, 0], [4, 1, 1], [4, NAN, NAN]],
    )
    got = differences_by_epoch(table, [Contrast(arm="mine", reference="baseline")], 0.95)
    assert got["runs"].tolist() == [2] * 3
    assert got["difference"].tolist() == pytest.approx([0, -0.5, NAN], nan_ok=True)
    assert got.loc[2, ["interval_low", "interval_high"]].isna().all()
