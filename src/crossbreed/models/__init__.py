"""Architectures, as plain torch modules.

A model is an `nn.Module` class without batch statistics, called with images of shape [B, height,
width], float32 in 0..1, that returns one score per class, shape [B, classes]. It may name its
hidden layers (`hidden_layers`), which aligned merging and unit-wise crossover need.
"""

from __future__ import annotations

from torch import nn

from crossbreed.config.schema import Model
from crossbreed.models.dense import Dense


def build(model: Model, image_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Return one network of an architecture; engines give it its weights.

    Parameters
    ----------
    model
        The architecture's configuration.
    image_shape
        Height and width of an image.
    classes
        Number of classes.
    """
    match model.name:
        case "dense":
            return Dense(image_shape, classes, model.hidden_widths)
