"""A search from its founders to its winner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from crossbreed.config.gender import Evolution, Search
from crossbreed.search.budget import finished_per_generation
from crossbreed.search.choices import Chosen
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.ladder import foretell
from crossbreed.search.mating import newcomers, next_generation
from crossbreed.search.ranking import ranks
from crossbreed.search.trial import Trial


def choose(
    history: Sequence[Generation],
    newest: Generation,
    search: Search,
    settings: Evolution,
    seed: int,
    search_seed: int,
) -> list[Chosen]:
    """Return all of the newest generation, the most promising first; the first are chosen.

    By the mother: every mother foretells the loss of all, and each individual counts as what its
    own mother makes of it among all. Mothers foretell in units of their own, so only ranks can be
    compared between them.

    Parameters
    ----------
    history
        The generations before, from the founders.
    newest
        The generation after, trained early.
    search
        Its rule `finish` decides.
    settings, seed, search_seed
        As of `mating.newcomers`.
    """
    individuals = newest.individuals
    candidates = [newest.early[one.number] for one in individuals]
    match search.finish:
        case "all":
            return [Chosen(number=one.number, foretold_rank=0, chosen=True) for one in individuals]
        case "mother":
            shares = _by_mothers(history[-1], individuals, candidates)
        case rule:
            known = [pair for generation in history for pair in generation.known()]
            foretold = foretell(rule, known, candidates, seed, search_seed, len(history))
            shares = ranks(foretold)
    order = sorted(range(len(individuals)), key=lambda place: (shares[place], place))
    count = finished_per_generation(search, settings)
    return [
        Chosen(
            number=individuals[place].number,
            foretold_rank=shares[place],
            chosen=position < count,
        )
        for position, place in enumerate(order)
    ]


def _by_mothers(
    parents: Generation, individuals: list[Individual], candidates: list[Trial]
) -> list[float]:
    known = features(candidates)
    predictors = {one.number: one.predictor for one in parents.individuals}
    of_mother = {
        number: ranks(predict(predictors[number], known))
        for number in {one.mother.number for one in individuals}
    }
    return [of_mother[one.mother.number][place] for place, one in enumerate(individuals)]


class Winner(NamedTuple):
    """The individual with the lowest final loss, in nats per character, of a search."""

    individual: Individual
    final_loss: float


def winner(history: Sequence[Generation]) -> Winner:
    """Return the winner; of equals, the first. Diverged networks come last."""
    finished = [
        Winner(one, generation.finished[one.number].final_loss)
        for generation in history
        for one in generation.individuals
        if one.number in generation.finished
    ]
    return min(finished, key=lambda one: (not np.isfinite(one.final_loss), one.final_loss))


class Trained(NamedTuple):
    """A training: its trial, and the seconds that it took until its end."""

    trial: Trial
    seconds: float


# Trains an individual as far as a share of the full training.
Train = Callable[[Individual, float], Trained]


def run_search(
    search: Search,
    settings: Evolution,
    generations: int,
    train: Train,
    vocabulary: int,
    seed: int,
    search_seed: int,
) -> list[Generation]:
    """Run a whole search in this process, with any way to train: a workbench for new rules.

    The study does the same as jobs, one generation's training after the other's.

    Parameters
    ----------
    search
        How generations follow each other.
    settings
        Individuals, budget, search space.
    generations
        How many, the founders included.
    train
        Trains an individual for a share of the full training: `settings.early`, or 1.
    vocabulary
        Number of different characters of the text.
    seed, search_seed
        All that the draws depend on.

    Returns
    -------
    list of Generation
        From the founders, all of whom are trained to the end.
    """
    individuals = newcomers(
        settings.space, settings.predictor, settings.individuals, seed, search_seed, 0
    )
    history = [_trained(individuals, individuals, settings, train, vocabulary)]
    while len(history) < generations:
        individuals = next_generation(history, search, settings, seed, search_seed)
        early = _trained(individuals, [], settings, train, vocabulary)
        choices = choose(history, early, search, settings, seed, search_seed)
        chosen = {choice.number for choice in choices if choice.chosen}
        finish = [one for one in individuals if one.number in chosen]
        history.append(_trained(individuals, finish, settings, train, vocabulary))
    return history


def _trained(
    individuals: list[Individual],
    finish: Sequence[Individual],
    settings: Evolution,
    train: Train,
    vocabulary: int,
) -> Generation:
    early: Mapping[int, Trained] = {one.number: train(one, settings.early) for one in individuals}
    return Generation(
        individuals,
        {number: done.trial for number, done in early.items()},
        {one.number: train(one, 1.0).trial for one in finish},
        {number: done.seconds for number, done in early.items()},
        vocabulary,
    )
