"""Both engines tell the same story of the poster's network on real images."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crossbreed.config.schema import DenseModel, EngineName, Study
from crossbreed.data.examples import Examples
from crossbreed.randomness import example_order
from crossbreed.statistics.contrasts import compare_arms
from crossbreed.statistics.outcomes import outcomes
from crossbreed.statistics.paired import Answer
from crossbreed.training.engines import architecture_of, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population
from paired_tables import ASKED, DECLARED
from snakemake_call import snakemake

NETWORKS, EPOCHS = 2, 3


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


def effect(folder: Path, mirror: Path, engine: EngineName, runs: int) -> Answer:
    """Run preset `ci` with one arm; return the effect of crossover."""
    finished = snakemake(
        *(folder, "results/ci/crossover/best.csv", "results/ci/crossover/networks.csv"),
        *("--config", "preset=ci", f"engine={engine}"),
        *(f"runs={runs}", "arms=[baseline, crossover]", f"data={{mirror: {mirror}}}"),
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    log = (folder / "results/ci/logs/crossover/evaluate/run-01.log").read_text()
    assert len(log.splitlines()) == (2 if engine == "tensorflow" else 1), log
    tables = (
        pd.read_csv(folder / f"results/ci/crossover/{name}.csv") for name in ("best", "networks")
    )
    (answer,) = (
        contrast.answer
        for contrast in compare_arms(outcomes(*tables), DECLARED, ASKED)
        if (contrast.metric, contrast.epoch) == ("best_train_loss", 2)
    )
    return answer


# Three runs are the fewest that give an interval.
@pytest.mark.parametrize("runs", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_conclusion_is_the_same_with_either_engine(tmp_path: Path, mirror: Path, runs: int) -> None:
    ours = effect(tmp_path / "torch", mirror, "torch", runs)
    theirs = effect(tmp_path / "tensorflow", mirror, "tensorflow", runs)
    for answer in (ours, theirs):
        print(f"crossover against baseline: {answer}")
    assert ours.runs == theirs.runs == runs
    assert ours.difference is not None
    assert theirs.difference is not None
    assert np.sign(theirs.difference) == np.sign(ours.difference)
    # To a hundredth of the reference's loss, an order of magnitude less than the effect here.
    assert theirs.difference == pytest.approx(ours.difference, abs=0.01)
    if runs > 1:
        assert theirs.interval_low == pytest.approx(ours.interval_low, abs=0.01)
        assert theirs.interval_high == pytest.approx(ours.interval_high, abs=0.01)
