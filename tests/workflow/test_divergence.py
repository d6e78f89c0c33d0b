"""Networks that really diverge: recorded, never bred, and the runs they cost are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from study_folder import StudyFolder

RUNS = 2
NETWORKS = 6
# At this learning rate about half of the networks overflow within an epoch.
DIVERGING = ("trainer=sgd", "trainer.learning_rate=1e7")
NEEDED = {"modest": 1, "crossover": NETWORKS}


def arm(count: int) -> str:
    event = f"{{at: 0.5, select: {{rule: top, count: {count}}}, merge: {{rule: mean}}}}"
    return f"{{label: needs {count}, events: [{event}]}}"


@pytest.fixture(scope="module")
def crossover(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> Path:
    arms = ", ".join(f"{name}: {arm(count)}" for name, count in NEEDED.items())
    study = StudyFolder(
        *(tmp_path_factory.mktemp("diverging"), "studies=[crossover]", f"runs={RUNS}"),
        *(f"data={{mirror: {mirror}}}", f"population={{size: {NETWORKS}}}"),
        *(f"overrides=[{', '.join(DIVERGING)}]", f"arms=[baseline, {', '.join(NEEDED)}]"),
        f"arm={{{arms}}}",
        # All but the page, which only gathers them.
        target="crossover",
    )
    study.call()
    return study.results / "crossover"


def test_arm_stops_where_too_few_networks_are_left_and_its_runs_are_missing(
    crossover: Path,
) -> None:
    curves = pd.read_csv(crossover / "curves.csv")
    trunk = curves[(curves["arm"] == "baseline") & (curves["epoch"] == 1)]
    left = np.isfinite(trunk["train_loss"]).groupby(trunk["run"]).sum()
    assert 0 < left.sum() < RUNS * NETWORKS
    assert left.min() < NEEDED["crossover"]
    best = pd.read_csv(crossover / "best.csv").set_index(["arm", "run", "epoch"])
    assert len(best) == RUNS * 2 * (len(NEEDED) + 1)
    for name, needed in NEEDED.items():
        for run, count in left.items():
            folder = crossover / f"run-{run:02d}/{name}/epoch-0001"
            parents = json.loads((folder / "parents.json").read_text())
            reason = f"{count} of {NETWORKS} networks have not diverged, but {needed} are to be "
            if count < needed:
                assert parents["parents"] == []
                assert parents["stopped"].startswith(reason)
                log = crossover.parent / f"logs/crossover/breed/run-{run:02d}.{name}.epoch-0001.log"
                assert f"the arm stops at epoch 1: {reason}" in log.read_text()
                assert np.isnan(best["train_loss"][name, run, 2])
            else:
                assert parents["stopped"] is None
                assert len(parents["parents"]) == NETWORKS
                assert {len(sources) for sources in parents["parents"]} == {needed}
    rows = best[best["train_loss"].isna()]
    assert rows[["network", "test_loss", "test_accuracy"]].isna().all(axis=None)


def test_statistics_and_summary_name_missing_runs(crossover: Path) -> None:
    best = pd.read_csv(crossover / "best.csv")
    comparisons = json.loads((crossover / "statistics.json").read_text())["comparisons"]
    summary = (crossover / "summary.txt").read_text()
    svg = (crossover / "learning_curves.svg").read_text()
    for name in NEEDED:
        table = best[best["epoch"] == 2].pivot(index="run", columns="arm", values="train_loss")
        gone = table.index[table[["baseline", name]].isna().any(axis=1)].tolist()
        (comparison,) = (
            comparison
            for comparison in comparisons
            if (comparison["arm"], comparison["reference"]) == (name, "baseline")
            and (comparison["metric"], comparison["epoch"]) == ("best_train_loss", 2)
        )
        assert comparison["missing_runs"] == gone
        assert comparison["runs"] == RUNS - len(gone)
        if gone:
            line = next(line for line in summary.splitlines() if line.split()[0] == name)
            assert f"missing: {' '.join(map(str, gone))}" in line
            if len(gone) == RUNS:
                assert "nothing to compare" in line
                assert comparison["difference"] is None
        kept = table[name].notna().sum()
        assert (f"needs {NEEDED[name]} ({kept} of {RUNS} runs)" in svg) == (kept < RUNS)
    assert "an arm that lost some looks better here than it is" in summary
