"""The weights every network starts from, drawn by numpy so that all engines start alike."""

from __future__ import annotations

from math import prod

import numpy as np

from crossbreed.randomness import Purpose, generator
from crossbreed.training.models.architecture import Architecture
from crossbreed.training.population import Array, OptimizerState, Population


def initial_population(
    architecture: Architecture, networks: int, seed: int, run: int
) -> Population:
    """Draw the networks of a run at epoch 0.

    Parameters of two or more axes are Glorot uniform (Glorot and Bengio 2010, equation 16), the
    bound being sqrt(6 / (inputs + outputs)) as in Keras; biases are zero; other vectors, such as
    the gains of a normalisation, keep the value that the framework gives them.

    Parameters
    ----------
    architecture
        Names, shapes and hidden layers.
    networks
        N.
    seed, run
        Key of the draws, with the network's index: network n is the same whatever N is.
    """
    stacks: dict[str, list[Array]] = {name: [] for name in architecture.parameters}
    for network in range(networks):
        draws = generator(seed, Purpose.WEIGHTS, run, network)
        for name, parameter in architecture.parameters.items():
            shape = parameter.shape
            if len(shape) > 1:
                field = prod(shape[2:])  # of a convolution; 1 for a dense layer
                bound = np.sqrt(6 / (field * (shape[0] + shape[1])))
                values = draws.uniform(-bound, bound, shape).astype(np.float32)
            elif name.endswith("bias"):
                values = np.zeros(shape, np.float32)
            else:
                values = parameter.astype(np.float32)
            stacks[name].append(values)
    return Population(
        weights={name: np.stack(stacks[name]) for name in sorted(stacks)},
        optimizer=OptimizerState(),
        epoch=0,
        hidden_layers=architecture.hidden_layers,
    )
