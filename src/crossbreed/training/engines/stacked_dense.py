"""Gradients of a stack of dense networks, derived by hand, in memory that is used again.

The same can be had of any module by `torch.func` and the compiler (see `torch_engine`). For dense
layers batched matrix products are all there is to it: written out, they need no compiler, whose
start takes longer than many a training job, and no memory that the system hands out and takes back
at every step.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

Tensors = dict[str, Tensor]


class _Buffers(NamedTuple):
    """Memory for one size of batch; shapes [N, B, units], float32.

    Parameters
    ----------
    values
        Input of each layer, the images first.
    scores
        Output of the last layer.
    errors
        Derivative of the loss by the output of each hidden layer.
    """

    values: list[Tensor]
    scores: Tensor
    errors: list[Tensor]


class StackedDense:
    """Loss and gradients of networks of the architecture `models.dense.Dense`, all at once.

    Parameters
    ----------
    weights
        The networks' parameters, by the names `layers.<depth>.weight`, [N, outputs, inputs], and
        `layers.<depth>.bias`, [N, outputs]; for shapes and device.
    """

    def __init__(self, weights: Tensors) -> None:
        self._depth = len(weights) // 2
        self._gradients = {name: torch.empty_like(tensor) for name, tensor in weights.items()}
        self._buffers: dict[int, _Buffers] = {}

    @torch.no_grad()
    def __call__(self, weights: Tensors, images: Tensor, labels: Tensor) -> tuple[Tensors, Tensor]:
        """Return the gradients of the mean cross-entropy, and that loss, of every network.

        Parameters
        ----------
        weights
            As of the class.
        images
            Shape [N, B, height, width], uint8.
        labels
            Shape [N, B], int64.

        Returns
        -------
        gradients
            Of the weights' shapes; the next call overwrites them.
        losses
            Shape [N], in nats.
        """
        size = labels.shape[1]
        buffers = self._buffers.get(size) or self._allocate(weights, size, images.device)
        self._buffers[size] = buffers
        self._forward(weights, images, buffers)
        chosen = labels.unsqueeze(2)
        logarithms = torch.log_softmax(buffers.scores, 2)
        losses = -logarithms.gather(2, chosen).mean((1, 2))
        # Of the mean loss by the scores: (softmax - 1 where the label is) / B.
        error = logarithms.exp_()
        error.scatter_add_(2, chosen, error.new_full((1, 1, 1), -1.0).expand_as(chosen))
        error.div_(size)
        self._backward(weights, buffers, error)
        return self._gradients, losses

    def _forward(self, weights: Tensors, images: Tensor, buffers: _Buffers) -> None:
        buffers.values[0].copy_(images.flatten(2)).div_(255)
        outputs = [*buffers.values[1:], buffers.scores]
        for depth, output in enumerate(outputs):
            weight, bias = weights[f"layers.{depth}.weight"], weights[f"layers.{depth}.bias"]
            torch.baddbmm(
                bias.unsqueeze(1), buffers.values[depth], weight.transpose(1, 2), out=output
            )
            if depth < self._depth - 1:
                output.relu_()

    def _backward(self, weights: Tensors, buffers: _Buffers, error: Tensor) -> None:
        for depth in reversed(range(self._depth)):
            values, place = buffers.values[depth], f"layers.{depth}"
            torch.bmm(error.transpose(1, 2), values, out=self._gradients[f"{place}.weight"])
            torch.sum(error, 1, out=self._gradients[f"{place}.bias"])
            if depth:
                below = buffers.errors[depth - 1]
                torch.bmm(error, weights[f"{place}.weight"], out=below)
                # Where the rectified value is 0, nothing passes.
                error = torch.ops.aten.threshold_backward.grad_input(
                    below, values, 0, grad_input=below
                )

    def _allocate(self, weights: Tensors, size: int, device: torch.device) -> _Buffers:
        def memory(units: int) -> Tensor:
            return torch.empty(len(shapes[0]), size, units, device=device)

        shapes = [weights[f"layers.{depth}.weight"] for depth in range(self._depth)]
        inputs = [shape.shape[2] for shape in shapes]
        return _Buffers(
            [memory(units) for units in inputs],
            memory(shapes[-1].shape[1]),
            [memory(units) for units in inputs[1:]],
        )
