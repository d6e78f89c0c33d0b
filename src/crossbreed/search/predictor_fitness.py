"""Fitness of females: how well their predictors rank architectures by their final losses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crossbreed.config.gender import Evolution
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.generation import Generation, Known, finished_once
from crossbreed.search.individual import Individual
from crossbreed.search.ranking import RankQuality, rank_quality


def fitness_trials(history: Sequence[Generation], settings: Evolution) -> Known:
    """Return what the females of the last generation are judged on, identical architectures once.

    `judge_on` unseen: those of their own generation, on whom none of their ancestors was selected:
    without architectures that were trained to the end before. archive: all so far.
    """
    return [
        (generation.early[number], generation.finished[number].final_loss)
        for generation, number in finished_once(history)
        if settings.judge_on == "archive" or generation is history[-1]
    ]


def predictor_fitness(female: Individual, known: Known) -> RankQuality:
    """Return how well a female's predictions rank the final losses of known trials."""
    predicted = predict(female.predictor, features([trial for trial, _ in known]))
    return rank_quality(predicted, np.array([loss for _, loss in known], np.float64))
