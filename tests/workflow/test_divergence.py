"""Networks that really diverge: recorded, never bred, and the runs they cost are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from snakemake_call import snakemake

RUNS = 2
NETWORKS = 6
# At this learning rate about half of the networks overflow within an epoch.
DIVERGING = ("trainer=sgd", "trainer.learning_rate=1e7")
NEEDED = {"modest": 1, "crossover": 2, "picky": NETWORKS}


def study(folder: Path, mirror: Path, overrides: tuple[str, ...], *changes: str) -> None:
    finished = snakemake(
        folder,
        # All but the page, which only gathers them.
        *(f"results/ci/crossover/{name}" for name in ("summary.txt", "learning_curves.svg")),
        "--keep-going",
        *("--config", "preset=ci", f"data={{mirror: {mirror}}}"),
        f"overrides=[{', '.join(overrides)}]",
        *changes,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def arm(count: int) -> str:
    event = f"{{at: 0.5, select: {{rule: top, count: {count}}}, merge: {{rule: mean}}}}"
    return f"{{label: needs {count}, events: [{event}]}}"


@pytest.fixture(scope="module")
def crossover(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> Path:
    folder = tmp_path_factory.mktemp("diverging")
    defined = ", ".join(f"{name}: {arm(count)}" for name, count in NEEDED.items())
    study(
        *(folder, mirror, DIVERGING),
        f"runs={RUNS}",
        f"population={{size: {NETWORKS}}}",
        f"arms=[baseline, {', '.join(NEEDED)}]",
        f"arm={{{defined}}}",
    )
    return folder / "results/ci/crossover"


@pytest.fixture(scope="module")
def finite(crossover: Path) -> dict[int, int]:
    """Return how many networks of each run had not diverged when the arms bred."""
    curves = pd.read_csv(crossover / "curves.csv")
    trunk = curves[(curves["arm"] == "baseline") & (curves["epoch"] == 1)]
    counts = np.isfinite(trunk["train_loss"]).groupby(trunk["run"]).sum()
    return {int(run): int(count) for run, count in counts.to_dict().items()}


@pytest.fixture(scope="module")
def missing(finite: dict[int, int]) -> dict[str, list[int]]:
    """Return for each arm the runs that it cannot have."""
    return {
        name: [run for run, left in finite.items() if left < needed]
        for name, needed in NEEDED.items()
    }


def test_divergence_is_in_the_curves(finite: dict[int, int]) -> None:
    assert 0 < sum(finite.values()) < RUNS * NETWORKS


def test_arm_stops_where_too_few_networks_are_left(
    crossover: Path, finite: dict[int, int], missing: dict[str, list[int]]
) -> None:
    assert missing["picky"]
    assert missing["modest"] != missing["picky"]
    logs = crossover.parent / "logs/crossover/breed"
    for name, needed in NEEDED.items():
        for run, left in finite.items():
            place = crossover / f"run-{run:02d}/{name}/epoch-0001"
            parents = json.loads((place / "parents.json").read_text())
            reason = f"{left} of {NETWORKS} networks have not diverged, but {needed} are to be "
            if run in missing[name]:
                assert parents["parents"] == []
                assert parents["stopped"].startswith(reason)
                log = (logs / f"run-{run:02d}.{name}.epoch-0001.log").read_text()
                assert f"the arm stops at epoch 1: {reason}" in log
            else:
                assert parents["stopped"] is None
                assert len(parents["parents"]) == NETWORKS
                assert {len(family) for family in parents["parents"]} == {needed}


def test_missing_runs_are_empty_in_the_table(
    crossover: Path, missing: dict[str, list[int]]
) -> None:
    best = pd.read_csv(crossover / "best.csv")
    assert len(best) == RUNS * 2 * (len(NEEDED) + 1)
    last = best[best["epoch"] == 2]
    empty = last[last["train_loss"].isna()].groupby("arm")["run"].apply(list).to_dict()
    # A network may diverge after its arm bred, too.
    for name, runs in missing.items():
        assert set(runs) <= set(empty.get(name, []))
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


def test_study_in_which_all_diverge_says_so(tmp_path: Path, mirror: Path) -> None:
    study(
        *(tmp_path, mirror, ("trainer=sgd", "trainer.learning_rate=1e9")),
        *("runs=1", "arms=[baseline, crossover]"),
    )
    summary = (tmp_path / "results/ci/crossover/summary.txt").read_text()
    assert "nothing to compare (0 runs, missing: 1)" in summary
    best = pd.read_csv(tmp_path / "results/ci/crossover/best.csv")
    assert best["train_loss"].isna().all()
    curves = pd.read_csv(tmp_path / "results/ci/crossover/curves.csv")
    assert not np.isfinite(curves["train_loss"]).any()
