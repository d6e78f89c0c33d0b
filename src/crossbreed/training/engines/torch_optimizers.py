"""torch's optimisers over stacked parameters, their state in plain view.

The functional forms are used: the classes keep the state to themselves, and importing what they
are wrapped in takes longer than many a training job here.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from crossbreed.config.schema import Trainer
from crossbreed.training.population import OptimizerState

Tensors = dict[str, Tensor]

# What each remembers, by the names in checkpoints.
_MOMENTS = {"adam": ("first_moment", "second_moment"), "sgd": ("velocity",)}


class Optimizer:
    """A trainer's optimiser: it changes weights in place and remembers what it needs.

    Adam (Kingma and Ba 2015, arXiv:1412.6980) adds epsilon to the root of the second moment before
    its bias is corrected, as Keras does (the paper's "epsilon hat", end of its section 2), not
    after as in torch's own class.

    Parameters
    ----------
    trainer
        Which optimiser, and its constants.
    weights
        What will be trained, for shapes and device.
    state
        What an earlier one remembered; fresh if no step was taken.
    """

    def __init__(self, trainer: Trainer, weights: Tensors, state: OptimizerState) -> None:
        self._trainer = trainer
        self._step = state.step
        self._moments = {
            moment: {
                name: torch.from_numpy(state.moments[moment][name]).to(tensor.device, copy=True)
                if state.step
                else torch.zeros_like(tensor)
                for name, tensor in weights.items()
            }
            for moment in _MOMENTS[trainer.optimizer]
        }
        # torch's Adam counts steps per parameter, in floats on the parameter's device.
        self._steps = [
            torch.tensor(float(state.step), device=tensor.device) for tensor in weights.values()
        ]

    def step(self, weights: Tensors, gradients: Tensors) -> None:
        """Change the weights by one step along the gradients, all of shape [N, ...]."""
        self._step += 1
        trainer = self._trainer
        parameters = list(weights.values())
        # The fused kernels walk weight and gradient in one order of memory, whatever their strides.
        ordered = [gradients[name].contiguous() for name in weights]
        moments = [list(tensors.values()) for tensors in self._moments.values()]
        match trainer.optimizer:
            case "adam":
                adam(
                    parameters,
                    ordered,
                    moments[0],
                    moments[1],
                    [],
                    self._steps,
                    fused=True,
                    amsgrad=False,
                    beta1=trainer.beta_1,
                    beta2=trainer.beta_2,
                    lr=trainer.learning_rate,
                    weight_decay=0.0,
                    eps=trainer.epsilon / math.sqrt(1 - trainer.beta_2**self._step),
                    maximize=False,
                )
            case "sgd":
                velocity: list[Tensor | None] = [*moments[0]]
                sgd(
                    parameters,
                    ordered,
                    velocity,
                    fused=True,
                    weight_decay=0.0,
                    momentum=trainer.momentum,
                    lr=trainer.learning_rate,
                    dampening=0.0,
                    nesterov=False,
                    maximize=False,
                )

    def state(self) -> OptimizerState:
        """Return a copy of what is remembered."""
        return OptimizerState(
            self._step,
            {
                moment: {name: tensor.cpu().numpy().copy() for name, tensor in tensors.items()}
                for moment, tensors in self._moments.items()
            },
        )
