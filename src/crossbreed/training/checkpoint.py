"""Populations on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError
from crossbreed.storage.arrays import Arrays, load_arrays, save_arrays
from crossbreed.training.population import HiddenLayer, OptimizerState, Population, Weights

POPULATION = "crossbreed population 2"
POPULATION_FILE = "population.safetensors"
_WEIGHTS = "weights"
_OPTIMIZER = "optimizer"


def save_population(path: Path, population: Population) -> None:
    """Write a population whole; the same population gives the same bytes.

    Arrays are named `weights/<parameter>` and `optimizer/<moment>/<parameter>`.

    Raises
    ------
    CrossbreedError
        If the file cannot be written.
    """
    save_arrays(path, POPULATION, *pack_population(population))


def load_population(
    path: Path, epoch: int, shapes: Mapping[str, tuple[int, ...]] | None = None
) -> Population:
    """Read a population.

    Parameters
    ----------
    path
        The checkpoint.
    epoch
        Epochs that it must have been trained.
    shapes
        For each parameter, the shape it must have in one network; None: any.

    Raises
    ------
    CrossbreedError
        If the file is missing, damaged, or holds another population than the one wanted.
    """
    arrays, description = load_arrays(path, POPULATION)
    try:
        population = unpack_population(arrays, description)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise CrossbreedError(f"{path} is damaged ({error}); delete it and run again") from error
    if population.epoch != epoch:
        raise CrossbreedError(
            f"{path} holds epoch {population.epoch}, not {epoch}; delete it and run again"
        )
    found = {name: array.shape[1:] for name, array in population.weights.items()}
    if shapes is not None and found != shapes:
        raise CrossbreedError(
            f"{path} holds networks of the shapes {found}, the model has {shapes}; "
            "delete it and run again"
        )
    return population


def pack_population(population: Population) -> tuple[Arrays, dict[str, Any]]:
    """Return a population as named arrays and a description that JSON can hold."""
    arrays: dict[str, NDArray[Any]] = {
        f"{_WEIGHTS}/{name}": array for name, array in population.weights.items()
    }
    for moment, moments in population.optimizer.moments.items():
        arrays |= {f"{_OPTIMIZER}/{moment}/{name}": array for name, array in moments.items()}
    description = {
        "epoch": population.epoch,
        "optimizer_step": population.optimizer.step,
        "hidden_layers": [dict(layer.axes) for layer in population.hidden_layers],
    }
    return arrays, description


def unpack_population(arrays: Arrays, description: Mapping[str, Any]) -> Population:
    """Return the population that `pack_population` was given."""
    weights: Weights = {}
    moments: dict[str, Weights] = {}
    for key, array in arrays.items():
        kind, _, name = key.partition("/")
        if kind == _WEIGHTS:
            weights[name] = array
        elif kind == _OPTIMIZER:
            moment, _, name = name.partition("/")
            moments.setdefault(moment, {})[name] = array
    return Population(
        weights=weights,
        optimizer=OptimizerState(description["optimizer_step"], moments),
        epoch=description["epoch"],
        hidden_layers=tuple(HiddenLayer(axes) for axes in description["hidden_layers"]),
    )
