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
from crossbreed.config.language import Transformer
from crossbreed.randomness import Purpose, generator
from crossbreed.search.budget import individuals_per_generation
from crossbreed.search.features import bounded
from crossbreed.search.generation import Generation
from crossbreed.search.genome import cross_architectures, draw_architecture, mutate_architecture
from crossbreed.search.individual import Individual, Parent
from crossbreed.search.learning_speed import speeds
from crossbreed.search.predictor import (
    Operation,
    cross_predictors,
    draws,
    mutate_predictor,
    random_predictor,
)
from crossbreed.search.predictor_fitness import fitness_trials, predictor_fitness

# Parts of a draw's place, so that no two operations share their random numbers.
_FATHERS, _MOTHERS, _TOURNAMENT, _PREDICTOR = range(4)
_CROSSING, _MUTATION = range(2)
# Search seed, generation, number.
Place = tuple[int, int, int]


def random_individuals(
    space: SearchSpace,
    predictor: PredictorSpace,
    count: int,
    seed: int,
    search_seed: int,
    generation: int,
) -> list[Individual]:
    """Draw a generation without parents, such as the founders, generation 0.

    Parameters
    ----------
    space, predictor
        What both genomes may be.
    count
        How many individuals.
    seed, search_seed
        The study's seed, and which repetition of the searches, from 1.
    generation
        Which one it is.
    """
    individuals = []
    for number in range(1, count + 1):
        place = (search_seed, generation, number)
        with draws(seed, Operation.INIT, *place):
            expression = random_predictor(predictor)
        architecture = draw_architecture(space, seed, *place)
        individuals.append(_individual(place, [], architecture, expression))
    return individuals


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
    search, settings
        How generations follow each other.
    seed, search_seed
        The study's seed, and which repetition of the searches, from 1.
    """
    count = individuals_per_generation(search, settings)
    match search.offspring:
        case Couples() as couples:
            males = fathers(history, couples.fathers, settings, seed, search_seed)
            females = mothers(history, couples.mothers, settings, seed, search_seed)
            # A son and a daughter of each couple, one couple after the other: else a child's sex
            # would tell who its father is.
            parents = [
                (males[couple % len(males)], females[couple // len(males) % len(females)])
                for couple in (position // 2 for position in range(count))
            ]
            return [
                _child(*pair, settings, seed, (search_seed, len(history), number))
                for number, pair in enumerate(parents, start=1)
            ]
        case Mutants() as mutants:
            return [
                _mutant(history, mutants, settings, seed, (search_seed, len(history), number))
                for number in range(1, count + 1)
            ]
        case Newcomers():
            return random_individuals(
                settings.space, settings.predictor, count, seed, search_seed, len(history)
            )


def fathers(
    history: Sequence[Generation], rule: str, settings: Evolution, seed: int, search_seed: int
) -> list[Individual]:
    """Return the males of the last generation that breed: the fastest, or any.

    In the order of their numbers, so that modes that select the same parents have the same
    offspring; equally fast ones are selected by chance. So are mothers.
    """
    males = _shuffled(history[-1].of_sex("male"), seed, search_seed, len(history), _FATHERS)
    if rule == "fastest":
        speed = speeds(history[-1], settings)
        males.sort(key=lambda male: -speed[male.number])
    return sorted(males[: settings.fathers], key=lambda male: male.number)


def mothers(
    history: Sequence[Generation], rule: str, settings: Evolution, seed: int, search_seed: int
) -> list[Individual]:
    """Return the females of the last generation that breed: the best predictors, or any."""
    females = _shuffled(history[-1].of_sex("female"), seed, search_seed, len(history), _MOTHERS)
    if rule == "best_predictors":
        known = fitness_trials(history, settings)
        fitness = {female.number: predictor_fitness(female, known).order for female in females}
        females.sort(key=lambda female: fitness[female.number])
    return sorted(females[: settings.mothers], key=lambda female: female.number)


def _shuffled(individuals: list[Individual], seed: int, *place: int) -> list[Individual]:
    order = generator(seed, Purpose.MATING, *place).permutation(len(individuals))
    return [individuals[position] for position in order]


def _child(
    father: Individual,
    mother: Individual,
    settings: Evolution,
    seed: int,
    place: Place,
) -> Individual:
    """Cross both genomes of a couple and mutate them."""
    architecture = cross_architectures(
        father.architecture, mother.architecture, settings.space, seed, *place, _CROSSING
    )
    with draws(seed, Operation.CROSS, *place, _CROSSING):
        predictor = cross_predictors(father.predictor, mother.predictor, settings.predictor)
    if generator(seed, Purpose.MATING, *place, _PREDICTOR).random() < settings.mutation:
        with draws(seed, Operation.MUTATE, *place, _MUTATION):
            predictor = mutate_predictor(predictor, settings.predictor)
    architecture = mutate_architecture(
        architecture, settings.space, settings.mutation, seed, *place, _MUTATION
    )
    return _individual(place, [father, mother], architecture, predictor)


def _mutant(
    history: Sequence[Generation],
    mutants: Mutants,
    settings: Evolution,
    seed: int,
    place: Place,
) -> Individual:
    """Mutate the winner of a tournament among the youngest individuals trained to the end."""
    finished = [
        (individual, float(bounded(generation.finished[individual.number].final_loss)))
        for generation in history
        for individual in generation.individuals
        if individual.number in generation.finished
    ]
    alive = finished[-mutants.window :]
    tournament = generator(seed, Purpose.MATING, *place, _TOURNAMENT)
    drawn = tournament.choice(len(alive), min(mutants.tournament, len(alive)), replace=False)
    winner, _ = min((alive[position] for position in np.sort(drawn)), key=lambda pair: pair[1])
    architecture = mutate_architecture(
        winner.architecture, settings.space, settings.mutation, seed, *place, _MUTATION
    )
    return _individual(place, [winner], architecture, winner.predictor)


def _individual(
    place: Place,
    parents: Sequence[Individual],
    architecture: Transformer,
    predictor: str,
) -> Individual:
    return Individual(
        generation=place[1],
        number=place[2],
        parents=tuple(Parent(generation=each.generation, number=each.number) for each in parents),
        architecture=architecture,
        predictor=predictor,
    )
