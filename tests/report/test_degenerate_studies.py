"""Studies that leave little to compare still end with tables, figures and a page that say so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from workflow.scripts.crossover.compare import compare
from workflow.scripts.crossover.measure_cost import measure_cost
from workflow.scripts.crossover.plot import figures
from workflow.scripts.report.judge_claims import judge_claims

from crossbreed.config.schema import Study
from crossbreed.crossover.evaluation import best_networks
from crossbreed.crossover.jobs import Compare, Evaluated, MeasureCost, Plot
from crossbreed.crossover.plan import CrossoverPlan
from crossbreed.crossover.results.contrasts import NO_CONTRAST, NO_PAIR, UNDEFINED
from crossbreed.report.index_page import Shown, index_page
from crossbreed.report.jobs import JudgeClaims
from crossbreed.storage.files import write_csv
from paired_tables import by_epoch
from repository import REPOSITORY

NAN = np.nan
ARMS = ("baseline", "crossover", "clone_best")
EPOCHS = 4
PROVENANCE = {"python": "3", "packages": {}, "machine": {}}


class Ended(NamedTuple):
    """What a study came to: its folder, its figures, their words, and its page."""

    folder: Path
    drawn: dict[str, Figure]
    page: str

    def words(self, figure: str) -> str:
        """Return all words in a figure, line breaks as spaces."""
        found = self.drawn[figure].findobj(Text)
        return " ".join(text.get_text().replace("\n", " ") for text in found)


def ended_with(
    study: Study, folder: Path, losses: dict[str, list[list[float]]], confidence: float = 0.95
) -> Ended:
    """Make everything from made-up losses on: by arm, run and epoch, of the best of two networks.

    The other has twice that loss.
    """
    declared = study.statistics.model_copy(update={"confidence": confidence})
    study = study.model_copy(
        update={"arms": list(losses), "epochs": EPOCHS, "statistics": declared}
    )
    write_tables(folder, losses)
    events = CrossoverPlan(study).first_events()

    def tables(*names: str, **renamed: str) -> dict[str, Path]:
        """Return the paths of tables by the keys of a script, the same as their names or not."""
        keys = {name: name for name in names} | renamed
        return {key: folder / f"{name}.csv" for key, name in keys.items()}

    compare(
        Compare(
            **{"statistics": declared, "seed": study.seed},
            **tables("best", "networks", "curves", "outcomes"),
            **tables(table="comparison", by_epoch="differences_by_epoch"),
            **{"target": folder / "statistics.json", "summary": folder / "summary.txt"},
        )
    )
    params = {"reference": "baseline", "confidence": confidence, "epochs": EPOCHS}
    measure_cost(
        MeasureCost(
            **params,
            **{"events": events, "runs": study.runs, "timings": {}},
            **tables("curves", "targets", "cost", times="target_times"),
        )
    )
    judge_claims(
        JudgeClaims(
            **{"claims": study.model_dump()["claims"], "confidence": confidence},
            **{"crossover": tables("outcomes", "curves", "targets"), "gender": None},
            **{"events": events, "ledger": folder / "claims.csv"},
            **{"content": folder / "claims.json", "summary": folder / "answer.txt"},
        )
    )
    drawn = figures(
        Plot(
            **params,
            labels={name: study.arm[name].label for name in study.arms},
            events=sorted(set(events.values())),
            **{"figures": study.figures, "margin": declared.margin, "barrier": None},
            **tables("curves", "networks", "outcomes", "comparison", times="target_times"),
            folder=folder,
        )
    )
    for figure in drawn.values():
        figure.draw_without_rendering()
    page = index_page(
        REPOSITORY / "workflow/report/index.html.jinja",
        study.model_dump(mode="json"),
        json.loads((folder / "claims.json").read_text()),
        {},
        {"crossover": [Shown(folder / f"{name}.csv", name) for name in ("comparison", "cost")]},
        PROVENANCE,
    )
    return Ended(folder, drawn, page)


def write_tables(folder: Path, losses: dict[str, list[list[float]]]) -> None:
    best = by_epoch(**losses).rename(columns={"best_train_loss": "train_loss"})
    second = best.assign(network=2, train_loss=2 * best["train_loss"])
    curves = pd.concat([best.assign(network=1), second], ignore_index=True)
    curves["validation_loss"] = curves["train_loss"]
    marks = [EPOCHS // 2, EPOCHS]
    networks = curves[curves["epoch"].isin(marks)]
    accuracy = networks["train_loss"].notna().map({True: 0.5, False: NAN})
    networks = networks.assign(test_loss=networks["train_loss"], test_accuracy=accuracy)
    points = [Evaluated(arms=list(losses), lineage="trunk", epoch=mark) for mark in marks]
    best = pd.concat(
        best_networks(group.drop(columns="run"), points).assign(run=run)
        for run, group in networks.groupby("run")
    )
    for name, table in {"curves": curves, "networks": networks, "best": best}.items():
        write_csv(folder / f"{name}.csv", table)


def alike(*curve: float, runs: int = 3) -> dict[str, list[list[float]]]:
    return {arm: [list(curve)] * runs for arm in ARMS}


FALLING, ENDING = [4.0, 2, 1, 0.5], [4.0, 2, 1, 0]
# By kind: losses; what the answer and the figure of effects say.
KINDS: dict[str, tuple[dict[str, list[list[float]]], str, str]] = {
    "loss 0 from the start": (alike(0, 0, 0, 0, runs=6), UNDEFINED, UNDEFINED),
    "loss 0 of the reference in one run": (
        {"baseline": [FALLING, ENDING], "crossover": [FALLING, FALLING]},
        *(UNDEFINED, UNDEFINED),
    ),
    "one arm, one run, loss 0": ({"baseline": [ENDING]}, "Nothing was measured", NO_CONTRAST),
    "all diverged": (alike(NAN, NAN, NAN, NAN), "Nothing was measured", NO_PAIR),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("losses", "answer", "effects"), KINDS.values(), ids=KINDS)
def test_study_ends_with_a_page_that_says_what_is_so(
    study: Study, tmp_path: Path, losses: dict[str, list[list[float]]], answer: str, effects: str
) -> None:
    ended = ended_with(study, tmp_path, losses)
    assert answer in ended.page
    assert effects in ended.words("effects")
    for table in tmp_path.glob("*.csv"):
        if table.stem not in ("curves", "networks", "best"):
            assert not re.search(r"\b(inf|nan)\b", table.read_text()), table
    ledger = pd.read_csv(tmp_path / "claims.csv")
    assert set(ledger["verdict"]) == {"inconclusive"}


@pytest.mark.filterwarnings("error")
def test_interval_of_any_width_can_be_drawn(study: Study, tmp_path: Path) -> None:
    # Of two runs, at a level at which the interval ends beyond the largest number.
    losses = {"baseline": [FALLING, FALLING], "crossover": [[4.0, 2, 2, 1], [4.0, 2, 1, 0.1]]}
    ended = ended_with(study, tmp_path, losses, 0.99999)
    assert "no interval: too wide" in (tmp_path / "summary.txt").read_text()
    low, high = ended.drawn["learning_curves"].axes[1].get_ylim()
    assert -2 < low < high < 2


def test_runs_that_do_not_differ_are_not_drawn_as_worse(study: Study, tmp_path: Path) -> None:
    losses = {"baseline": [FALLING] * 3, "crossover": [FALLING, ENDING, [4.0, 2, 1, 0.75]]}
    panel = ended_with(study, tmp_path, losses).drawn["paired_runs"].axes[0]
    assert [line.get_linestyle() for line in panel.lines] == ["-", "-", "--"]
    assert len({line.get_color() for line in panel.lines}) == 3
