"""The learning rate of each iteration."""

from __future__ import annotations

import math

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.language.architecture import iterations


def learning_rate(transformer: Transformer, training: LanguageTraining, iteration: int) -> float:
    """Return the learning rate of an iteration, counted from 0.

    It rises in a line during the warm-up, then falls along half a cosine (Loshchilov and Hutter
    2017, arXiv:1608.03983, equation 5, without restarts), by the very formulas of nanoGPT.
    """
    highest = transformer.learning_rate
    lowest = training.final_learning_rate * highest
    total = iterations(training, transformer.batch_size)
    warmup = round(training.warmup * total)
    if iteration < warmup:
        return highest * (iteration + 1) / (warmup + 1)
    if iteration >= total:
        return lowest
    done = (iteration - warmup) / (total - warmup)
    return lowest + (1 + math.cos(math.pi * done)) / 2 * (highest - lowest)
