"""torch's optimisers over stacked parameters, their state in plain view.

The functional forms are used: the classes keep the state to themselves, and importing what they
are wrapped in takes longer than many a training job here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from crossbreed.config.schema import Trainer
from crossbreed.training.engines.moments import ADAM, TORCH_SGD, named_moments
from crossbreed.training.population import OptimizerState

Tensors = dict[str, Tensor]


class Optimizer(Protocol):
    """Changes weights in place and remembers what it needs from step to step."""

    def step(self, weights: Tensors, gradients: Tensors) -> None:
        """Change the weights by one step along the gradients, all of shape [N, ...]."""
        ...

    def state(self) -> OptimizerState:
        """Return a copy of what is remembered."""
        ...


def create_optimizer(trainer: Trainer, weights: Tensors, state: OptimizerState) -> Optimizer:
    """Return the trainer's optimiser.

    Parameters
    ----------
    trainer
        Which optimiser, and its constants.
    weights
        What will be trained, for shapes and device.
    state
        What an earlier optimiser remembered; fresh if no step was taken.

    Raises
    ------
    CrossbreedError
        If the state is another optimiser's.
    """
    match trainer.optimizer:
        case "adam":
            return Adam(trainer, weights, state)
        case "sgd":
            return Sgd(trainer, weights, state)


class Adam:
    """Adam (Kingma and Ba 2015, arXiv:1412.6980), torch's fused kernel.

    Epsilon is added to the root of the second moment before its bias is corrected, as Keras does
    (the paper's "epsilon hat", end of its section 2), not after as in torch's own class.
    """

    def __init__(self, trainer: Trainer, weights: Tensors, state: OptimizerState) -> None:
        self._trainer = trainer
        self._moments = _restore(ADAM, trainer, weights, state)
        self._step = state.step
        # torch counts steps per parameter, in floats on the parameter's device.
        self._steps = [
            torch.tensor(float(state.step), device=tensor.device) for tensor in weights.values()
        ]

    def step(self, weights: Tensors, gradients: Tensors) -> None:
        """Change the weights in place; see `Optimizer.step`."""
        self._step += 1
        correction = math.sqrt(1 - self._trainer.beta_2**self._step)
        adam(
            list(weights.values()),
            _in_order(weights, gradients),
            list(self._moments[ADAM[0]].values()),
            list(self._moments[ADAM[1]].values()),
            [],
            self._steps,
            fused=True,
            amsgrad=False,
            beta1=self._trainer.beta_1,
            beta2=self._trainer.beta_2,
            lr=self._trainer.learning_rate,
            weight_decay=0.0,
            eps=self._trainer.epsilon / correction,
            maximize=False,
        )

    def state(self) -> OptimizerState:
        """Return a copy of the moments; see `Optimizer.state`."""
        return _copy(self._step, self._moments)


class Sgd:
    """Stochastic gradient descent with momentum, torch's fused kernel."""

    def __init__(self, trainer: Trainer, weights: Tensors, state: OptimizerState) -> None:
        self._trainer = trainer
        self._moments = _restore((TORCH_SGD,), trainer, weights, state)
        self._steps = state.step

    def step(self, weights: Tensors, gradients: Tensors) -> None:
        """Change the weights in place; see `Optimizer.step`."""
        sgd(
            list(weights.values()),
            _in_order(weights, gradients),
            list(self._moments[TORCH_SGD].values()),
            fused=True,
            weight_decay=0.0,
            momentum=self._trainer.momentum,
            lr=self._trainer.learning_rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
        )
        self._steps += 1

    def state(self) -> OptimizerState:
        """Return a copy of the velocity; see `Optimizer.state`."""
        return _copy(self._steps, self._moments)


def _in_order(weights: Tensors, gradients: Tensors) -> list[Tensor]:
    # The fused kernels walk weight and gradient in one order of memory, whatever their strides.
    return [gradients[name].contiguous() for name in weights]


def _restore(
    names: tuple[str, ...], trainer: Trainer, weights: Tensors, state: OptimizerState
) -> Mapping[str, Tensors]:
    if not state.step:
        return {
            name: {key: torch.zeros_like(tensor) for key, tensor in weights.items()}
            for name in names
        }
    moments = named_moments(state, names, trainer)
    return {
        name: {
            key: torch.from_numpy(moments[name][key]).to(tensor.device, copy=True)
            for key, tensor in weights.items()
        }
        for name in names
    }


def _copy(step: int, moments: Mapping[str, Tensors]) -> OptimizerState:
    return OptimizerState(
        step,
        {
            name: {key: tensor.cpu().numpy().copy() for key, tensor in tensors.items()}
            for name, tensors in moments.items()
        },
    )
