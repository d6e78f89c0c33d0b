"""Both engines tell the same story of the poster's network on real images."""

from __future__ import annotations

import time
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crossbreed.config.schema import DenseModel, EngineName, Study
from crossbreed.crossover.results.contrasts import compare_arms
from crossbreed.crossover.results.outcomes import outcomes
from crossbreed.data.examples import Examples
from crossbreed.randomness import example_order
from crossbreed.training.engines import architecture_of, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population
from paired_tables import DECLARED
from snakemake_call import snakemake
from study_folder import StudyFolder

NETWORKS, EPOCHS = 2, 2


def test_curves_agree_on_all_images(study: Study, all_images: dict[str, Examples]) -> None:
    images = all_images["train"]
    trainer = study.trainer.model_copy(update={"device": "cpu", "compile": False})
    assert trainer.optimizer == "adam"
    assert study.model == DenseModel(name="dense", hidden_widths=[128])
    task = Task(study.model, trainer, (28, 28), classes=10, threads=1)
    start = initial_population(architecture_of("torch", task), NETWORKS, seed=1, run=1)
    losses: dict[EngineName, np.ndarray] = {}
    seconds = {}
    for name in ("torch", "tensorflow"):
        engine = create_engine(name, task, start)
        began = time.monotonic()
        losses[name] = np.array(
            [
                engine.train_epoch(images, example_order(1, 1, epoch, NETWORKS, len(images)))
                for epoch in range(1, EPOCHS + 1)
            ]
        )
        seconds[name] = (time.monotonic() - began) / NETWORKS / EPOCHS
    deviation = np.abs(losses["tensorflow"] / losses["torch"] - 1)
    print(f"largest deviation of the training loss per epoch: {deviation.max(axis=1)}")
    print(f"seconds per network-epoch on one thread: {seconds}")
    assert len(images) == 60_000
    assert (losses["torch"][-1] < losses["torch"][0]).all()
    assert_allclose(losses["tensorflow"], losses["torch"], rtol=0.01)


def tables_of(folder: Path, mirror: Path, engine: EngineName, runs: int) -> Path:
    """Run preset `ci` with one arm; return the folder of its tables."""
    finished = snakemake(
        *(folder, "results/ci/crossover/best.csv", "results/ci/crossover/networks.csv"),
        *("--config", "preset=ci", f"engine={engine}"),
        *(f"runs={runs}", "arms=[baseline, crossover]", f"data={{mirror: {mirror}}}"),
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder / "results/ci/crossover"


def effect(folder: Path, runs: int) -> dict[Hashable, Any]:
    """Return the effect of crossover in the first runs."""
    log = (folder.parent / "logs/crossover/evaluate/run-01.log").read_text()
    assert len(log.splitlines()) == (3 if "TensorFlow" in log else 2), log
    best, networks = (
        table[(table["run"] <= runs) & table["arm"].isin(["baseline", "crossover"])]
        for table in (pd.read_csv(folder / f"{name}.csv") for name in ("best", "networks"))
    )
    comparisons = compare_arms(outcomes(best, networks), DECLARED, seed=1)
    last = comparisons[(comparisons["metric"] == "best_train_loss") & (comparisons["epoch"] == 2)]
    (row,) = last.to_dict("records")
    return row


def assert_same_conclusion(torch: Path, tensorflow: Path, runs: int) -> None:
    ours, theirs = (effect(folder, runs) for folder in (torch, tensorflow))
    for one in (ours, theirs):
        print(f"crossover against baseline: {one}")
    assert ours["runs"] == theirs["runs"] == runs
    assert np.sign(theirs["difference"]) == np.sign(ours["difference"])
    # To a hundredth of the reference's loss, an order of magnitude less than the effect here.
    names = ["difference", *(("interval_low", "interval_high") if runs > 1 else ())]
    wanted = {name: ours[name] for name in names}
    assert {name: theirs[name] for name in names} == pytest.approx(wanted, abs=0.01)


def test_conclusion_is_the_same_with_either_engine(
    tmp_path: Path, mirror: Path, ci_study: StudyFolder
) -> None:
    theirs = tables_of(tmp_path, mirror, "tensorflow", runs=1)
    assert_same_conclusion(ci_study.results / "crossover", theirs, runs=1)


@pytest.mark.slow
def test_conclusion_of_runs_that_give_an_interval_is_the_same(tmp_path: Path, mirror: Path) -> None:
    ours, theirs = (
        tables_of(tmp_path / engine, mirror, engine, runs=3) for engine in ("torch", "tensorflow")
    )
    assert_same_conclusion(ours, theirs, runs=3)
