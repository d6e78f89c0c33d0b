"""Made-up trials for the tests of predictors."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from crossbreed.config.language import Transformer
from crossbreed.language.curve import LearningCurve
from crossbreed.search.trial import Trial

# Losses as no training should have them, but some do.
STRANGE = st.floats(width=64) | st.sampled_from([0.0, -1.0, 1e308, np.inf, -np.inf, np.nan, 1e-320])

FULL_TOKENS = 100_000
BLOCK_SIZE = 64


def make_trial(
    train_loss: list[float] | NDArray[np.float64],
    validation_loss: dict[int, float] | None = None,
    learning_rate: float = 1e-3,
    batch_size: int = 8,
) -> Trial:
    """Return a trial with these training losses at its points after the first.

    Validation losses are given by the point, counted from 0.
    """
    points = len(train_loss)
    validation = np.full(points + 1, np.nan)
    for point, loss in (validation_loss or {}).items():
        validation[point] = loss
    return Trial(
        architecture=Transformer(
            layers=2,
            heads=4,
            width=32,
            dropout=0.1,
            learning_rate=learning_rate,
            batch_size=batch_size,
        ),
        parameters=1000,
        flops_per_token=1e5,
        block_size=BLOCK_SIZE,
        full_tokens=FULL_TOKENS,
        curve=LearningCurve(
            tokens=np.arange(points + 1, dtype=np.int64) * 1024,
            train_loss=np.array([np.nan, *train_loss]),
            validation_loss=validation,
        ),
    )


def crossing_trials(count: int, seed: int) -> list[tuple[Trial, float]]:
    """Return trials whose curves cross later, each with its final loss.

    What learns slowly at first, at a low learning rate, ends low, so that the last early loss says
    next to nothing.
    """
    draws = np.random.default_rng(seed)
    trials = []
    for _ in range(count):
        final = draws.uniform(1.2, 1.8)
        exponent = draws.uniform(0.2, 0.6)
        learning_rate = 10 ** (-4 + 3 * (final - 1.2) + draws.normal(0, 0.15))
        early = np.arange(1, 9) / 80
        height = 0.15 + (1.9 - final) * 0.5
        losses = final + height * (early**-exponent - 1) + draws.normal(0, 0.02, len(early))
        validation = {8: float(losses[-1] + draws.normal(0, 0.02))}
        trials.append((make_trial(losses, validation, learning_rate), float(final)))
    return trials
