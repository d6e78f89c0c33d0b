"""Dense layers with rectified linear units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import Tensor, nn

from crossbreed.training.models.architecture import chained_hidden_layers
from crossbreed.training.population import HiddenLayer


class Dense(nn.Module):
    """A flat image through dense hidden layers and a linear output layer.

    Parameters
    ----------
    image_shape
        Height and width of an image.
    classes
        Number of classes.
    hidden_widths
        Units of each hidden layer; one layer makes the poster's two-layer network.
    """

    def __init__(
        self, image_shape: Sequence[int], classes: int, hidden_widths: Sequence[int]
    ) -> None:
        super().__init__()
        widths = [prod(image_shape), *hidden_widths, classes]
        self.layers = nn.ModuleList(nn.Linear(inputs, units) for inputs, units in pairwise(widths))

    def forward(self, images: Tensor) -> Tensor:
        """Return class scores, shape [B, classes], of images of shape [B, height, width]."""
        values = images.flatten(1)
        for layer in self.layers[:-1]:
            values = layer(values).relu()
        scores: Tensor = self.layers[-1](values)
        return scores

    def hidden_layers(self) -> tuple[HiddenLayer, ...]:
        """Return, for each hidden layer, which axes of which parameters count its units."""
        return chained_hidden_layers(len(self.layers) - 1)
