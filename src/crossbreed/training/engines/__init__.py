"""What trains populations. An engine knows networks and examples, nothing of arms or files."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.schema import EngineName, Trainer
from crossbreed.data.examples import Examples
from crossbreed.training.models.architecture import Architecture, Task
from crossbreed.training.population import Population

_PACKAGES: dict[EngineName, tuple[str, ...]] = {
    "torch": ("numpy", "torch"),
    "tensorflow": ("numpy", "keras", "tensorflow"),
}


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


# Each framework takes seconds to import, so it is imported where it is used.


def architecture_of(name: EngineName, task: Task) -> Architecture:
    """Return what a population must know of its networks: the same from every engine."""
    match name:
        case "torch":
            from crossbreed.training.models import torch_models

            return torch_models.architecture_of(torch_models.build(task))
        case "tensorflow":
            from crossbreed.training.models.keras_models import network_for

            return network_for(task).architecture()


def create_engine(name: EngineName, task: Task, population: Population) -> Engine:
    """Return an engine that holds a population.

    Raises
    ------
    CrossbreedError
        If the population is not of this architecture, or the device is not to be had.
    """
    match name:
        case "torch":
            from crossbreed.training.engines.torch_engine import TorchEngine
            from crossbreed.training.models.torch_models import build

            return TorchEngine(build(task), task.trainer, population, task.threads)
        case "tensorflow":
            from crossbreed.training.models.keras_models import network_for

            # First, since it sets Keras up, which the engine imports.
            network = network_for(task)
            from crossbreed.training.engines.tensorflow_engine import TensorFlowEngine

            return TensorFlowEngine(network, task.trainer, population, task.threads)


def identity(name: EngineName, trainer: Trainer) -> dict[str, str]:
    """Return what an engine's numbers depend on besides the configuration: versions, device."""
    match name:
        case "torch":
            from crossbreed.training.torch_device import device_name
        case "tensorflow":
            from crossbreed.training.keras_backend import device_name
    versions = {package: import_module(package).__version__ for package in _PACKAGES[name]}
    return {**versions, "device": device_name(trainer.device)}
