"""How long jobs of the gender study are expected to take, for the estimate of the time left.

Seconds of a core of an AMD EPYC server; how fast a machine is shows when its first jobs are done.
"""

from __future__ import annotations

from collections.abc import Iterable

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.language.architecture import flops_per_token, iterations

# Of an iteration, of a layer in it, and of a floating point operation: fitted to the times of 156
# trainings, of which half are within 7 %.
_ITERATION, _LAYER, _OPERATION = 1e-3, 1e-3, 1.1e-11
# Estimates along the way, losses at the end and speeds, as a share of the training.
_MEASURING = 0.2
_CHARACTERS = 65


def of_trainings(training: LanguageTraining, architectures: Iterable[Transformer]) -> float:
    """Return what it takes to train networks to the end and to measure them."""
    seconds = 0.0
    for each in architectures:
        steps = iterations(training, each.batch_size)
        operations = training.tokens * flops_per_token(each, training.block_size, _CHARACTERS)
        seconds += steps * (_ITERATION + _LAYER * each.layers) + operations * _OPERATION
    return seconds * (1 + _MEASURING)


def of_replay(searches: int, individuals: int) -> float:
    """Return what so many searches of so many individuals each take on a table."""
    return searches * individuals * 3.4e-4


def of_table_evaluation(shares: int) -> float:
    """Return what it takes to compare predictors after so many shares of a training."""
    return 5.5 * shares
