"""Fitness of the two sexes: how early a male learns, how well a female foretells."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.gender import Evolution
from crossbreed.config.language import Transformer
from crossbreed.search.expression import predict
from crossbreed.search.features import features, train_losses
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.ranking import RankQuality, rank_quality
from crossbreed.search.trial import Trial


def learning_speed(trial: Trial, per: str, vocabulary: int, seconds: float) -> float:
    """Return how fast a network learns early: the area between ignorance and its training loss.

    That is the mean, over the points of the early learning curve, of how many nats per character
    the training loss lies below ln(vocabulary), the loss of an even guess, divided by what the
    early training took. As all see the same number of characters, "token" ranks by the mean early
    training loss alone.

    Parameters
    ----------
    trial
        As it was early.
    per
        What is counted: token, iteration, flop or second.
    vocabulary
        Number of different characters.
    seconds
        What the early training took.

    Returns
    -------
    float
        Nats per token (iteration, flop, second); the higher, the faster. Negative for a network
        that is worse than an even guess; where training diverged, its loss counts as
        `features.LARGEST_LOSS` from there on.
    """
    gained = math.log(vocabulary) - float(train_losses(trial).mean())
    tokens = int(trial.curve.tokens[-1])
    cost = {
        "token": float(tokens),
        "iteration": tokens / (trial.architecture.batch_size * trial.block_size),
        "flop": tokens * trial.flops_per_token,
        "second": seconds,
    }[per]
    # A slow failure is no better than a fast one.
    return gained / cost if gained > 0 else gained * cost


def speeds(generation: Generation, settings: Evolution) -> dict[int, float]:
    """Return the learning speed of every individual of a generation, by its number."""
    return {
        number: learning_speed(
            trial, settings.speed_per, generation.vocabulary, generation.early_seconds[number]
        )
        for number, trial in generation.early.items()
    }


def judged_on(history: Sequence[Generation], settings: Evolution) -> list[tuple[Trial, float]]:
    """Return what the females of the last generation are judged on: early trials, final losses.

    `unseen`: those of their own generation, on whom none of their ancestors was selected: without
    architectures that were trained to the end before. `archive`: all so far. Identical
    architectures count once.
    """
    seen: set[Transformer] = set()
    known = []
    for generation in history:
        for early, loss in generation.known():
            if early.architecture not in seen:
                seen.add(early.architecture)
                if settings.judge_on == "archive" or generation is history[-1]:
                    known.append((early, loss))
    return known


def judge(female: Individual, known: Sequence[tuple[Trial, float]]) -> RankQuality:
    """Return how well a female's predictions rank the final losses of known trials."""
    if not known:
        return RankQuality(0.0, 0.0)
    foretold = predict(female.predictor, features([trial for trial, _ in known]))
    return rank_quality(foretold, _array([loss for _, loss in known]))


def _array(values: Sequence[float]) -> NDArray[np.float64]:
    return np.array(values, np.float64)
