"""The architecture genome: draw, cross, mutate and repair it within the bounds of its genes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crossbreed.config.gender import IntegerGene, LogGene, RealGene, SearchSpace
from crossbreed.config.language import Transformer
from crossbreed.randomness import Purpose, generator

Gene = IntegerGene | RealGene | LogGene | list[int] | list[float]
GENES: tuple[str, ...] = tuple(SearchSpace.model_fields)
# A mutation moves a whole number by up to so many steps, another by so much of its range.
_STEPS = 2
_DEVIATION = 0.2
# Readable, and coarse enough that like genomes may be found equal.
_DIGITS = 3


def draw_architecture(space: SearchSpace, seed: int, *place: int) -> Transformer:
    """Draw every gene evenly from its range."""
    draws = generator(seed, Purpose.ARCHITECTURE, *place)
    return repair({name: _draw(getattr(space, name), draws) for name in GENES}, space)


def cells(space: SearchSpace) -> list[Transformer]:
    """Return every architecture of a space of whole numbers and lists, each once, in order."""
    values = [allowed(getattr(space, name)) for name in GENES]
    genomes = (dict(zip(GENES, genes, strict=True)) for genes in itertools.product(*values))
    return list(dict.fromkeys(repair(genes, space) for genes in genomes))


def cross_architectures(
    father: Transformer, mother: Transformer, space: SearchSpace, seed: int, *place: int
) -> Transformer:
    """Take each gene from the father or the mother, evenly (uniform crossover, Syswerda 1989)."""
    from_father = generator(seed, Purpose.ARCHITECTURE, *place).random(len(GENES)) < 0.5
    genes = {
        name: getattr(father if first else mother, name)
        for name, first in zip(GENES, from_father, strict=True)
    }
    return repair(genes, space)


def mutate_architecture(
    architecture: Transformer, space: SearchSpace, rate: float, seed: int, *place: int
) -> Transformer:
    """Change each gene with probability `rate`.

    Whole numbers go one or two steps up or down, choices to a neighbour, other numbers by a normal
    deviate of a fifth of their range, on their own scale. At an end of the range they stay there.
    """
    draws = generator(seed, Purpose.ARCHITECTURE, *place)
    genes = {}
    for name in GENES:
        # Drawn for every gene, so that what becomes of one does not hang on the others.
        changes, value = draws.random() < rate, getattr(architecture, name)
        moved = _move(getattr(space, name), value, draws)
        genes[name] = moved if changes else value
    return repair(genes, space)


def repair(genes: Mapping[str, Any], space: SearchSpace) -> Transformer:
    """Return the valid architecture nearest to some genes.

    Each gene is brought into its range and onto its steps. Then, as the width must be divisible
    by the number of heads, heads become the largest allowed number up to theirs that divides it,
    else the smallest allowed one above.
    """
    values = {name: _nearest(getattr(space, name), genes[name]) for name in GENES}
    divisors = [heads for heads in allowed(space.heads) if values["width"] % heads == 0]
    below = [heads for heads in divisors if heads <= values["heads"]]
    values["heads"] = max(below) if below else min(divisors)
    return Transformer(**values)


def allowed(gene: IntegerGene | list[int] | list[float]) -> Sequence[float]:
    """Return the values of a gene that has so many, in ascending order."""
    if isinstance(gene, IntegerGene):
        return range(gene.low, gene.high + 1, gene.step)
    return gene


def _draw(gene: Gene, draws: np.random.Generator) -> float:
    share = draws.random()
    match gene:
        case RealGene():
            return gene.low + share * (gene.high - gene.low)
        case LogGene():
            return float(gene.low * (gene.high / gene.low) ** share)
    values = allowed(gene)
    return values[int(share * len(values))]


def _move(gene: Gene, value: float, draws: np.random.Generator) -> float:
    deviate, step, up = draws.normal(), draws.integers(1, _STEPS + 1), draws.random() < 0.5
    match gene:
        case RealGene():
            return value + float(deviate) * _DEVIATION * (gene.high - gene.low)
        case LogGene():
            return value * math.exp(_DEVIATION * float(deviate) * math.log(gene.high / gene.low))
    values = allowed(gene)
    steps = 1 if isinstance(gene, list) else int(step)
    place = values.index(_nearest(gene, value)) + (steps if up else -steps)
    return values[min(max(place, 0), len(values) - 1)]


def _nearest(gene: Gene, value: float) -> float:
    if isinstance(gene, IntegerGene | list):
        return min(allowed(gene), key=lambda near: (abs(near - value), near))
    rounded = _rounded(min(max(value, gene.low), gene.high))
    return min(max(rounded, gene.low), gene.high)


def _rounded(value: float) -> float:
    if value == 0:
        return 0.0
    return round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))
