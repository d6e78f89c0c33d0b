"""Evolve a predictor offline: on trials whose final losses are known, apart from any search."""

from __future__ import annotations

import random
from functools import cache

import numpy as np

from crossbreed.config.gender import PredictorSpace
from crossbreed.search.expression import parse, predict
from crossbreed.search.features import features
from crossbreed.search.generation import Known
from crossbreed.search.predictor import (
    Operation,
    cross_predictors,
    draws,
    mutate_predictor,
    random_predictor,
)
from crossbreed.search.ranking import rank_quality

_CROSSING = 0.6
_MUTATION = 0.3
_TOURNAMENT = 4


def evolve_predictor(
    known: Known,
    space: PredictorSpace,
    seed: int,
    population: int,
    generations: int,
    *place: int,
) -> str:
    """Search the predictor that ranks known trials best, by plain genetic programming.

    Generations of tournament winners are crossed and mutated (Bäck, Fogel and Michalewicz 2000,
    chapter 7); the best of all generations is returned. Fitness is `ranking.rank_quality`: a high
    tau, then a low rank error, then few nodes; of equals, the first.

    Parameters
    ----------
    known
        Trials as they were early, each with its final loss.
    space
        How deep trees may be.
    seed, *place
        All that the search depends on, besides.
    population, generations
        Predictors of a generation; generations after the founders.
    """
    columns = features([trial for trial, _ in known])
    losses = np.array([loss for _, loss in known], np.float64)

    @cache
    def fitness(expression: str) -> tuple[float, float, int]:
        quality = rank_quality(predict(expression, columns), losses)
        return (quality.tau, -quality.error, -len(parse(expression)))

    with draws(seed, Operation.SEARCH, *place):
        predictors = [random_predictor(space) for _ in range(population)]
        best = max(predictors, key=fitness)
        for _ in range(generations):
            predictors = [
                max([random.choice(predictors) for _ in range(_TOURNAMENT)], key=fitness)
                for _ in predictors
            ]
            _vary(predictors, space)
            best = max([best, *predictors], key=fitness)
    return best


def _vary(predictors: list[str], space: PredictorSpace) -> None:
    """Cross neighbours, then mutate, each by chance, in place."""
    for left in range(0, len(predictors) - 1, 2):
        if random.random() < _CROSSING:
            father, mother = predictors[left : left + 2]
            predictors[left : left + 2] = [
                cross_predictors(father, mother, space),
                cross_predictors(mother, father, space),
            ]
    for position, predictor in enumerate(predictors):
        if random.random() < _MUTATION:
            predictors[position] = mutate_predictor(predictor, space)
