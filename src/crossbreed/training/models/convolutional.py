"""A small convolutional network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from crossbreed.training.models.architecture import chained_hidden_layers
from crossbreed.training.population import HiddenLayer


class Convolutional(nn.Module):
    """Convolutions of 3 x 3, images halved between them, and a linear layer on channels' means.

    Parameters
    ----------
    classes
        Number of classes.
    channels
        Channels of each convolution, at least one.
    """

    def __init__(self, classes: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, padding=1) for inputs, outputs in pairwise([1, *channels])
        )
        self.layers.append(nn.Linear(channels[-1], classes))

    def forward(self, images: Tensor) -> Tensor:
        """Return class scores, shape [B, classes], of images of shape [B, height, width]."""
        values = images.unsqueeze(1)
        for depth, layer in enumerate(self.layers[:-1]):
            values = layer(max_pool2d(values, 2) if depth else values).relu()
        scores: Tensor = self.layers[-1](values.mean((2, 3)))
        return scores

    def hidden_layers(self) -> tuple[HiddenLayer, ...]:
        """Return, for each convolution, which axes of which parameters count its channels."""
        return chained_hidden_layers(len(self.layers) - 1)
