"""How long jobs of the gender study are expected to take, for the estimate of the time left.

Seconds of a core of an AMD EPYC server; how fast a machine is shows when its first jobs are done.
"""

from __future__ import annotations

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.language.architecture import flops_per_token, iterations

# Of an iteration, of a layer in it, and of a floating point operation: fitted to the times of 156
# trainings, of which half are within 7 %.
_ITERATION, _LAYER, _OPERATION = 1e-3, 1e-3, 1.1e-11
# Estimates along the way, losses at the end and speeds, as a share of the training.
_MEASURING = 0.2
_CHARACTERS = 65


def of_training(training: LanguageTraining, architecture: Transformer) -> float:
    """Return what it takes to train a network to the end and to measure it."""
    steps = iterations(training, architecture.batch_size)
    operations = training.tokens * flops_per_token(architecture, training.block_size, _CHARACTERS)
    seconds = steps * (_ITERATION + _LAYER * architecture.layers) + operations * _OPERATION
    return seconds * (1 + _MEASURING)


def of_replay(searches: int, individuals: int) -> float:
    """Return what so many searches of so many individuals each take on a table."""
    return 0.5 + searches * individuals * 3.4e-4


def of_table_evaluation(shares: int, cells: int) -> float:
    """Return what it takes to compare predictors after shares of a training, by their number."""
    return shares * cells * 0.105


def of_comparison(searches: int) -> float:
    """Return what it takes to compare the modes, by the number of searches."""
    return 1.0 + searches * 3e-3


def of_drawing(searches: int) -> float:
    """Return what it takes to draw the figures, by the number of searches."""
    return 3.0 + searches * 4e-3
