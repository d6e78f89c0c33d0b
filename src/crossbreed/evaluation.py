"""Find and evaluate the best network of each arm of a run; gather its learning curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from crossbreed.breeding.selection import select_top
from crossbreed.checkpoint import load_population
from crossbreed.curves import metrics_at
from crossbreed.data.examples import Examples
from crossbreed.engines import Engine
from crossbreed.lineage import node
from crossbreed.population import OptimizerState, Population, take


class Point(NamedTuple):
    """A population at an epoch, with the arms it belongs to."""

    arms: Sequence[str]
    lineage: str
    epoch: int


def evaluate_best(
    folder: Path,
    points: Sequence[Point],
    engine_for: Callable[[Population], Engine],
    test: Examples,
) -> pd.DataFrame:
    """Evaluate the network with the lowest training loss at every point.

    Parameters
    ----------
    folder
        The run's folder.
    points
        Where to look.
    engine_for
        Makes an engine that holds a population.
    test
        Examples that took no part in training or choosing.

    Returns
    -------
    DataFrame
        arm, epoch, network (from 1), train_loss and validation_loss (of the learning curve),
        test_loss, test_accuracy.

    Raises
    ------
    CrossbreedError
        If all networks at a point have diverged.
    """
    rows = []
    for point in points:
        metrics = metrics_at(folder / node(point.lineage, point.epoch, "curve.csv"), point.epoch)
        population = load_population(
            folder / node(point.lineage, point.epoch, "population.safetensors")
        )
        losses = np.where(population.finite(), metrics["train_loss"], np.nan)
        best = select_top(-losses, 1)[0]
        alone = Population(take(population.weights, best), OptimizerState(), point.epoch)
        test_loss, test_accuracy = engine_for(alone).evaluate(test)
        rows += [
            {
                "arm": arm,
                "epoch": point.epoch,
                "network": int(best[0]) + 1,
                "train_loss": metrics["train_loss"][best[0]],
                "validation_loss": metrics["validation_loss"][best[0]],
                "test_loss": test_loss[0],
                "test_accuracy": test_accuracy[0],
            }
            for arm in point.arms
        ]
    return pd.DataFrame(rows)


def join_curves(folder: Path, pieces: Sequence[tuple[str, str, int]]) -> pd.DataFrame:
    """Chain learning curves.

    Parameters
    ----------
    folder
        The run's folder.
    pieces
        An arm, a lineage it goes through and the epoch up to which it does, in order of epochs.

    Returns
    -------
    DataFrame
        arm, epoch, network (from 1), train_loss, validation_loss, validation_accuracy.
    """
    frames = []
    for arm, lineage, epoch in pieces:
        frame = pd.read_csv(folder / node(lineage, epoch, "curve.csv"))
        frame.insert(0, "arm", arm)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def best_per_epoch(curves: pd.DataFrame) -> pd.DataFrame:
    """Return the lowest finite training loss of each run, arm and epoch.

    Parameters
    ----------
    curves
        run, arm, epoch, network, train_loss, ….

    Returns
    -------
    DataFrame
        run, arm, epoch, train_loss; epochs without a finite loss are absent.
    """
    finite = curves[np.isfinite(curves["train_loss"])]
    return pd.DataFrame(finite.groupby(["run", "arm", "epoch"])["train_loss"].min().reset_index())
