"""Find and evaluate the best network of each arm of a run; gather its learning curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from crossbreed.breeding.selection import select_top
from crossbreed.checkpoint import POPULATION_FILE, load_population
from crossbreed.curves import load_curve, metrics_at
from crossbreed.data.examples import Examples
from crossbreed.engines import Engine
from crossbreed.lineage import node
from crossbreed.population import OptimizerState, Population, Weights, take

_MEASURED = ("train_loss", "validation_loss", "test_loss", "test_accuracy")


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
        test_loss, test_accuracy. Where no network is left that has not diverged, all but arm and
        epoch are empty.

    Raises
    ------
    CrossbreedError
        If a file is missing or damaged.
    """
    rows: list[dict[str, object]] = []
    best: list[Weights] = []
    for point in points:
        place = folder / node(point.lineage, point.epoch, "")
        population = load_population(place / POPULATION_FILE, point.epoch)
        metrics = metrics_at(place / "curve.csv", point.epoch, population.size)
        losses = np.where(population.finite(), metrics["train_loss"], np.nan)
        row: dict[str, object] = dict.fromkeys(("network", *_MEASURED))
        if np.isfinite(losses).any():
            chosen = select_top(-losses, 1)[0]
            row["network"] = int(chosen[0]) + 1
            row |= {
                metric: metrics[metric][chosen[0]] for metric in ("train_loss", "validation_loss")
            }
            row["index"] = len(best)
            best.append(take(population.weights, chosen))
        rows += [{"arm": arm, "epoch": point.epoch, **row} for arm in point.arms]
    if best:
        # All at once: some engines take longer to begin than to evaluate.
        together = {name: np.concatenate([one[name] for one in best]) for name in best[0]}
        tested = engine_for(Population(together, OptimizerState(), 0)).evaluate(test)
        for row in rows:
            index = row.pop("index", None)
            if isinstance(index, int):
                row["test_loss"], row["test_accuracy"] = (values[index] for values in tested)
    return pd.DataFrame(rows).astype({"network": "Int64"})


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
        curve = load_curve(folder / node(lineage, epoch, "curve.csv"))
        frames.append(pd.DataFrame({"arm": arm, **curve}))
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
        run, arm, epoch, train_loss; NaN where all networks have diverged.
    """
    finite = curves.assign(train_loss=curves["train_loss"].where(np.isfinite(curves["train_loss"])))
    return pd.DataFrame(finite.groupby(["run", "arm", "epoch"])["train_loss"].min().reset_index())
