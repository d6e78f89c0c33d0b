"""The loss of a language model, dropout off."""

from __future__ import annotations

from collections.abc import Iterable

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


def whole_loss(model: LanguageModel, tokens: NDArray[np.uint8], batch_size: int) -> float:
    """Return the mean loss over a text of shape [characters], read in consecutive blocks.

    The last block may be short. The model is left in evaluation mode.
    """
    size = model.block_size
    full, rest = divmod(len(tokens) - 1, size)
    offsets = size * np.arange(full)
    parts = [offsets[first : first + batch_size] for first in range(0, full, batch_size)]
    batches = [blocks(tokens, part, size) for part in parts]
    if rest:
        batches.append(blocks(tokens, np.array([full * size]), rest))
    return mean_loss(model, batches)
