"""What trains populations. An engine knows networks and examples, nothing of arms or files."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.schema import Model, Trainer
from crossbreed.data.examples import Examples
from crossbreed.population import Population

EngineName = Literal["torch"]


class Engine(Protocol):
    """A population in training, held by one framework on one device."""

    def train_epoch(self, examples: Examples, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """Train every network for one epoch.

        Parameters
        ----------
        examples
            The training examples.
        order
            Shape [N, n]: the order in which each network sees the examples.

        Returns
        -------
        ndarray of shape [N], float64
            Mean cross-entropy in nats over the epoch's examples, each taken before the step that
            its batch makes, as Keras reports it. Not finite where a network diverged.
        """
        ...

    def evaluate(self, examples: Examples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean cross-entropy in nats and accuracy in 0..1 of every network, shape [N]."""
        ...

    def population(self, epoch: int) -> Population:
        """Return a copy of the networks and their optimiser as they are now, after `epoch`."""
        ...


def create_engine(
    name: EngineName,
    model: Model,
    trainer: Trainer,
    population: Population,
    image_shape: tuple[int, ...],
    classes: int,
) -> Engine:
    """Return an engine that holds a population.

    Parameters
    ----------
    name
        Which framework trains.
    model
        The networks' architecture.
    trainer
        How they are trained.
    population
        The networks to start with.
    image_shape
        Height and width of an image.
    classes
        Number of classes.

    Raises
    ------
    CrossbreedError
        If the population is not of this architecture, or the device is not to be had.
    """
    match name:
        case "torch":
            # Imported here: each framework takes seconds to import, and one is used.
            from crossbreed.engines.torch_engine import TorchEngine
            from crossbreed.models import build

            return TorchEngine(build(model, image_shape, classes), trainer, population)
