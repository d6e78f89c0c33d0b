"""Architectures as plain Keras models, with the names and layout that populations use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from crossbreed.training.keras_backend import prepare_keras
from crossbreed.training.models.architecture import (
    Architecture,
    Task,
    chained_hidden_layers,
    check_model,
)
from crossbreed.training.population import Array, HiddenLayer


class Parameter(NamedTuple):
    """A variable of a Keras model, and the order of its axes in a population's array."""

    variable: Any
    axes: tuple[int, ...]

    def to_population(self, values: Any) -> Array:
        """Return values in Keras's layout, such as the variable's own, in the population's."""
        return np.transpose(np.asarray(values, np.float32), self.axes)

    def to_keras(self, values: Array) -> Array:
        """Return values in the population's layout in Keras's."""
        return np.transpose(values, np.argsort(self.axes))


class KerasNetwork(NamedTuple):
    """One network: takes images [B, height, width], uint8; returns scores [B, classes]."""

    model: Any
    parameters: Mapping[str, Parameter]
    hidden_layers: tuple[HiddenLayer, ...]

    def architecture(self) -> Architecture:
        """Return what a population must know of it."""
        return Architecture(
            {
                name: parameter.to_population(parameter.variable)
                for name, parameter in self.parameters.items()
            },
            self.hidden_layers,
        )


def network_for(task: Task) -> KerasNetwork:
    """Set TensorFlow up for a task and return one network of its architecture.

    Engines give it its weights.

    Raises
    ------
    CrossbreedError
        If images are too small for it, or a GPU is asked for and absent.
    """
    check_model(task)
    prepare_keras(task.trainer, task.threads)
    import keras

    # What earlier networks have left in Keras's own bookkeeping.
    keras.utils.clear_session()
    match task.model.name:
        case "dense":
            return _dense(task.image_shape, task.classes, task.model.hidden_widths)
        case "convolutional":
            return _convolutional(task.image_shape, task.classes, task.model.channels)


def _dense(image_shape: tuple[int, ...], classes: int, hidden_widths: list[int]) -> KerasNetwork:
    from keras import layers

    hidden = [layers.Dense(width, "relu") for width in hidden_widths]
    return _network(image_shape, [layers.Flatten(), *hidden], hidden, classes)


def _convolutional(image_shape: tuple[int, ...], classes: int, channels: list[int]) -> KerasNetwork:
    from keras import layers

    hidden = [layers.Conv2D(count, 3, padding="same", activation="relu") for count in channels]
    chain = [layers.Reshape((*image_shape, 1)), hidden[0]]
    for layer in hidden[1:]:
        chain += [layers.MaxPooling2D(2), layer]
    return _network(image_shape, [*chain, layers.GlobalAveragePooling2D()], hidden, classes)


def _network(
    image_shape: tuple[int, ...], chain: list[Any], hidden: list[Any], classes: int
) -> KerasNetwork:
    """Return images scaled to 0..1, then layers, of which some have parameters, then classes."""
    import keras

    last = keras.layers.Dense(classes)
    model = keras.Sequential(
        [keras.Input(image_shape, dtype="uint8"), keras.layers.Rescaling(1 / 255), *chain, last]
    )
    parameters = {}
    for depth, layer in enumerate([*hidden, last]):
        axes = len(layer.kernel.shape)
        # Keras's are [..., inputs, outputs].
        parameters[f"layers.{depth}.weight"] = Parameter(
            layer.kernel, (axes - 1, axes - 2, *range(axes - 2))
        )
        parameters[f"layers.{depth}.bias"] = Parameter(layer.bias, (0,))
    if len(parameters) != len(model.variables):
        raise AssertionError("each variable must be a parameter, or networks would share it")
    return KerasNetwork(model, parameters, chained_hidden_layers(len(hidden)))
