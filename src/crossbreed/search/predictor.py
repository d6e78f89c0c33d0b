"""Draw, cross and mutate predictors.

DEAP draws from Python's global generator. `draws` seeds it for an operation, and afterwards sets it
back to where it was.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import partial

from deap import gp

from crossbreed.config.gender import PredictorSpace
from crossbreed.randomness import Purpose, generator
from crossbreed.search.expression import parse, primitives

# How often an operation is tried that changes nothing or leads too deep.
_ATTEMPTS = 10
# Largest depth of a branch that a mutation puts in.
_BRANCH = 2


class Operation(IntEnum):
    """What is done to predictors; part of the random numbers' place, so it never changes."""

    INIT = 0
    CROSS = 1
    MUTATE = 2
    SEARCH = 3


@contextmanager
def draws(seed: int, operation: Operation, *place: int) -> Iterator[None]:
    """Let Python's global generator draw what belongs to an operation at a place, meanwhile."""
    before = random.getstate()
    numbers = generator(seed, Purpose.PREDICTOR, operation, *place)
    random.seed(int(numbers.integers(2**63)))
    try:
        yield
    finally:
        random.setstate(before)


def random_predictor(space: PredictorSpace) -> str:
    """Draw a predictor, half of them full trees, half grown (Koza 1992).

    Its tree is 1 to `founders_depth` deep, and never deeper than `depth`.
    """
    depth = min(space.founders_depth, space.depth)
    return str(gp.PrimitiveTree(gp.genHalfAndHalf(primitives(), min_=1, max_=depth)))


def cross_predictors(father: str, mother: str, space: PredictorSpace) -> str:
    """Put a random branch of the one parent in the place of a random branch of the other.

    One-point crossover (Koza 1992). If ten attempts give nothing new within `space.depth`, the
    child is like one of its parents.
    """

    def attempt() -> gp.PrimitiveTree:
        return random.choice(gp.cxOnePoint(parse(father), parse(mother)))

    return _new_predictor(attempt, [father, mother], space)


def mutate_predictor(expression: str, space: PredictorSpace) -> str:
    """Change a predictor at one place: a branch, a node or a constant.

    If ten attempts give nothing new within `space.depth`, it stays as it is.
    """
    branch = partial(gp.genHalfAndHalf, min_=0, max_=_BRANCH)
    mutations = (
        partial(gp.mutUniform, expr=branch, pset=primitives()),
        partial(gp.mutNodeReplacement, pset=primitives()),
        partial(gp.mutInsert, pset=primitives()),
        gp.mutShrink,
        partial(gp.mutEphemeral, mode="one"),
    )

    def attempt() -> gp.PrimitiveTree:
        return random.choice(mutations)(parse(expression))[0]

    return _new_predictor(attempt, [expression], space)


def _new_predictor(
    attempt: Callable[[], gp.PrimitiveTree], parents: list[str], space: PredictorSpace
) -> str:
    """Return the first attempt that is like no parent and not too deep; if none is, a parent."""
    for _ in range(_ATTEMPTS):
        tree = attempt()
        if tree.height <= space.depth and str(tree) not in parents:
            return str(tree)
    # Parents may come from a file, written under another limit.
    allowed = [parent for parent in parents if parse(parent).height <= space.depth]
    return random.choice(allowed) if allowed else random_predictor(space)
