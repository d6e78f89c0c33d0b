"""The loss of a language model, dropout off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from crossbreed.language.text import blocks
from crossbreed.language.transformer import LanguageModel

Batch = tuple[NDArray[np.int64], NDArray[np.int64]]


@torch.no_grad()
def mean_loss(model: LanguageModel, batches: Iterable[Batch]) -> float:
    """Return the mean loss over all characters of some batches, in nats per character.

    Batches are characters and the ones that follow them, each of shape [blocks, length]. The model
    is left in evaluation mode.
    """
    model.eval()
    device = model.positions.weight.device
    total = torch.zeros((), dtype=torch.float64, device=device)
    count = 0
    for characters, targets in batches:
        logits = model(torch.from_numpy(characters).to(device)).flatten(0, 1)
        wanted = torch.from_numpy(targets).to(device).flatten()
        total += cross_entropy(logits, wanted).double() * targets.size
        count += targets.size
    return float(total / count)


class SplitLoss(NamedTuple):
    """The mean loss over a part of a text, in nats per character, and its standard error."""

    mean: float
    error: float
    """Standard error of a mean over sampled blocks; 0 where all were read."""


@torch.no_grad()
def split_loss(
    model: LanguageModel, tokens: NDArray[np.uint8], batch_size: int, sample: int | None
) -> SplitLoss:
    """Return the mean loss over a text of shape [characters], read in blocks.

    Blocks follow each other, and the last may be short; of more whole ones than `sample`, so many
    are read, evenly spaced. Their losses count as independent. The model is left in evaluation
    mode.
    """
    size = model.block_size
    full, rest = divmod(len(tokens) - 1, size)
    if sample is None or sample >= full:
        offsets = size * np.arange(full)
        batches = [blocks(tokens, part, size) for part in _parts(offsets, batch_size)]
        if rest:
            batches.append(blocks(tokens, np.array([full * size]), rest))
        return SplitLoss(mean_loss(model, batches), 0.0)
    offsets = size * (np.arange(sample) * full // sample)
    losses = np.array(
        [
            loss
            for part in _parts(offsets, batch_size)
            for loss in _block_losses(model, blocks(tokens, part, size))
        ]
    )
    return SplitLoss(float(losses.mean()), float(losses.std(ddof=1) / np.sqrt(sample)))


def _block_losses(model: LanguageModel, batch: Batch) -> list[float]:
    model.eval()
    device = model.positions.weight.device
    characters, targets = (torch.from_numpy(array).to(device) for array in batch)
    losses = cross_entropy(model(characters).transpose(1, 2), targets, reduction="none")
    means: list[float] = losses.double().mean(1).tolist()
    return means


def _parts(offsets: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [offsets[first : first + size] for first in range(0, len(offsets), size)]
