"""Evaluate the networks of each arm of a run, find the best; gather its learning curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from crossbreed.crossover.curves import load_curve, metrics_at
from crossbreed.crossover.jobs import Evaluated
from crossbreed.crossover.lineage import node
from crossbreed.data.examples import Examples
from crossbreed.errors import CrossbreedError
from crossbreed.training.checkpoint import POPULATION_FILE, load_population
from crossbreed.training.engines import Engine
from crossbreed.training.population import OptimizerState, Population, Weights

_MEASURED = ("train_loss", "validation_loss", "test_loss", "test_accuracy")


def evaluate_networks(
    folder_of: Callable[[str], Path],
    points: Sequence[Evaluated],
    engine_for: Callable[[Population], Engine],
    test: Examples,
) -> pd.DataFrame:
    """Evaluate every network at every point.

    Parameters
    ----------
    folder_of
        The folder of the run that holds a lineage.
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
        test_loss, test_accuracy. NaN where a network has diverged. An arm that has no networks
        left has no rows.

    Raises
    ------
    CrossbreedError
        If a file is missing or damaged.
    """
    tables: list[tuple[Evaluated, pd.DataFrame]] = []
    weights: list[Weights] = []
    for point in points:
        folder = folder_of(point.lineage) / node(point.lineage, point.epoch, "")
        population = load_population(folder / POPULATION_FILE, point.epoch)
        metrics = metrics_at(folder / "curve.csv", point.epoch, population.size)
        alive = population.finite() & np.isfinite(metrics["train_loss"])
        table = pd.DataFrame(
            {
                "network": np.arange(1, population.size + 1),
                **{name: metrics[name] for name in ("train_loss", "validation_loss")},
            }
        )
        table.loc[~alive, ["train_loss", "validation_loss"]] = np.nan
        tables.append((point, table))
        weights.append(population.weights)
    # All at once: some engines take longer to begin than to evaluate.
    together = {name: np.concatenate([stack[name] for stack in weights]) for name in weights[0]}
    tested = engine_for(Population(together, OptimizerState(), 0)).evaluate(test)
    start = 0
    rows = []
    for point, table in tables:
        part = slice(start, start + len(table))
        start = part.stop
        for name, values in zip(("test_loss", "test_accuracy"), tested, strict=True):
            table[name] = np.where(table["train_loss"].notna(), values[part], np.nan)
        rows += [table.assign(arm=arm, epoch=point.epoch) for arm in point.arms]
    return pd.concat(rows, ignore_index=True)[["arm", "epoch", "network", *_MEASURED]]


def best_networks(networks: pd.DataFrame, points: Sequence[Evaluated]) -> pd.DataFrame:
    """Return the network with the lowest training loss of every arm at every point.

    Parameters
    ----------
    networks
        See `evaluate_networks`.
    points
        All points, so that an arm without networks has a row, too.

    Returns
    -------
    DataFrame
        As `networks`, one row for each arm and point. Where no network is left that has not
        diverged, all but arm and epoch are empty.
    """
    wanted = pd.DataFrame(
        [(arm, point.epoch) for point in points for arm in point.arms], columns=["arm", "epoch"]
    )
    ranked = networks.dropna(subset=["train_loss"]).sort_values("train_loss", kind="stable")
    best = ranked.drop_duplicates(["arm", "epoch"])
    return wanted.merge(best, on=["arm", "epoch"], how="left").astype({"network": "Int64"})


def join_curves(
    folder_of: Callable[[str], Path], pieces: Sequence[tuple[str, str, int]]
) -> pd.DataFrame:
    """Chain learning curves.

    Parameters
    ----------
    folder_of
        The folder of the run that holds a lineage.
    pieces
        An arm, a lineage it goes through and the epoch up to which it does, in order of epochs.

    Returns
    -------
    DataFrame
        arm, epoch, network (from 1), train_loss, validation_loss, validation_accuracy.

    Raises
    ------
    CrossbreedError
        If a curve is damaged, or does not go on where the one before ends.
    """
    frames = []
    ends: dict[str, int] = {}
    for arm, lineage, epoch in pieces:
        path = folder_of(lineage) / node(lineage, epoch, "curve.csv")
        curve = load_curve(path)
        start, epochs = ends.get(arm, 0) + 1, np.unique(curve["epoch"]).tolist()
        # Of an arm that has lost its networks there are no epochs.
        if epochs and epochs != list(range(start, epoch + 1)):
            raise CrossbreedError(
                f"{path} must hold the epochs {start} to {epoch} of {arm}, not {epochs[0]} to "
                f"{epochs[-1]}; delete it and run again"
            )
        ends[arm] = epoch
        frames.append(pd.DataFrame({"arm": arm, **curve}))
    return pd.concat(frames, ignore_index=True)
