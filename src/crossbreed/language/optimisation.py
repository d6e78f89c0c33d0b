"""One iteration of training: the loss of a batch, its gradients, a step of AdamW."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_
from torch.optim.adamw import adamw

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.language.architecture import Weights
from crossbreed.language.schedule import learning_rate
from crossbreed.language.state import TrainingState
from crossbreed.language.transformer import load_model
from crossbreed.randomness import Purpose, generator
from crossbreed.training import torch_compiler
from crossbreed.training.torch_device import mixed_precision

log = logging.getLogger(__name__)

Loss = Callable[[Tensor, Tensor], Tensor]


class Optimisation:
    """A network with what AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) remembers.

    Parameters
    ----------
    transformer, training
        Architecture and constants of the training.
    seed
        Key of the dropout, with the iteration's number.
    state
        Where to go on from.
    device
        Where the network is to lie.

    Raises
    ------
    CrossbreedError
        If the state's weights are not the architecture's.
    """

    def __init__(
        self,
        transformer: Transformer,
        training: LanguageTraining,
        seed: int,
        state: TrainingState,
        device: torch.device,
    ) -> None:
        self.model = load_model(transformer, state.weights, device)
        self._training = training
        self._seed = seed
        self._loss: Loss = self._mean_loss
        if training.compile:
            self._loss = torch_compiler.compiled(self._mean_loss, otherwise=self._reseeded_loss)
        self._iteration = 0
        self._parameters = dict(self.model.named_parameters())
        self._first = _tensors(state.first_moments, device)
        self._second = _tensors(state.second_moments, device)
        # torch counts steps per parameter, in floats on the parameter's device.
        self._steps = {
            name: torch.tensor(float(state.iteration), device=device) for name in self._parameters
        }
        self._losses: list[Tensor] = []
        log.info("torch %s on %s, %d threads", torch.__version__, device, torch.get_num_threads())

    def step(
        self, iteration: int, characters: NDArray[np.int64], targets: NDArray[np.int64]
    ) -> None:
        """Make one iteration.

        Parameters
        ----------
        iteration
            Its number, from 0.
        characters, targets
            The batch, shape [batch, block_size]: characters, and the ones that follow them.
        """
        device = self.model.positions.weight.device
        batch = [torch.from_numpy(array).to(device) for array in (characters, targets)]
        self.model.train()
        for parameter in self._parameters.values():
            parameter.grad = None
        self._iteration = iteration
        self._seed_dropout()
        loss = self._loss(*batch)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self._parameters.values(), self._training.gradient_clip)
        rate = learning_rate(self.model.transformer, self._training, iteration)
        self._update(rate)
        self._losses.append(loss.detach())

    @torch.no_grad()
    def _update(self, rate: float) -> None:
        """Change the parameters in place; only matrices, embeddings among them, decay."""
        for decays in (True, False):
            names = [name for name, p in self._parameters.items() if (p.ndim >= 2) == decays]
            parameters: list[Tensor] = [self._parameters[name] for name in names]
            adamw(
                parameters,
                [parameter.grad for parameter in parameters if parameter.grad is not None],
                [self._first[name] for name in names],
                [self._second[name] for name in names],
                [],
                [self._steps[name] for name in names],
                fused=True,
                amsgrad=False,
                beta1=self._training.beta_1,
                beta2=self._training.beta_2,
                lr=rate,
                weight_decay=self._training.weight_decay if decays else 0.0,
                eps=self._training.epsilon,
                maximize=False,
            )

    def take_losses(self) -> NDArray[np.float64]:
        """Return the losses of the iterations since the last call, and forget them."""
        losses = torch.stack(self._losses).double().cpu().numpy()
        self._losses = []
        return losses

    def arrays(self) -> tuple[Weights, Weights, Weights]:
        """Return copies of the weights and of AdamW's first and second moments."""
        return _copies(self._parameters), _copies(self._first), _copies(self._second)

    def _mean_loss(self, characters: Tensor, targets: Tensor) -> Tensor:
        mixed = self._training.precision == "bfloat16"
        with mixed_precision(characters.device, mixed):
            scores = self.model(characters)
        return cross_entropy(scores.float().flatten(0, 1), targets.flatten())

    def _reseeded_loss(self, characters: Tensor, targets: Tensor) -> Tensor:
        """Return the loss as if nothing had drawn from the generator before, as compilers may."""
        self._seed_dropout()
        return self._mean_loss(characters, targets)

    def _seed_dropout(self) -> None:
        """Give torch's global generator, which draws the masks, nothing that is to be saved."""
        if self.model.transformer.dropout:
            draws = generator(self._seed, Purpose.DROPOUT, self._iteration)
            torch.manual_seed(int(draws.integers(2**63)))


def _tensors(arrays: Weights, device: torch.device) -> dict[str, Tensor]:
    return {name: torch.tensor(array, device=device) for name, array in arrays.items()}


def _copies(tensors: Mapping[str, Tensor]) -> Weights:
    return {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}
