"""Evolve a predictor at leisure, on trials whose final losses are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from deap import algorithms, base, gp, tools

from crossbreed.config.gender import PredictorSpace
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.predictor import Operation, cross_trees, draws, mutate_tree, random_tree
from crossbreed.search.ranking import rank_quality
from crossbreed.search.trial import Trial

Known = Sequence[tuple[Trial, float]]

_CROSSING = 0.6
_MUTATION = 0.3
_TOURNAMENT = 4


class _Fitness(base.Fitness):  # type: ignore[misc]
    """Compared in this order: high tau, low rank error, few nodes."""

    weights = (1.0, -1.0, -1.0)


def evolve_predictor(
    known: Known,
    space: PredictorSpace,
    seed: int,
    population: int,
    generations: int,
    *place: int,
) -> str:
    """Search the predictor that ranks known trials best, by plain genetic programming.

    Generations of tournament winners are crossed and mutated (DEAP's `eaSimple`; Bäck, Fogel and
    Michalewicz 2000, chapter 7); the best of all generations is returned. Fitness is
    `ranking.rank_quality`; of equals, the smaller tree is better.

    Parameters
    ----------
    known
        Trials as they were early, each with its final loss.
    space
        How deep trees may be.
    population
        Predictors of a generation.
    generations
        Generations after the founders.
    seed, *place
        All that the search depends on, besides.

    Returns
    -------
    str
        The text of the best predictor.
    """
    judge = _Judge(known)

    def mate(one: Any, other: Any) -> tuple[Any, Any]:
        return _individual(cross_trees(one, other, space)), _individual(
            cross_trees(other, one, space)
        )

    def mutate(one: Any) -> tuple[Any]:
        return (_individual(mutate_tree(one, space)),)

    toolbox = base.Toolbox()
    toolbox.register("evaluate", judge.quality)
    toolbox.register("mate", mate)
    toolbox.register("mutate", mutate)
    toolbox.register("select", tools.selTournament, tournsize=_TOURNAMENT)
    best = tools.HallOfFame(1)
    with draws(seed, Operation.SEARCH, *place):
        founders = [_individual(random_tree(space)) for _ in range(population)]
        algorithms.eaSimple(
            founders, toolbox, _CROSSING, _MUTATION, generations, halloffame=best, verbose=False
        )
    return str(best[0])


class _Judge:
    """Judges predictors by trials whose final losses are known."""

    def __init__(self, known: Known) -> None:
        self._features = features([trial for trial, _ in known])
        self._losses = np.array([loss for _, loss in known], np.float64)

    def quality(self, tree: gp.PrimitiveTree) -> tuple[float, float, float]:
        """Return tau, rank error and size."""
        quality = rank_quality(predict(str(tree), self._features), self._losses)
        return (quality.tau, quality.error, len(tree))


def _individual(tree: gp.PrimitiveTree) -> gp.PrimitiveTree:
    """Return a tree with a place for its fitness, as DEAP's algorithms want it."""
    tree = gp.PrimitiveTree(tree)
    tree.fitness = _Fitness()
    return tree
