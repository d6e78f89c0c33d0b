"""Train all networks of a population at once with torch."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap
from torch.nn.functional import cross_entropy

from crossbreed.config.schema import Trainer
from crossbreed.data.examples import Examples
from crossbreed.errors import CrossbreedError
from crossbreed.training import torch_compiler
from crossbreed.training.engines.stacked_dense import StackedDense
from crossbreed.training.engines.torch_optimizers import Optimizer, Tensors
from crossbreed.training.models.dense import Dense
from crossbreed.training.models.torch_models import architecture_of
from crossbreed.training.population import Population
from crossbreed.training.torch_device import choose_device, mixed_precision, prepare_processor

log = logging.getLogger(__name__)

_EVALUATION_BATCH = 1000

# From weights [N, ...], images [N, B, height, width] uint8 and labels [N, B]: the gradients, of
# the weights' shapes, and the mean losses [N].
Gradients = Callable[[Tensors, Tensor, Tensor], tuple[Tensors, Tensor]]


class TorchEngine:
    """A population as stacked parameters of one module; see `Engine`.

    Parameters
    ----------
    module
        One network of the architecture, without batch statistics; its own values are not used.
    trainer
        Optimiser, batch size, device.
    population
        The networks to start with.
    threads
        CPU threads.

    Raises
    ------
    CrossbreedError
        If the population's arrays are not the module's, or CUDA is asked for and absent.
    """

    def __init__(
        self, module: nn.Module, trainer: Trainer, population: Population, threads: int
    ) -> None:
        prepare_processor(threads)
        self._device = choose_device(trainer.device, "trainer.device")
        log.info("torch %s on %s, %d threads", torch.__version__, self._device, threads)
        self._batch_size = trainer.batch_size
        self._hidden_layers = population.hidden_layers
        self._weights = _stacked(module, population, self._device)
        self._module = module.to(self._device)
        self._optimizer = Optimizer(trainer, self._weights, population.optimizer)
        self._gradients: Gradients = self._one_by_one
        # A last, smaller batch is not worth a compilation of its own.
        self._gradients_of_rest: Gradients = self._one_by_one
        self._mixed = trainer.precision == "bfloat16"
        if isinstance(module, Dense) and not self._mixed:
            self._gradients = self._gradients_of_rest = StackedDense(self._weights)
        elif trainer.compile:
            self._gradients = torch_compiler.compiled(
                vmap(grad_and_value(self._loss)), otherwise=self._one_by_one
            )
        self._resident: list[tuple[Examples, Tensor, Tensor]] = []

    def train_epoch(self, examples: Examples, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """Train every network for one epoch; see `Engine.train_epoch`."""
        images, labels = self._on_device(examples)
        networks, count = order.shape
        total = torch.zeros(networks, dtype=torch.float64, device=self._device)
        # All that does not depend on the weights is done once for all steps of a size.
        full = count // self._batch_size * self._batch_size
        for part, size, gradients_of in (
            (order[:, :full], self._batch_size, self._gradients),
            (order[:, full:], count - full, self._gradients_of_rest),
        ):
            if not part.size:
                continue
            places = torch.from_numpy(_by_step(part, size)).to(self._device)
            targets = labels[places]
            losses = torch.empty(len(places), networks, device=self._device)
            shape = (networks, size, *images.shape[1:])
            for step, chosen in enumerate(places.flatten(1)):
                batch = images.index_select(0, chosen).view(shape)
                gradients, losses[step] = gradients_of(self._weights, batch, targets[step])
                self._optimizer.step(self._weights, gradients)
            total += losses.double().sum(0) * size
        return _float64(total / count)

    @torch.no_grad()
    def evaluate(self, examples: Examples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return loss and accuracy of every network; see `Engine.evaluate`."""
        images, labels = self._on_device(examples)
        losses = torch.zeros(self._size, dtype=torch.float64, device=self._device)
        correct = torch.zeros_like(losses)
        for start in range(0, len(labels), _EVALUATION_BATCH):
            batch = images[start : start + _EVALUATION_BATCH]
            targets = labels[start : start + _EVALUATION_BATCH]
            for network in range(self._size):
                scores = self._scores(self._network(network), batch)
                losses[network] += cross_entropy(scores, targets, reduction="none").double().sum()
                correct[network] += (scores.argmax(1) == targets).sum()
        return _float64(losses / len(labels)), _float64(correct / len(labels))

    def population(self, epoch: int) -> Population:
        """Return a copy of the networks and their optimiser; see `Engine.population`."""
        return Population(
            weights={name: tensor.cpu().numpy().copy() for name, tensor in self._weights.items()},
            optimizer=self._optimizer.state(),
            epoch=epoch,
            hidden_layers=self._hidden_layers,
        )

    @property
    def _size(self) -> int:
        return len(next(iter(self._weights.values())))

    def _network(self, index: int) -> Tensors:
        return {name: tensor[index] for name, tensor in self._weights.items()}

    def _scores(self, weights: Tensors, images: Tensor) -> Tensor:
        scores: Tensor = functional_call(self._module, weights, (images.float() / 255,))
        return scores

    def _loss(self, weights: Tensors, images: Tensor, labels: Tensor) -> Tensor:
        with mixed_precision(self._device, self._mixed):
            scores = self._scores(weights, images)
        return cross_entropy(scores.float(), labels)

    def _one_by_one(
        self, weights: Tensors, images: Tensor, labels: Tensor
    ) -> tuple[Tensors, Tensor]:
        """Differentiate one network after the other: any module, nothing to compile."""
        gradients = {name: torch.empty_like(tensor) for name, tensor in weights.items()}
        losses = torch.empty(len(labels), device=self._device)
        for index in range(len(labels)):
            leaves = {name: tensor[index].requires_grad_() for name, tensor in weights.items()}
            loss = self._loss(leaves, images[index], labels[index])
            derivatives = torch.autograd.grad(loss, list(leaves.values()))
            for name, gradient in zip(leaves, derivatives, strict=True):
                gradients[name][index] = gradient
            losses[index] = loss.detach()
        return gradients, losses

    def _on_device(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """Keep examples on the device from their first use; bytes, a quarter of floats' size."""
        for known, images, labels in self._resident:
            if known is examples:
                return images, labels
        images = torch.from_numpy(examples.images).to(self._device)
        labels = torch.from_numpy(examples.labels).to(self._device)
        self._resident.append((examples, images, labels))
        return images, labels


def _stacked(module: nn.Module, population: Population, device: torch.device) -> Tensors:
    shapes = architecture_of(module).shapes
    actual = {name: array.shape[1:] for name, array in population.weights.items()}
    if actual != shapes:
        raise CrossbreedError(f"the population's arrays {actual} are not the model's {shapes}")
    return {
        name: torch.from_numpy(population.weights[name]).to(device, copy=True)
        for name in sorted(shapes)
    }


def _by_step(order: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return examples in the order of steps, [steps, N, size], from [N, steps times size]."""
    networks = len(order)
    return np.ascontiguousarray(order.reshape(networks, -1, size).transpose(1, 0, 2))


def _float64(tensor: Tensor) -> NDArray[np.float64]:
    return np.array(tensor.cpu().numpy(), np.float64)
