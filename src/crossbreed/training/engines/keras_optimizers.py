"""Keras's optimisers, their variables read and written in a population's names and layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from crossbreed.config.schema import Trainer
from crossbreed.jobs.keras_backend import keras
from crossbreed.training.engines.moments import ADAM, KERAS_SGD, named_moments
from crossbreed.training.models.keras_models import KerasNetwork
from crossbreed.training.population import OptimizerState, Weights


class KerasOptimizer:
    """A Keras optimiser that the networks of a population use in turn.

    Parameters
    ----------
    optimizer
        Keras's own.
    network
        What it trains.
    names
        What populations call its moments, with the endings of Keras's names for them.
    trainer
        Its constants.
    """

    def __init__(
        self, optimizer: Any, network: KerasNetwork, names: Mapping[str, str], trainer: Trainer
    ) -> None:
        self.keras = optimizer
        self._network = network
        self._names = names
        self._trainer = trainer
        optimizer.build(network.model.trainable_variables)
        known = {variable.path.rpartition("/")[2]: variable for variable in optimizer.variables}
        self._variables: dict[tuple[str, str], Any] = {}
        for moment, ending in names.items():
            for name, parameter in network.parameters.items():
                path = f"{parameter.variable.path.replace('/', '_')}_{ending}"
                if path in known:
                    self._variables[moment, name] = known[path]
        # Beside them there are the step and the learning rate; plain descent remembers nothing.
        if len(self._variables) + 2 != len(optimizer.variables):
            raise AssertionError(f"Keras names its variables otherwise: {sorted(known)}")

    def restored(self, state: OptimizerState, weights: Weights) -> dict[str, Weights]:
        """Return the moments of all networks; zeros where no step was taken.

        Raises
        ------
        CrossbreedError
            If the state is another optimiser's.
        """
        if not state.step:
            return {
                moment: {name: np.zeros_like(array) for name, array in weights.items()}
                for moment in self._names
            }
        found = named_moments(state, tuple(self._names), self._trainer)
        return {
            moment: {name: array.copy() for name, array in arrays.items()}
            for moment, arrays in found.items()
        }

    def put(self, step: int, moments: Mapping[str, Weights], index: int) -> None:
        """Give the optimiser's variables the values of one network."""
        self.keras.iterations.assign(step)
        for (moment, name), variable in self._variables.items():
            parameter = self._network.parameters[name]
            variable.assign(parameter.to_keras(moments[moment][name][index]))

    def take(self, moments: Mapping[str, Weights], index: int) -> None:
        """Take the values back."""
        for (moment, name), variable in self._variables.items():
            parameter = self._network.parameters[name]
            moments[moment][name][index] = parameter.to_population(variable)


def create_optimizer(trainer: Trainer, network: KerasNetwork) -> KerasOptimizer:
    """Return the trainer's optimiser, built for a network's variables."""
    match trainer.optimizer:
        case "adam":
            adam = keras.optimizers.Adam(
                learning_rate=trainer.learning_rate,
                beta_1=trainer.beta_1,
                beta_2=trainer.beta_2,
                epsilon=trainer.epsilon,
            )
            names = dict(zip(ADAM, ("momentum", "velocity"), strict=True))
            return KerasOptimizer(adam, network, names, trainer)
        case "sgd":
            sgd = keras.optimizers.SGD(
                learning_rate=trainer.learning_rate, momentum=trainer.momentum
            )
            return KerasOptimizer(sgd, network, {KERAS_SGD: "momentum"}, trainer)
