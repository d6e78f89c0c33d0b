"""A whole search in this process, with any way to train: by looking up in a table, or really."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NamedTuple

from crossbreed.config.gender import Evolution, Search
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.next_generation import next_generation, random_individuals
from crossbreed.search.survivors import select_survivors
from crossbreed.search.trial import Trial


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
    """Run a search as the study's jobs do, one generation's training after the other's.

    Parameters
    ----------
    search, settings
        How generations follow each other; individuals, budget, search space.
    generations
        How many, the founders included, all of whom are trained to the end.
    train
        Trains an individual for a share of the full training: `settings.early`, or 1.
    vocabulary
        Number of different characters of the text.
    seed, search_seed
        All that the draws depend on.
    """

    def trained(individuals: list[Individual], finished: Collection[int]) -> Generation:
        early = {individual.number: train(individual, settings.early) for individual in individuals}
        full = {
            individual.number: train(individual, 1.0)
            for individual in individuals
            if individual.number in finished
        }
        return Generation(
            individuals,
            {number: done.trial for number, done in early.items()},
            {number: done.trial for number, done in full.items()},
            {number: done.seconds for number, done in early.items()},
            vocabulary,
            {number: done.seconds for number, done in (early | full).items()},
        )

    founders = random_individuals(
        settings.space, settings.predictor, settings.individuals, seed, search_seed, 0
    )
    history = [trained(founders, range(1, settings.individuals + 1))]
    while len(history) < generations:
        individuals = next_generation(history, search, settings, seed, search_seed)
        early = trained(individuals, ())
        choices = select_survivors(history, early, search, settings, seed, search_seed)
        generation = trained(individuals, {choice.number for choice in choices if choice.chosen})
        ranks = (
            {} if search.finish == "all" else {each.number: each.foretold_rank for each in choices}
        )
        history.append(replace(generation, foretold_ranks=ranks))
    return history
