"""Gradients derived by hand against torch's own differentiation."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from crossbreed.training.engines.stacked_dense import StackedDense
from crossbreed.training.models.dense import Dense

few = st.integers(1, 4)


def differentiated(
    module: Dense, weights: dict[str, torch.Tensor], images: torch.Tensor, labels: torch.Tensor
) -> tuple[dict[str, list[torch.Tensor]], list[float]]:
    gradients: dict[str, list[torch.Tensor]] = {name: [] for name in weights}
    losses = []
    for index in range(len(labels)):
        leaves = {name: array[index].clone().requires_grad_() for name, array in weights.items()}
        scores = functional_call(module, leaves, (images[index].double() / 255,))
        loss = cross_entropy(scores, labels[index])
        for name, gradient in zip(
            leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True
        ):
            gradients[name].append(gradient)
        losses.append(loss.item())
    return gradients, losses


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 6), max_size=3),
    *(few, st.integers(1, 9), st.integers(2, 5), st.integers(0, 1000)),
)
def test_gradients_and_losses_are_those_of_autograd(
    widths: list[int], networks: int, batch: int, classes: int, seed: int
) -> None:
    torch.manual_seed(seed)
    module = Dense((3, 4), classes, widths)
    weights = {
        name: torch.randn(networks, *parameter.shape)
        for name, parameter in module.named_parameters()
    }
    stacked = StackedDense(weights)
    # Twice, with batches of two sizes between, as its memory is used again.
    for size in (batch, batch + 3, batch):
        images = torch.randint(0, 256, (networks, size, 3, 4), dtype=torch.uint8)
        labels = torch.randint(0, classes, (networks, size))
        gradients, losses = stacked(weights, images, labels)
        exact = {name: array.double() for name, array in weights.items()}
        wanted, wanted_losses = differentiated(module, exact, images, labels)
        assert_allclose(losses.numpy(), wanted_losses, rtol=1e-4, atol=1e-5)
        for name, gradient in gradients.items():
            assert_allclose(gradient.numpy(), np.stack(wanted[name]), rtol=1e-3, atol=1e-4)


def test_a_network_that_is_not_finite_spoils_no_other() -> None:
    torch.manual_seed(0)
    module = Dense((3, 4), 3, [5])
    weights = {name: torch.randn(2, *p.shape) for name, p in module.named_parameters()}
    images = torch.randint(0, 256, (2, 6, 3, 4), dtype=torch.uint8)
    labels = torch.randint(0, 3, (2, 6))
    sound = {
        name: gradient.clone()
        for name, gradient in StackedDense(weights)(weights, images, labels)[0].items()
    }
    weights["layers.0.weight"][0] = torch.nan
    gradients, losses = StackedDense(weights)(weights, images, labels)
    assert losses[0].isnan()
    for name, gradient in gradients.items():
        assert torch.equal(gradient[1], sound[name][1])
