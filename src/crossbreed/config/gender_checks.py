"""What the gender study must satisfy beyond the type and range of single keys."""

from __future__ import annotations

import math
from collections.abc import Iterator

from crossbreed.config.gender import (
    Couples,
    Gender,
    LogGene,
    Mode,
    Mutants,
    RealGene,
    SearchSpace,
    Table,
)
from crossbreed.config.language import LanguageTraining
from crossbreed.config.schema import Study
from crossbreed.search.budget import individuals_per_generation
from crossbreed.search.genome import GENES, allowed, cells

# The folder of the generation that all modes share.
FOUNDERS = "founders"


def gender_problems(study: Study) -> Iterator[str]:
    """Yield a line for every rule across keys that the gender study breaks."""
    yield from _curve(study)
    yield from _breeders(study.gender)
    yield from _genes(study.gender)
    if study.gender.table is not None:
        yield from _table(study.gender, study.gender.table, study.language)
    yield from _modes(study)


def _curve(study: Study) -> Iterator[str]:
    training, early = study.language, study.gender.early
    if training.points % training.evaluations:
        yield (
            f"language.evaluations = {training.evaluations}: must divide language.points = "
            f"{training.points}"
        )
    for what, count in (("points", training.points), ("evaluations", training.evaluations)):
        points = early * count
        if points < 0.5 or not math.isclose(points, round(points)):
            yield (
                f"gender.early = {early}: must be a multiple of 1 / language.{what} = 1 / {count}"
            )
    largest = max(*allowed(study.gender.space.batch_size), study.gender.baseline.batch_size)
    iterations = -(-training.tokens // (largest * training.block_size))
    if iterations < training.points:
        yield (
            f"language.tokens = {training.tokens}: are {iterations} iterations of batches of "
            f"{largest}; must be at least language.points = {training.points} iterations"
        )


def _breeders(gender: Gender) -> Iterator[str]:
    couples = gender.fathers * gender.mothers
    if gender.individuals % (2 * couples):
        yield (
            f"gender.individuals = {gender.individuals}: must be a multiple of 2 * gender.fathers "
            f"* gender.mothers = {2 * couples}: all couples have as many sons and daughters"
        )
    if gender.finished > gender.individuals:
        yield (
            f"gender.finished = {gender.finished}: must be at most gender.individuals = "
            f"{gender.individuals}"
        )


def _genes(gender: Gender) -> Iterator[str]:
    tree = gender.predictor
    if tree.founders_depth > tree.depth:
        yield (
            f"gender.predictor.founders_depth = {tree.founders_depth}: must be at most "
            f"gender.predictor.depth = {tree.depth}"
        )
    for heads, width in _undivided(gender.space):
        yield (
            f"gender.space.heads = {heads}: none divides the width {width} that gender.space.width "
            "allows"
        )
    if gender.baseline.width % gender.baseline.heads:
        yield (
            f"gender.baseline.heads = {gender.baseline.heads}: must divide gender.baseline.width = "
            f"{gender.baseline.width}"
        )


def _undivided(space: SearchSpace) -> Iterator[tuple[str, float]]:
    """Yield the numbers of heads and the first width that none of them divides, if there is one."""
    heads = allowed(space.heads)
    for width in allowed(space.width):
        if all(width % count for count in heads):
            yield ", ".join(map(str, heads)), width
            return


def _table(gender: Gender, table: Table, training: LanguageTraining) -> Iterator[str]:
    endless = [
        gene for gene in GENES if isinstance(getattr(gender.space, gene), RealGene | LogGene)
    ]
    if endless:
        yield (
            f"gender.table: needs a list of values for gender.space.{', '.join(endless)}, not a "
            "range; or set gender.table = null, so that searches train for themselves"
        )
    elif gender.baseline not in cells(gender.space):
        yield (
            f"gender.baseline = {gender.baseline.model_dump()}: must be an architecture of "
            "gender.space, since the table holds no other"
        )
    for share in table.shares:
        for what, count in (("points", training.points), ("evaluations", training.evaluations)):
            if share * count < 0.5 or not math.isclose(share * count, round(share * count)):
                yield (
                    f"gender.table.shares: {share} must be a multiple of 1 / language.{what} = "
                    f"1 / {count}"
                )


def _modes(study: Study) -> Iterator[str]:
    for position, name in enumerate(study.gender.modes):
        key = f"gender.modes.{position} = {name!r}"
        if name == FOUNDERS:
            yield f"{key}: is the name of what all modes share; choose another"
        elif name not in study.mode:
            yield f"{key}: unknown mode; must be one of {', '.join(sorted(study.mode))}"
        else:
            yield from _mode(study.gender, name, study.mode[name])


def _mode(gender: Gender, name: str, mode: Mode) -> Iterator[str]:
    if mode.search is None:
        return
    offspring = mode.search.offspring
    trainings = individuals_per_generation(mode.search, gender)
    needed = 2 if isinstance(offspring, Couples) else 1
    if trainings < needed:
        yield (
            f"mode.{name}.search.finish = 'all': the budget of a generation pays for {trainings} "
            f"full trainings, but {needed} are needed; raise gender.individuals or gender.finished"
        )
    if mode.search.genes is not None:
        for heads, width in _undivided(gender.evolution(mode.search).space):
            yield (
                f"mode.{name}.search.genes = {', '.join(mode.search.genes)}: no number of heads, "
                f"{heads}, divides the width {width}"
            )
    if isinstance(offspring, Mutants) and offspring.tournament > offspring.window:
        yield (
            f"mode.{name}.search.offspring.tournament = {offspring.tournament}: must be at most "
            f"its window, {offspring.window}"
        )
