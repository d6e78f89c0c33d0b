"""REPAIR: give the hidden units of averaged networks back the spread that averaging takes.

Jordan, Sedghi, Saukh, Entezari and Neyshabur 2023, arXiv:2211.08403: averaged units cancel each
other in part, so what they put out varies less from image to image than in either parent
("variance collapse"), and more so layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call

from crossbreed.data.examples import Examples
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.torch_models import build
from crossbreed.training.population import HiddenLayer, Weights
from crossbreed.training.torch_device import prepare_processor

_BATCH = 2_000
# Of a unit's size: less is float32's rounding of a value that is the same for all images.
_SPREAD = 1e-6


class Statistics(NamedTuple):
    """Mean and standard deviation of each unit's preactivation over images, shape [units]."""

    mean: Tensor
    deviation: Tensor


def repair(
    networks: Weights,
    fractions: Sequence[float] | NDArray[np.float64],
    layers: Sequence[HiddenLayer],
    task: Task,
    training: Examples,
) -> Weights:
    """Reset the preactivations of networks on a line to those of its two ends.

    Each hidden unit's mean and standard deviation over the training images become the same
    fraction of the way between those of the ends, layer after layer, by
    rescaling the unit's weights and shifting its bias. The output layer is left as it is.
    A unit that puts out the same for all images has no spread to rescale: it is only shifted.

    Parameters
    ----------
    networks
        Arrays of shape [points, ...], the ends first and last.
    fractions
        Where each of them lies, from 0 to 1.
    layers
        The hidden layers, first to last.
    task
        The architecture.
    training
        Images over which statistics are taken.

    Returns
    -------
    dict of ndarray
        As `networks`. The ends are unchanged.
    """
    prepare_processor(task.threads)
    module = build(task).eval()
    repaired = {name: torch.from_numpy(array.copy()) for name, array in networks.items()}
    # The module whose outputs are the layer's units.
    names = [
        name.removesuffix(".weight")
        for layer in layers
        for name, axis in layer.axes.items()
        if axis == 0 and name.endswith(".weight")
    ]
    images = torch.from_numpy(training.images)
    ends = [
        [statistics(module, _network(repaired, end), name, images) for name in names]
        for end in (0, len(fractions) - 1)
    ]
    for point, fraction in list(enumerate(fractions))[1:-1]:
        for depth, name in enumerate(names):
            now = statistics(module, _network(repaired, point), name, images)
            first, last = ends[0][depth], ends[1][depth]
            mean = torch.lerp(first.mean, last.mean, float(fraction))
            deviation = torch.lerp(first.deviation, last.deviation, float(fraction))
            spread = now.deviation > _SPREAD * now.mean.abs()
            scale = torch.where(spread, deviation / now.deviation, 1.0)
            weight, bias = (repaired[f"{name}.{part}"] for part in ("weight", "bias"))
            shape = (-1,) + (1,) * (weight[point].dim() - 1)
            weight[point] *= scale.to(weight.dtype).view(shape)
            shifted = (bias[point].double() - now.mean) * scale + mean
            bias[point] = shifted.to(bias.dtype)
    return {name: tensor.numpy() for name, tensor in repaired.items()}


@torch.no_grad()
def statistics(
    module: nn.Module, weights: dict[str, Tensor], layer: str, images: Tensor
) -> Statistics:
    """Return what a layer puts out, before its activation, over images (and positions in them).

    Parameters
    ----------
    module
        The architecture.
    weights
        One network of it.
    layer
        Name of the layer.
    images
        Shape [n, height, width], uint8.
    """
    seen: list[Tensor] = []
    hook = module.get_submodule(layer).register_forward_hook(
        lambda _module, _inputs, output: seen.append(output)
    )
    total = square = torch.zeros(())
    count = 0
    try:
        for start in range(0, len(images), _BATCH):
            functional_call(module, weights, (images[start : start + _BATCH].float() / 255,))
            output = seen.pop().double().movedim(1, -1).flatten(0, -2)
            total = total + output.sum(0)
            square = square + (output**2).sum(0)
            count += len(output)
    finally:
        hook.remove()
    mean = total / count
    return Statistics(mean, (square / count - mean**2).clamp(min=0).sqrt())


def _network(networks: dict[str, Tensor], index: int) -> dict[str, Tensor]:
    return {name: tensor[index] for name, tensor in networks.items()}
