"""Populations on disk, as safetensors: arrays and text, nothing that reading executes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from crossbreed.errors import CrossbreedError
from crossbreed.files import whole_file
from crossbreed.population import HiddenLayer, OptimizerState, Population, Weights

FORMAT = "crossbreed population 1"
_WEIGHTS = "weights"
_OPTIMIZER = "optimizer"


def save_population(path: Path, population: Population) -> None:
    """Write a population whole; the same population gives the same bytes.

    Tensors are named `weights/<parameter>` and `optimizer/<moment>/<parameter>`.
    """
    tensors = {f"{_WEIGHTS}/{name}": array for name, array in population.weights.items()}
    for moment, arrays in population.optimizer.moments.items():
        tensors |= {f"{_OPTIMIZER}/{moment}/{name}": array for name, array in arrays.items()}
    description = {
        "format": FORMAT,
        "epoch": population.epoch,
        "optimizer_step": population.optimizer.step,
        "hidden_layers": [dict(layer.axes) for layer in population.hidden_layers],
    }
    # The file takes an array's memory as it lies, whatever the order of its axes there.
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    # One metadata key: safetensors writes several in no fixed order, which would change the bytes.
    metadata = {"population": json.dumps(description, sort_keys=True)}
    with whole_file(path) as temporary:
        save_file(tensors, temporary, metadata)


def load_population(path: Path) -> Population:
    """Read a population.

    Raises
    ------
    CrossbreedError
        If the file is missing, damaged or not a population's checkpoint.
    """
    try:
        with safe_open(path, framework="numpy") as stored:
            metadata = stored.metadata() or {}
            description = json.loads(metadata.get("population", "{}"))
            if description.get("format") != FORMAT:
                raise CrossbreedError(f"{path} is not a '{FORMAT}' checkpoint; delete it and rerun")
            weights: Weights = {}
            moments: dict[str, Weights] = {}
            # The file orders tensors its own way; a population orders them by name.
            for key in sorted(stored.keys()):
                kind, _, name = key.partition("/")
                if kind == _WEIGHTS:
                    weights[name] = stored.get_tensor(key)
                else:
                    moment, _, name = name.partition("/")
                    moments.setdefault(moment, {})[name] = stored.get_tensor(key)
        return Population(
            weights=weights,
            optimizer=OptimizerState(description["optimizer_step"], moments),
            epoch=description["epoch"],
            hidden_layers=tuple(HiddenLayer(axes) for axes in description["hidden_layers"]),
        )
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    except OSError as error:
        raise CrossbreedError(f"{path} cannot be read: {error}") from error
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CrossbreedError(f"{path} is damaged ({error}); delete it and rerun") from error
