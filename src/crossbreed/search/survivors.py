"""Whom of a generation to train to the end, and who wins a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from crossbreed.config.gender import Evolution, Search
from crossbreed.randomness import Purpose, generator
from crossbreed.search.baseline_predictors import predict_with
from crossbreed.search.budget import finished_per_generation
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.files import Choice
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.ranking import ranks


def select_survivors(
    history: Sequence[Generation],
    newest: Generation,
    search: Search,
    settings: Evolution,
    seed: int,
    search_seed: int,
) -> list[Choice]:
    """Return all of the newest generation, the most promising first; the first are chosen.

    By the mother: every mother predicts the loss of all, and each individual counts as what its
    own mother makes of it among all. Mothers predict in units of their own, so only ranks can be
    compared between them.

    Parameters
    ----------
    history, newest
        The generations before, from the founders; the one after, trained early.
    search, settings
        The rule, and how many are chosen.
    seed, search_seed
        The study's seed, and which repetition of the searches, from 1.
    """
    numbers = [individual.number for individual in newest.individuals]
    match search.finish:
        case "all":
            return [Choice(number=number, foretold_rank=0, chosen=True) for number in numbers]
        case "mother":
            predicted_ranks = _by_mothers(history[-1], newest)
        case rule:
            known = [pair for generation in history for pair in generation.known()]
            candidates = [newest.early[number] for number in numbers]
            predicted = predict_with(rule, known, candidates, seed, search_seed, len(history))
            predicted_ranks = ranks(predicted)
    count = finished_per_generation(search, settings)
    # Equal ranks, which individuals of different mothers often have, in an order by chance.
    draws = generator(seed, Purpose.SURVIVAL, search_seed, len(history))
    order = np.lexsort((draws.random(len(numbers)), np.array(predicted_ranks)))
    return [
        Choice(number=numbers[place], foretold_rank=predicted_ranks[place], chosen=rank < count)
        for rank, place in enumerate(order)
    ]


def _by_mothers(parents: Generation, newest: Generation) -> list[float]:
    individuals = newest.individuals
    known = features([newest.early[individual.number] for individual in individuals])
    predictors = {parent.number: parent.predictor for parent in parents.individuals}
    of_mother = {
        number: ranks(predict(predictors[number], known))
        for number in {individual.mother.number for individual in individuals}
    }
    return [
        of_mother[individual.mother.number][place] for place, individual in enumerate(individuals)
    ]


class Winner(NamedTuple):
    """The individual with the lowest final loss, in nats per character, of a search."""

    individual: Individual
    final_loss: float


def winner(history: Sequence[Generation]) -> Winner:
    """Return the winner; of equals, the first. Diverged networks come last."""
    finished = [
        Winner(individual, generation.finished[individual.number].final_loss)
        for generation in history
        for individual in generation.individuals
        if individual.number in generation.finished
    ]
    return min(finished, key=lambda pair: (not np.isfinite(pair.final_loss), pair.final_loss))
