"""Train the networks of a population one after the other with Keras, as its users do."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.schema import Trainer
from crossbreed.data.examples import Examples
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.keras_backend import device_name, keras, tf
from crossbreed.training.engines.keras_optimizers import KerasOptimizer, create_optimizer
from crossbreed.training.models.keras_models import KerasNetwork
from crossbreed.training.population import OptimizerState, Population, Weights

log = logging.getLogger(__name__)

_EVALUATION_BATCH = 1000


class TensorFlowEngine:
    """A population whose networks take turns in one Keras model; see `Engine`.

    One model and one optimiser serve all networks, so that Keras traces and compiles once and
    memory does not grow with N.

    Parameters
    ----------
    network
        One network of the architecture; its own values are not used.
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
        self._weights: Weights = {k: v.copy() for k, v in population.weights.items()}
        shapes = self._network.architecture().shapes
        found = {name: array.shape[1:] for name, array in self._weights.items()}
        if found != shapes:
            raise CrossbreedError(f"the population's arrays {found} are not the model's {shapes}")
        self._optimizer: KerasOptimizer = create_optimizer(trainer, self._network)
        self._step = population.optimizer.step
        self._moments = self._optimizer.restored(population.optimizer, self._weights)
        self._network.model.compile(
            optimizer=self._optimizer.keras,
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
            self._take(index)
        self._step += -(-order.shape[1] // self._batch_size)
        if len(order) and int(self._optimizer.keras.iterations) != self._step:
            raise AssertionError("Keras took another number of steps than the examples make")
        return losses

    def evaluate(self, examples: Examples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return loss and accuracy of every network; see `Engine.evaluate`."""
        found = []
        for index in range(len(next(iter(self._weights.values())))):
            self._put(index)
            found.append(
                self._network.model.evaluate(
                    examples.images, examples.labels, batch_size=_EVALUATION_BATCH, verbose=0
                )
            )
        losses, accuracies = np.array(found, np.float64).T
        # Keras counts in single precision: back to the share of examples that it stands for.
        return losses, np.round(accuracies * len(examples)) / len(examples)

    def population(self, epoch: int) -> Population:
        """Return a copy of the networks and their optimiser; see `Engine.population`."""
        return Population(
            weights={name: array.copy() for name, array in self._weights.items()},
            optimizer=OptimizerState(
                self._step,
                {
                    moment: {name: array.copy() for name, array in arrays.items()}
                    for moment, arrays in self._moments.items()
                },
            ),
            epoch=epoch,
            hidden_layers=self._hidden_layers,
        )

    def _put(self, index: int) -> None:
        """Give the Keras model and its optimiser the values of one network."""
        for name, parameter in self._network.parameters.items():
            parameter.variable.assign(parameter.to_keras(self._weights[name][index]))
        self._optimizer.put(self._step, self._moments, index)

    def _take(self, index: int) -> None:
        """Take the values back."""
        for name, parameter in self._network.parameters.items():
            self._weights[name][index] = parameter.to_population(parameter.variable)
        self._optimizer.take(self._moments, index)
