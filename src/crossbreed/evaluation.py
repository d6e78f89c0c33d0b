"""Find and evaluate the best network of each arm of a run; gather its learning curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from crossbreed.breeding.event import fitness_of
from crossbreed.breeding.selection import select_top
from crossbreed.checkpoint import load_population
from crossbreed.config.arms import Metric
from crossbreed.curves import metrics_at
from crossbreed.data.examples import Examples
from crossbreed.engines import Engine
from crossbreed.population import OptimizerState, Population, take


class Point(NamedTuple):
    """The population of some arms at an epoch, and the learning curve that ends there."""

    arms: Sequence[str]
    epoch: int
    population: Path
    curve: Path


def evaluate_best(
    points: Sequence[Point],
    metric: Metric,
    engine_for: Callable[[Population], Engine],
    test: Examples,
) -> pd.DataFrame:
    """Evaluate the best network at every point.

    Parameters
    ----------
    points
        Where to look.
    metric
        Value of the learning curve by which the best is chosen.
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
        metrics = metrics_at(point.curve, point.epoch)
        best = select_top(fitness_of(metrics, metric), 1)[0]
        population = load_population(point.population)
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


def join_curves(pieces: Sequence[tuple[str, Path]]) -> pd.DataFrame:
    """Chain learning curves.

    Parameters
    ----------
    pieces
        An arm and a piece of its learning curve, in the order of epochs.

    Returns
    -------
    DataFrame
        arm, epoch, network (from 1), train_loss, validation_loss, validation_accuracy.
    """
    frames = []
    for arm, path in pieces:
        frame = pd.read_csv(path)
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
