"""What networks are and must know, whichever framework trains them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crossbreed.config.schema import ConvolutionalModel, Model, Trainer
from crossbreed.errors import CrossbreedError
from crossbreed.training.population import Array, HiddenLayer


class Task(NamedTuple):
    """What networks are, what they see, and how they are trained.

    Parameters
    ----------
    model
        Their architecture.
    trainer
        How they are trained.
    image_shape
        Height and width of an image.
    classes
        Number of classes.
    threads
        CPU threads.
    """

    model: Model
    trainer: Trainer
    image_shape: tuple[int, ...]
    classes: int
    threads: int


@dataclass(frozen=True)
class Architecture:
    """The parameters of one network.

    Parameters
    ----------
    parameters
        For each parameter, an array of its shape, float32, with the values that the framework
        gives it. A dense layer's weight is [outputs, inputs], its bias [outputs].
    hidden_layers
        Which axes count the same hidden units; empty if the architecture does not say.
    """

    parameters: Mapping[str, Array]
    hidden_layers: tuple[HiddenLayer, ...] = ()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, by name."""
        return {name: array.shape for name, array in self.parameters.items()}


def chained_hidden_layers(count: int) -> tuple[HiddenLayer, ...]:
    """Return the hidden layers of a chain of `count` + 1 layers, named `layers.0` and on.

    A layer's weight is [outputs, inputs, ...], its bias [outputs]; its outputs, units or channels,
    are the inputs of the next.
    """
    return tuple(
        HiddenLayer(
            {
                f"layers.{depth}.weight": 0,
                f"layers.{depth}.bias": 0,
                f"layers.{depth + 1}.weight": 1,
            }
        )
        for depth in range(count)
    )


def check_model(task: Task) -> None:
    """Refuse an architecture that images are too small for.

    Raises
    ------
    CrossbreedError
        If convolutions halve them to nothing.
    """
    if not isinstance(task.model, ConvolutionalModel):
        return
    # Between two convolutions images are halved, rounded down.
    most = min(task.image_shape).bit_length()
    if len(task.model.channels) > most:
        height, width = task.image_shape
        raise CrossbreedError(
            f"model.channels = {task.model.channels}: must be at most {most} convolutions, as many "
            f"as images of {height} x {width} can be halved between"
        )
