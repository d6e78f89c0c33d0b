"""Who breeds, and what comes of it: the next generation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crossbreed.config.gender import (
    Couples,
    Evolution,
    Mutants,
    Newcomers,
    PredictorSpace,
    Search,
    SearchSpace,
)
from crossbreed.randomness import Purpose, generator
from crossbreed.search.budget import individuals_per_generation
from crossbreed.search.features import bounded
from crossbreed.search.fitness import judge, judged_on, speeds
from crossbreed.search.generation import Generation
from crossbreed.search.genome import cross_architectures, draw_architecture, mutate_architecture
from crossbreed.search.individual import Individual, Parent
from crossbreed.search.predictor import cross_predictors, mutate_predictor, random_predictor

# Parts of a draw's place, so that no two operations share their random numbers.
_FATHERS, _MOTHERS, _TOURNAMENT, _PREDICTOR = range(4)
_CROSSING, _MUTATION = range(2)


def newcomers(
    space: SearchSpace,
    predictor: PredictorSpace,
    count: int,
    seed: int,
    search_seed: int,
    generation: int,
) -> list[Individual]:
    """Draw a generation without parents.

    Parameters
    ----------
    space, predictor
        What both genomes may be.
    count
        How many individuals.
    seed
        The study's seed.
    search_seed
        Which repetition of the searches, from 1.
    generation
        From 0, the founders.
    """
    return [
        Individual(
            generation,
            number,
            (),
            draw_architecture(space, seed, search_seed, generation, number),
            random_predictor(predictor, seed, search_seed, generation, number),
        )
        for number in range(1, count + 1)
    ]


def next_generation(
    history: Sequence[Generation], search: Search, settings: Evolution, seed: int, search_seed: int
) -> list[Individual]:
    """Return the individuals that follow a history.

    The draws do not depend on the mode: modes that decide alike have the same offspring, so that
    they differ by what they decide and not by luck.

    Parameters
    ----------
    history
        All generations so far, from the founders.
    search
        How generations follow each other.
    settings, seed, search_seed
        As of `newcomers`.
    """
    count = individuals_per_generation(search, settings)
    match search.offspring:
        case Couples() as couples:
            return _couples_offspring(history, couples, settings, seed, search_seed, count)
        case Mutants() as mutants:
            return _mutants(history, mutants, settings, seed, search_seed, count)
        case Newcomers():
            return newcomers(
                settings.space, settings.predictor, count, seed, search_seed, len(history)
            )


def fathers(
    history: Sequence[Generation], rule: str, settings: Evolution, seed: int, search_seed: int
) -> list[Individual]:
    """Return the males of the last generation that breed: the fastest, or any."""
    last = history[-1]
    males = last.of_sex("male")
    if rule == "fastest":
        speed = speeds(last, settings)
        return sorted(males, key=lambda one: (-speed[one.number], one.number))[: settings.fathers]
    return _some(males, settings.fathers, seed, search_seed, len(history), _FATHERS)


def mothers(
    history: Sequence[Generation], rule: str, settings: Evolution, seed: int, search_seed: int
) -> list[Individual]:
    """Return the females of the last generation that breed: the best predictors, or any."""
    females = history[-1].of_sex("female")
    if rule == "best_predictors":
        known = judged_on(history, settings)
        quality = {one.number: judge(one, known) for one in females}
        ranked = sorted(females, key=lambda one: (quality[one.number].order, one.number))
        return ranked[: settings.mothers]
    return _some(females, settings.mothers, seed, search_seed, len(history), _MOTHERS)


def _some(some: list[Individual], count: int, seed: int, *place: int) -> list[Individual]:
    order = generator(seed, Purpose.MATING, *place).permutation(len(some))
    return [some[position] for position in order[:count]]


def _couples_offspring(
    history: Sequence[Generation],
    couples: Couples,
    settings: Evolution,
    seed: int,
    search_seed: int,
    count: int,
) -> list[Individual]:
    males = fathers(history, couples.fathers, settings, seed, search_seed)
    females = mothers(history, couples.mothers, settings, seed, search_seed)
    offspring = []
    for position in range(count):
        # A son and a daughter of each couple, one couple after the other: else a child's sex would
        # tell who its father is.
        couple = position // 2
        father = males[couple % len(males)]
        mother = females[couple // len(males) % len(females)]
        place = (search_seed, len(history), position + 1)
        architecture = cross_architectures(
            father.architecture, mother.architecture, settings.space, seed, *place, _CROSSING
        )
        predictor = cross_predictors(
            father.predictor, mother.predictor, settings.predictor, seed, *place, _CROSSING
        )
        if generator(seed, Purpose.MATING, *place, _PREDICTOR).random() < settings.mutation:
            predictor = mutate_predictor(predictor, settings.predictor, seed, *place, _MUTATION)
        offspring.append(
            Individual(
                len(history),
                position + 1,
                (_parent(father), _parent(mother)),
                mutate_architecture(
                    architecture, settings.space, settings.mutation, seed, *place, _MUTATION
                ),
                predictor,
            )
        )
    return offspring


def _mutants(
    history: Sequence[Generation],
    mutants: Mutants,
    settings: Evolution,
    seed: int,
    search_seed: int,
    count: int,
) -> list[Individual]:
    """Mutate the winners of tournaments among the youngest individuals trained to the end."""
    aged = [
        (one, float(bounded(generation.finished[one.number].final_loss)))
        for generation in history
        for one in generation.individuals
        if one.number in generation.finished
    ]
    alive = aged[-mutants.window :]
    offspring = []
    for position in range(count):
        place = (search_seed, len(history), position + 1)
        draws = generator(seed, Purpose.MATING, *place, _TOURNAMENT)
        drawn = draws.choice(len(alive), min(mutants.tournament, len(alive)), replace=False)
        parent, _ = min((alive[int(one)] for one in np.sort(drawn)), key=lambda pair: pair[1])
        architecture = mutate_architecture(
            parent.architecture, settings.space, settings.mutation, seed, *place, _MUTATION
        )
        offspring.append(
            Individual(
                len(history), position + 1, (_parent(parent),), architecture, parent.predictor
            )
        )
    return offspring


def _parent(one: Individual) -> Parent:
    return Parent(generation=one.generation, number=one.number)
