"""Write text with a language model, and measure how fast it does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from crossbreed.config.language import Sampling
from crossbreed.language.transformer import Cache, LanguageModel
from crossbreed.randomness import Purpose, generator
from crossbreed.training.torch_device import clock


class Speed(NamedTuple):
    """Characters written per second, without and with cached keys and values."""

    uncached: float
    cached: float


@torch.inference_mode()
def generate(
    model: LanguageModel,
    prompt: NDArray[np.uint8],
    count: int,
    sampling: Sampling,
    seed: int,
    *,
    cached: bool,
    sample: int = 0,
) -> NDArray[np.uint8]:
    """Return characters that continue a text.

    As in nanoGPT, a text longer than a block is cropped to its last block, by which each of its
    characters gets another position; keys and values that were cached are of no use then, and
    writing with them is no faster than without. Both ways give the same characters, but for a
    draw that falls within a rounding error of the border between two of them.

    Parameters
    ----------
    model
        The network, in evaluation mode.
    prompt
        The beginning, shape [characters], at least one.
    count
        Characters to write.
    sampling
        Temperature, and how many of the likeliest characters are drawn from: at most all.
    seed, sample
        Key of the draws, with the character's place.
    cached
        Whether keys and values of earlier characters are kept, rather than computed anew.

    Returns
    -------
    ndarray of shape (count,), uint8
        Without the prompt.
    """
    device = model.positions.weight.device
    draws = generator(seed, Purpose.SAMPLING, sample).random(count)
    text = [int(character) for character in prompt]
    cache = None
    for draw in draws:
        if not cached or len(text) > model.block_size:
            unread, cache = text[-model.block_size :], None
        elif cache is None:
            unread, cache = text, Cache()
        else:
            unread = text[-1:]
        logits = model(torch.tensor([unread], device=device), cache)[0, -1]
        text.append(_draw(logits.double().cpu().numpy(), sampling, draw))
    return np.array(text[len(prompt) :], np.uint8)


def tokens_per_second(
    model: LanguageModel, prompt: NDArray[np.uint8], sampling: Sampling, seed: int
) -> Speed:
    """Return how many characters a second the model writes, the mean over some samples.

    All continue the prompt, shape [characters]. One sample of each way goes before, unmeasured.
    """
    speeds = []
    now = clock(model.positions.weight.device, torch.get_num_threads())
    for cached in (False, True):
        rates = []
        for sample in range(sampling.samples + 1):
            began = now()
            generate(model, prompt, sampling.tokens, sampling, seed, cached=cached, sample=sample)
            rates.append(sampling.tokens / (now() - began))
        speeds.append(float(np.mean(rates[1:])))
    return Speed(*speeds)


def _draw(logits: NDArray[np.float64], sampling: Sampling, draw: float) -> int:
    """Return the character on which a number between 0 and 1 falls."""
    # Of equally likely ones, the first: a stable order.
    likeliest = np.argsort(-logits, kind="stable")[: sampling.top_k]
    scaled = logits[likeliest] / sampling.temperature
    summed = np.cumsum(np.exp(scaled - scaled[0]))
    place = int(np.searchsorted(summed, draw * summed[-1], side="right"))
    return int(likeliest[min(place, len(likeliest) - 1)])
