"""The loss along the straight line between two networks: what averaging them costs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.breeding.alignment import match_units, permute_units
from crossbreed.data.examples import Examples
from crossbreed.training.engines import create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.population import Array, HiddenLayer, OptimizerState, Population, Weights

PLAIN, ALIGNED, REPAIRED = "plain", "aligned", "repaired"
COLUMNS = ["path", "fraction", "train_loss", "train_accuracy", "test_loss", "test_accuracy"]
Network = Mapping[str, Array]


def loss_along_line(
    first: Network,
    second: Network,
    layers: Sequence[HiddenLayer],
    task: Task,
    training: Examples,
    test: Examples,
    points: int,
) -> pd.DataFrame:
    """Return loss and accuracy on the way from one network to another, weights frozen.

    Parameters
    ----------
    first, second
        Arrays of one network each, float32, without the population's axis.
    layers
        Their hidden layers; without any, only the plain path is measured.
    task
        Their architecture, and how they are evaluated (batch size, device, threads).
    training, test
        Examples.
    points
        How many on the line, both ends among them.

    Returns
    -------
    DataFrame
        `COLUMNS`, losses in nats, accuracies in 0..1. path is plain (weights as they are), aligned
        (the second network's hidden units in the order that matches the first's, see
        `breeding.alignment`) or repaired (aligned, then `models.repair`); fraction runs from
        0, the first network, to 1, the second.
    """
    from crossbreed.training.models.repair import repair

    fractions = np.linspace(0, 1, points)
    paths = {PLAIN: line(first, second, fractions)}
    if layers:
        orders = list(zip(layers, match_units(first, second, layers), strict=True))
        matched = permute_units(second, orders)
        paths[ALIGNED] = line(first, matched, fractions)
        paths[REPAIRED] = repair(paths[ALIGNED], fractions, layers, task, training)
    together = {
        name: np.concatenate([path[name] for path in paths.values()]) for name in paths[PLAIN]
    }
    engine = create_engine("torch", task, Population(together, OptimizerState(), 0, tuple(layers)))
    table = pd.DataFrame(
        {
            "path": np.repeat(list(paths), points),
            "fraction": np.tile(fractions, len(paths)),
        }
    )
    for name, examples in (("train", training), ("test", test)):
        table[f"{name}_loss"], table[f"{name}_accuracy"] = engine.evaluate(examples)
    return table[COLUMNS]


def line(first: Network, second: Network, fractions: NDArray[np.float64]) -> Weights:
    """Return the networks at fractions of the way from one to the other, shape [points, ...].

    The ends are the networks themselves, to the last bit.
    """
    return {
        name: np.stack(
            [
                ((1 - fraction) * start.astype(np.float64) + fraction * second[name]).astype(
                    start.dtype
                )
                for fraction in fractions
            ]
        )
        for name, start in first.items()
    }


def nothing_between(points: int) -> pd.DataFrame:
    """Return the table of `loss_along_line` where there are no two networks: no loss is known."""
    table = pd.DataFrame({"path": PLAIN, "fraction": np.linspace(0, 1, points)})
    return table.reindex(columns=COLUMNS)
