"""What has no ratio, no interval or no contrast is missing in numbers and named in words."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crossbreed.config.comparison import Contrast
from crossbreed.config.schema import Study
from crossbreed.crossover.figures.conditions import conditions_map
from crossbreed.crossover.figures.effects import forest
from crossbreed.crossover.results.claims import CrossoverResults
from crossbreed.crossover.results.conditions import Mapped, conditions_table, load_comparison
from crossbreed.crossover.results.conditions import summary as conditions_summary
from crossbreed.crossover.results.contrasts import (
    NO_CONTRAST,
    UNDEFINED,
    Comparison,
    as_row,
    as_table,
    compare_arms,
    differences_by_epoch,
)
from crossbreed.crossover.results.cost import cost_of_arms
from crossbreed.crossover.results.summary import summary
from crossbreed.crossover.results.time_to_target import PARENTS, times_to_targets
from crossbreed.report.claims.ledger import as_table as ledger_table
from crossbreed.report.claims.ledger import judge
from crossbreed.report.claims.words import answer
from crossbreed.statistics.paired import Question, compare
from paired_tables import ASKED, DECLARED, compared, rows

NAN = np.nan
# Best training losses of the baseline, then of the other arm, in three runs.
ZEROS = {
    "in all": ([0.0, 0, 0], [0.0, 0, 0]),
    "in the reference": ([0.0, 0, 0], [0.1, 0.2, 0.3]),
    "in the arm": ([0.1, 0.2, 0.3], [0.0, 0, 0]),
    "in one run of the reference": ([0.1, 0, 0.3], [0.1, 0.2, 0.3]),
    "in another run of each": ([0.1, 0.2, 0], [0.0, 0.2, 0.3]),
}
zeros = pytest.mark.parametrize(("reference", "arm"), ZEROS.values(), ids=ZEROS)
pytestmark = pytest.mark.filterwarnings("error")


def by_epoch(**curves: list[list[float]]) -> pd.DataFrame:
    """Return the losses of each arm's runs after epochs 1, 2, ..."""
    return pd.DataFrame(
        [
            (run, arm, epoch, loss)
            for arm, runs in curves.items()
            for run, losses in enumerate(runs, start=1)
            for epoch, loss in enumerate(losses, start=1)
        ],
        columns=["run", "arm", "epoch", "best_train_loss"],
    )


def texts(figure: Any) -> str:
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text))


def as_file(comparisons: list[Comparison]) -> pd.DataFrame:
    """Return comparisons as figures read them."""
    return load_comparison(io.StringIO(as_table(comparisons).to_csv(index=False)))


def drawn(comparisons: list[Comparison]) -> str:
    margins = {"relative": 0.02, "absolute": 0.005}
    figure = forest(as_file(comparisons), {}, margins, 0.95)
    figure.draw_without_rendering()
    return texts(figure)


@zeros
def test_loss_of_0_leaves_no_ratio_but_ranks_and_counts(
    reference: list[float], arm: list[float]
) -> None:
    ours, theirs = np.array(arm), np.array(reference)
    got = compare(ours, theirs, True, ASKED)
    told = {name: value for name, value in vars(got).items() if value is not None}
    assert set(told) == {"runs", "runs_better", "probability_of_improvement"}
    assert got.runs == 3
    assert got.runs_better == int((ours < theirs).sum())
    pairs = ours[:, None] - theirs
    assert got.probability_of_improvement == pytest.approx(
        ((pairs < 0) + 0.5 * (pairs == 0)).mean()
    )


@zeros
def test_comparison_says_that_it_is_not_defined(reference: list[float], arm: list[float]) -> None:
    accuracy = [0.5, 0.6, 0.7]
    got = compared(
        rows("baseline", best_train_loss=reference, test_accuracy=accuracy),
        rows("crossover", best_train_loss=arm, test_accuracy=accuracy),
    )
    json.dumps([as_row(one) for one in got], allow_nan=False)
    table = as_table(got)
    assert not np.isinf(table.select_dtypes("number").astype(float)).any(axis=None)
    (row,) = table[table["metric"] == "best_train_loss"].to_dict("records")
    assert row["runs"] == 3
    assert (row["arm_mean"], row["reference_mean"]) == (np.mean(arm), np.mean(reference))
    assert f"crossover against baseline (primary)  {UNDEFINED} (3 runs)" in summary(got, DECLARED)
    assert UNDEFINED in drawn(got)


@zeros
def test_claim_about_it_is_inconclusive(
    study: Study, reference: list[float], arm: list[float]
) -> None:
    measured = [
        rows(name, best_train_loss=losses)
        for name, losses in (("baseline", reference), ("crossover", arm))
    ]
    results = CrossoverResults(
        pd.concat(measured), by_epoch(), pd.DataFrame(columns=["arm", "target"]), {}
    )
    source = study.claims["poster"]
    judged = judge({"poster": source}, results, None, 0.95)
    found = ledger_table(judged).set_index("claim")
    names = ["lower_loss", "significant_unpaired", "twenty_percent_in_cases"]
    assert found.loc[names, "runs"].tolist() == [3] * 3
    assert found[["measured", "interval_low", "interval_high", "p_value"]].isna().all(axis=None)
    assert set(found["verdict"]) == {"inconclusive"}
    assert answer(source, judged, 0.95)[0].startswith(
        "The relative difference of crossover and baseline in best training loss is "
        f"{UNDEFINED} (3 runs), so the main claim"
    )


def test_differences_by_epoch_break_off_where_a_loss_is_0() -> None:
    table = by_epoch(
        # The loss of run 1 is 0 at the end, run 2 keeps its losses, run 3 has diverged.
        baseline=[[4.0, 2, 0], [4, 2, 1], [4, 2, 1]],
        mine=[[4.0, 1, 0], [4, 1, 1], [4, NAN, NAN]],
    )
    found = differences_by_epoch(table, [Contrast(arm="mine", reference="baseline")], 0.95)
    assert found["runs"].tolist() == [2] * 3
    assert found["difference"].tolist() == pytest.approx([0, -0.5, NAN], nan_ok=True)
    assert found.loc[2, ["interval_low", "interval_high"]].isna().all()


@pytest.mark.parametrize("arm", ["baseline", "mine"])
def test_cost_has_no_difference_where_a_loss_is_0(arm: str) -> None:
    losses = {"baseline": [[1.0], [1.0]], "mine": [[2.0], [2.0]]}
    assert cost_of(losses)["difference"].tolist() == pytest.approx([0, 1])
    losses[arm][1] = [0.0]
    found = cost_of(losses).set_index("arm")
    assert found["difference"].isna()["mine"]
    assert found["runs"]["mine"] == 2


def cost_of(losses: dict[str, list[list[float]]], confidence: float = 0.95) -> pd.DataFrame:
    table = by_epoch(**losses)
    return cost_of_arms(table.assign(network=1), table, {}, "baseline", confidence)


WIDE: dict[str, tuple[list[float], list[float], float]] = {
    "high level": ([0.1, 0.2], [0.2, 0.3], 0.9999),
    "tiny losses": ([1e-30, 1e-8], [1e-3, 1e-38], 0.95),
    "one tiny loss": ([1e-20, 0.1, 0.1], [0.1, 0.1, 0.1], 0.9999),
}


@pytest.mark.parametrize(("reference", "arm", "confidence"), WIDE.values(), ids=WIDE)
def test_interval_beyond_all_numbers_is_none(
    study: Study, reference: list[float], arm: list[float], confidence: float
) -> None:
    asked = ASKED._replace(confidence=confidence)
    tables = rows("baseline", best_train_loss=reference), rows("crossover", best_train_loss=arm)
    (got,) = compare_all(asked, *tables)
    ends = got.answer.interval_low, got.answer.interval_high
    assert ends == (None, None)
    assert got.answer.difference is not None
    json.dumps(as_row(got), allow_nan=False)
    assert "no interval: too wide to be written" in summary([got], DECLARED)
    results = CrossoverResults(
        pd.concat(tables), by_epoch(), pd.DataFrame(columns=["arm", "target"]), {}
    )
    ledger = ledger_table(judge({"x": study.claims["poster"]}, results, None, confidence))
    assert not np.isinf(ledger.select_dtypes("number").astype(float)).any(axis=None)
    losses = {"baseline": [[one] for one in reference], "mine": [[one] for one in arm]}
    cost = cost_of(losses, confidence).set_index("arm").loc["mine"]
    assert cost[["interval_low", "interval_high"]].isna().all()
    assert np.isfinite(cost["difference"])


def compare_all(asked: Question, *tables: pd.DataFrame) -> list[Comparison]:
    return compare_arms(pd.concat(tables, ignore_index=True), DECLARED, asked)


def test_enormous_interval_is_written_by_its_power_of_ten() -> None:
    got = compared(
        rows("baseline", best_train_loss=[1.0, 1.0]),
        rows("crossover", best_train_loss=[1e-5, 1e3]),
    )
    assert re.search(r"\(-100.0% to \+\de\+\d\d%;", summary(got, DECLARED))
    assert max(map(len, summary(got, DECLARED).splitlines())) < 200


@pytest.mark.parametrize("losses", [[1.0, 2.0], [NAN, NAN], [0.0]])
def test_study_without_a_contrast_says_so(losses: list[float]) -> None:
    got = compared(rows("baseline", best_train_loss=losses))
    assert got == []
    assert "crossover against baseline, was not run" in summary(got, DECLARED)
    assert drawn(got) == NO_CONTRAST


@pytest.mark.parametrize(("reference", "arm"), [(None, None), *ZEROS.values()])
def test_map_of_conditions_says_so_too(
    reference: list[float] | None, arm: list[float] | None
) -> None:
    tables = [rows("baseline", best_train_loss=reference or [1.0, 2.0])]
    tables += [rows("crossover", best_train_loss=arm)] if arm else []
    found = as_file(compared(*tables))
    table = conditions_table([Mapped(name, name, "group", found) for name in ("a", "b")])
    figure = conditions_map(table, {}, ["best_train_loss"], 0.02, 0.95)
    figure.draw_without_rendering()
    told = conditions_summary(table, "best_train_loss", 0.02, 0.95)
    if arm:
        assert texts(figure).count(UNDEFINED) == 2
        assert told.count(f"{UNDEFINED} (3 runs)") == 2
    else:
        assert texts(figure) == NO_CONTRAST
        assert NO_CONTRAST in told


@pytest.mark.parametrize(
    ("baseline", "mine", "kept"),
    [
        # Both bred after epoch 2.
        ([0.0, 0, 0, 0], [0.0, 0, 0, 0], False),
        ([4.0, 1, 2, 2], [4.0, 1, 3, 3], False),
        ([4.0, 2, 2, 2], [4.0, 2, 1, 1], False),
        ([4.0, 3, 2, 1], [4.0, 3, 1, 1], True),
    ],
)
def test_what_was_reached_before_an_arm_bred_is_not_its_merit(
    baseline: list[float], mine: list[float], kept: bool
) -> None:
    table = by_epoch(baseline=[baseline], mine=[mine])
    times = times_to_targets(table, "baseline", {"mine": 2})
    assert ((times["arm"] == "mine") & (times["target"] != PARENTS)).any() == kept
    assert (times["arm"] == "baseline").any()
