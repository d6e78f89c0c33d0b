"""A population: networks of one architecture held as stacked arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Weights = dict[str, Array]


@dataclass(frozen=True)
class HiddenLayer:
    """Where the units of one hidden layer live: for each parameter, the axis that counts them.

    The axis does not count the population's. A layer of a dense net owns axis 0 of its own weight
    and bias and axis 1 of the next layer's weight; permuting all three changes no output.
    """

    axes: Mapping[str, int]


@dataclass(frozen=True)
class OptimizerState:
    """What an optimiser remembers of each network.

    Parameters
    ----------
    step
        Steps taken since the state was fresh.
    moments
        For each of the optimiser's own names, one array of shape [N, ...] per parameter.
    """

    step: int = 0
    moments: Mapping[str, Weights] = field(default_factory=dict)


@dataclass(frozen=True)
class Population:
    """N networks of one architecture.

    N is 0 after an event for which too few networks had not diverged.

    Parameters
    ----------
    weights
        For each parameter, an array of shape [N, ...], float32. A dense layer's weight is
        [N, outputs, inputs], its bias [N, outputs].
    optimizer
        State of the optimiser; fresh if no step was taken.
    epoch
        Epochs trained.
    hidden_layers
        Which axes count the same hidden units; empty if the architecture does not say.
    """

    weights: Weights
    optimizer: OptimizerState
    epoch: int
    hidden_layers: tuple[HiddenLayer, ...] = ()

    @property
    def size(self) -> int:
        """Number of networks, N."""
        return len(next(iter(self.weights.values())))

    def finite(self) -> NDArray[np.bool_]:
        """Tell which networks have only finite weights, shape [N].

        A loss is taken before the step that its batch makes: a network that diverged in the very
        last step has a finite one.
        """
        finite = np.ones(self.size, dtype=bool)
        for array in self.weights.values():
            finite &= np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
        return finite


def network(weights: Weights, index: int) -> Weights:
    """Return the arrays of one network, without the population's axis."""
    return {name: array[index] for name, array in weights.items()}


def take(weights: Weights, networks: NDArray[np.intp]) -> Weights:
    """Return the arrays of some networks, in that order."""
    return {name: array[networks] for name, array in weights.items()}


def without_networks(population: Population) -> Population:
    """Return what is left of a population when none of its networks goes on: shapes, no values."""
    return Population(
        take(population.weights, np.empty(0, dtype=np.intp)),
        OptimizerState(),
        population.epoch,
        population.hidden_layers,
    )
