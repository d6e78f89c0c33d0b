"""Fitness of males: how fast their networks learn early."""

from __future__ import annotations

import math

from crossbreed.config.gender import Evolution
from crossbreed.search.features import train_losses
from crossbreed.search.generation import Generation
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
        As it was early; where it diverged, its loss counts as `features.LARGEST_LOSS` from then on.
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
        that is worse than an even guess.
    """
    gained = math.log(vocabulary) - float(train_losses(trial).mean())
    tokens = int(trial.curve.tokens[-1])
    cost = {
        "token": float(tokens),
        "iteration": trial.iterations,
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
