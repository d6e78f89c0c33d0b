"""Train the networks of a population one after the other with Keras, as its users do."""

from __future__ import annotations

import logging
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from crossbreed.config.schema import Trainer
from crossbreed.data.examples import Examples
from crossbreed.errors import CrossbreedError
from crossbreed.training.keras_backend import device_name
from crossbreed.training.models.keras_models import KerasNetwork
from crossbreed.training.population import OptimizerState, Population, Weights

log = logging.getLogger(__name__)

_EVALUATION_BATCH = 1000
_WEIGHTS = "weights"
# What optimisers remember, by the names in checkpoints, with the endings of Keras's names. Adam's
# are torch's. Of gradient descent with momentum Keras remembers what it last changed, torch the sum
# of gradients.
_MOMENTS = {
    "adam": {"first_moment": "momentum", "second_moment": "velocity"},
    "sgd": {"displacement": "momentum"},
}


class TensorFlowEngine:
    """A population whose networks take turns in one Keras model; see `Engine`.

    One model and one optimiser serve all networks, so that Keras traces and compiles once and
    memory does not grow with N.

    Parameters
    ----------
    network
        One network of the architecture, made after Keras was prepared; its own values are not used.
    trainer
        Optimiser, batch size, device.
    population
        The networks to start with.
    threads
        CPU threads that TensorFlow was set up with.

    Raises
    ------
    CrossbreedError
        If the population's arrays are not the model's.
    """

    def __init__(
        self, network: KerasNetwork, trainer: Trainer, population: Population, threads: int
    ) -> None:
        where = device_name(trainer.device)
        log.info("TensorFlow %s on %s, %d threads", tf.__version__, where, threads)
        self._network = network
        self._batch_size = trainer.batch_size
        self._hidden_layers = population.hidden_layers
        shapes = network.architecture().shapes
        actual = {name: array.shape[1:] for name, array in population.weights.items()}
        if actual != shapes:
            raise CrossbreedError(f"the population's arrays {actual} are not the model's {shapes}")
        self._optimizer = _optimizer(trainer)
        self._optimizer.build(network.model.trainable_variables)
        self._step = population.optimizer.step
        # Weights and moments of all networks, and the variables that hold those of one.
        self._arrays: dict[str, Weights] = {_WEIGHTS: _copied(population.weights)}
        for moment in _MOMENTS[trainer.optimizer]:
            self._arrays[moment] = (
                _copied(population.optimizer.moments[moment])
                if self._step
                else {name: np.zeros_like(array) for name, array in population.weights.items()}
            )
        self._variables = {
            (_WEIGHTS, name): parameter.variable for name, parameter in network.parameters.items()
        } | self._moment_variables(_MOMENTS[trainer.optimizer])
        network.model.compile(
            optimizer=self._optimizer,
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=trainer.compile,
        )

    def train_epoch(self, examples: Examples, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """Train every network for one epoch; see `Engine.train_epoch`."""
        losses = np.empty(len(order))
        for index, chosen in enumerate(order):
            self._put(index)
            history = self._network.model.fit(
                examples.images[chosen],
                examples.labels[chosen],
                batch_size=self._batch_size,
                epochs=1,
                shuffle=False,
                verbose=0,
            )
            losses[index] = history.history["loss"][0]
            for (kind, name), variable in self._variables.items():
                parameter = self._network.parameters[name]
                self._arrays[kind][name][index] = parameter.to_population(variable)
        self._step += -(-order.shape[1] // self._batch_size)
        if len(order) and int(self._optimizer.iterations) != self._step:
            raise AssertionError("Keras took another number of steps than the examples make")
        return losses

    def evaluate(self, examples: Examples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return loss and accuracy of every network; see `Engine.evaluate`."""
        values = []
        for index in range(len(next(iter(self._arrays[_WEIGHTS].values())))):
            self._put(index)
            values.append(
                self._network.model.evaluate(
                    examples.images, examples.labels, batch_size=_EVALUATION_BATCH, verbose=0
                )
            )
        losses, accuracies = np.array(values, np.float64).T
        # Keras counts in single precision: back to the share of examples that it stands for.
        return losses, np.round(accuracies * len(examples)) / len(examples)

    def population(self, epoch: int) -> Population:
        """Return a copy of the networks and their optimiser; see `Engine.population`."""
        moments = {kind: _copied(arrays) for kind, arrays in self._arrays.items()}
        weights = moments.pop(_WEIGHTS)
        return Population(weights, OptimizerState(self._step, moments), epoch, self._hidden_layers)

    def _put(self, index: int) -> None:
        """Give the Keras model and its optimiser the values of one network."""
        self._optimizer.iterations.assign(self._step)
        for (kind, name), variable in self._variables.items():
            parameter = self._network.parameters[name]
            variable.assign(parameter.to_keras(self._arrays[kind][name][index]))

    def _moment_variables(self, endings: dict[str, str]) -> dict[tuple[str, str], Any]:
        """Return the optimiser's variables by moment and parameter; plain descent has none."""
        known = {v.path.rpartition("/")[2]: v for v in self._optimizer.variables}
        variables = {
            (moment, name): known[path]
            for moment, ending in endings.items()
            for name, parameter in self._network.parameters.items()
            if (path := f"{parameter.variable.path.replace('/', '_')}_{ending}") in known
        }
        # Beside them there are the step and the learning rate.
        if len(variables) + 2 != len(self._optimizer.variables):
            raise AssertionError(f"Keras names its variables otherwise: {sorted(known)}")
        return variables


def _optimizer(trainer: Trainer) -> Any:
    match trainer.optimizer:
        case "adam":
            return keras.optimizers.Adam(
                learning_rate=trainer.learning_rate,
                beta_1=trainer.beta_1,
                beta_2=trainer.beta_2,
                epsilon=trainer.epsilon,
            )
        case "sgd":
            return keras.optimizers.SGD(
                learning_rate=trainer.learning_rate, momentum=trainer.momentum
            )


def _copied(weights: Weights) -> Weights:
    return {name: array.copy() for name, array in weights.items()}
