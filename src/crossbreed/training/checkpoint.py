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


def save_population(path: Path, population: Population) -> None:
    """Write a population whole; the same population gives the same bytes.

    Arrays are named `weights/<parameter>` and `optimizer/<moment>/<parameter>`.
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
    population = unpack_population(*load_arrays(path, POPULATION))
    if population.epoch != epoch:
        raise CrossbreedError(
            f"{path} holds epoch {population.epoch}, not {epoch}; delete it and run again"
        )
    actual = {name: array.shape[1:] for name, array in population.weights.items()}
    if shapes is not None and actual != shapes:
        raise CrossbreedError(
            f"{path} holds networks of the shapes {actual}, the model has {shapes}; "
            "delete it and run again"
        )
    return population


def pack_population(population: Population) -> tuple[Arrays, dict[str, Any]]:
    """Return a population as named arrays and a description that JSON can hold."""
    arrays: dict[str, NDArray[Any]] = {
        f"weights/{name}": array for name, array in population.weights.items()
    }
    for moment, moments in population.optimizer.moments.items():
        arrays |= {f"optimizer/{moment}/{name}": array for name, array in moments.items()}
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
        match key.split("/"):
            case ("weights", name):
                weights[name] = array
            case ("optimizer", moment, name):
                moments.setdefault(moment, {})[name] = array
    return Population(
        weights=weights,
        optimizer=OptimizerState(description["optimizer_step"], moments),
        epoch=description["epoch"],
        hidden_layers=tuple(HiddenLayer(axes) for axes in description["hidden_layers"]),
    )
