"""What the gender study must satisfy beyond the type and range of single keys."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

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
from crossbreed.config.messages import shown
from crossbreed.config.schema import Study
from crossbreed.search.budget import individuals_per_generation
from crossbreed.search.genome import GENES, allowed, cells

# The folder of the generation that all modes share.
FOUNDERS = "founders"
# Architectures of a table, so that a range of all numbers does not fill the memory.
_MOST_CELLS = 10_000


def gender_problems(study: Study) -> Iterator[str]:
    """Yield a line for every rule across keys that the gender study breaks."""
    yield from _curve(study)
    yield from _breeders(study.gender)
    yield from _genes(study.gender)
    if study.gender.table is not None:
        yield from _table(study, study.gender.table)
    yield from _modes(study)
    for key, name in _named_modes(study.gender):
        if name not in study.mode:
            yield f"{key} = {name!r}: unknown mode; must be one of {', '.join(sorted(study.mode))}"


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
    if (width := _undivided(gender.space)) is not None:
        yield (
            f"gender.space.heads = {shown(list(allowed(gender.space.heads)))}: none divides the "
            f"width {width} that gender.space.width allows"
        )
    if gender.baseline.width % gender.baseline.heads:
        yield (
            f"gender.baseline.heads = {gender.baseline.heads}: must divide gender.baseline.width = "
            f"{gender.baseline.width}"
        )


def _undivided(space: SearchSpace) -> int | None:
    """Return a width that no number of heads divides, if there is one."""
    heads = allowed(space.heads)
    widths = (int(width) for width in allowed(space.width))
    return next((width for width in widths if all(width % count for count in heads)), None)


def _table(study: Study, table: Table) -> Iterator[str]:
    gender, training = study.gender, study.language
    genes = {name: getattr(gender.space, name) for name in GENES}
    endless = [name for name, gene in genes.items() if isinstance(gene, RealGene | LogGene)]
    if endless:
        yield (
            f"gender.table: needs a list of values for gender.space.{', '.join(endless)}, not a "
            "range; or set gender.table = null, so that searches train for themselves"
        )
    elif (count := math.prod(len(allowed(gene)) for gene in genes.values())) > _MOST_CELLS:
        yield (
            f"gender.table: gender.space has {count:,} architectures; a table may have "
            f"{_MOST_CELLS:,}; or set gender.table = null, so that searches train for themselves"
        )
    elif _undivided(gender.space) is None and gender.baseline not in cells(gender.space):
        yield (
            f"gender.baseline = {gender.baseline.model_dump()}: must be an architecture of "
            "gender.space, since the table holds no other"
        )
    if table.rows_from is not None:
        key = f"gender.table.rows_from = {table.rows_from!r}"
        own = Path(f"results/{study.preset}/gender/table.csv.gz")
        if Path(table.rows_from).resolve() == own.resolve():
            yield f"{key}: is the table that is made, whose rows are kept anyway; must be another"
        elif not Path(table.rows_from).is_file():
            yield f"{key}: must be an existing file"
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


def _named_modes(gender: Gender) -> Iterator[tuple[str, str]]:
    """Yield each key that names a mode, which need not be run, and its value."""
    yield "gender.reference", gender.reference
    yield "gender.main", gender.main
    for position, contrast in enumerate(gender.contrasts):
        for mode in contrast.weights:
            yield f"gender.contrasts.{position}.weights", mode


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
    width = _undivided(gender.evolution(mode.search).space)
    if width is not None and _undivided(gender.space) is None:
        yield (
            f"mode.{name}.search.genes = {mode.search.genes}: no number of heads divides the width "
            f"{width}, with all other genes those of gender.baseline"
        )
    if isinstance(offspring, Mutants) and offspring.tournament > offspring.window:
        yield (
            f"mode.{name}.search.offspring.tournament = {offspring.tournament}: must be at most "
            f"its window, {offspring.window}"
        )
