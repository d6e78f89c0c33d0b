"""Draw, cross and mutate predictors.

DEAP draws from Python's global generator. It is seeded here for each operation, and afterwards set
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
from crossbreed.search.expression import PRIMITIVES, parse

# How often an operation is tried that changes nothing or leads too deep.
_ATTEMPTS = 10
# Largest depth of a branch that a mutation puts in.
_BRANCH = 2


class Operation(IntEnum):
    """What is done to predictors; part of the random numbers' place, so it never changes."""

    FOUND = 0
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


def random_predictor(space: PredictorSpace, seed: int, *place: int) -> str:
    """Draw a founder's predictor: half of them full trees, half grown (Koza 1992).

    Parameters
    ----------
    space
        Its tree is 1 to `founders_depth` deep, and never deeper than `depth`.
    seed, *place
        All that the draw depends on.
    """
    with draws(seed, Operation.FOUND, *place):
        return str(random_tree(space))


def cross_predictors(
    father: str, mother: str, space: PredictorSpace, seed: int, *place: int
) -> str:
    """Put a random branch of the one parent in the place of a random branch of the other.

    One-point crossover (Koza 1992). If ten attempts give nothing new within `space.depth`, the
    child is like one of its parents.

    Parameters
    ----------
    father, mother
        Texts of predictors.
    space
        How deep the child's tree may be.
    seed, *place
        All that the draw depends on, besides.

    Raises
    ------
    CrossbreedError
        If a parent is no expression (see `expression.parse`).
    """
    with draws(seed, Operation.CROSS, *place):
        return str(cross_trees(parse(father), parse(mother), space))


def mutate_predictor(expression: str, space: PredictorSpace, seed: int, *place: int) -> str:
    """Change a predictor at one place: a branch, a node or a constant.

    If ten attempts give nothing new within `space.depth`, it stays as it is.

    Parameters
    ----------
    expression
        The text of a predictor.
    space
        How deep the mutant's tree may be.
    seed, *place
        All that the draw depends on, besides.

    Raises
    ------
    CrossbreedError
        If it is no expression (see `expression.parse`).
    """
    with draws(seed, Operation.MUTATE, *place):
        return str(mutate_tree(parse(expression), space))


def random_tree(space: PredictorSpace) -> gp.PrimitiveTree:
    """Draw a founder's tree from Python's global generator."""
    depth = min(space.founders_depth, space.depth)
    return gp.PrimitiveTree(gp.genHalfAndHalf(PRIMITIVES, min_=1, max_=depth))


def cross_trees(
    father: gp.PrimitiveTree, mother: gp.PrimitiveTree, space: PredictorSpace
) -> gp.PrimitiveTree:
    """Return a child of two trees, drawing from Python's global generator."""

    def attempt() -> gp.PrimitiveTree:
        children = gp.cxOnePoint(gp.PrimitiveTree(father), gp.PrimitiveTree(mother))
        return random.choice(children)

    return _new_tree(attempt, [father, mother], space)


def mutate_tree(tree: gp.PrimitiveTree, space: PredictorSpace) -> gp.PrimitiveTree:
    """Return a mutant of a tree, drawing from Python's global generator."""
    branch = partial(gp.genHalfAndHalf, min_=0, max_=_BRANCH)
    mutations = (
        partial(gp.mutUniform, expr=branch, pset=PRIMITIVES),
        partial(gp.mutNodeReplacement, pset=PRIMITIVES),
        partial(gp.mutInsert, pset=PRIMITIVES),
        gp.mutShrink,
        partial(gp.mutEphemeral, mode="one"),
    )

    def attempt() -> gp.PrimitiveTree:
        return random.choice(mutations)(gp.PrimitiveTree(tree))[0]

    return _new_tree(attempt, [tree], space)


def _new_tree(
    attempt: Callable[[], gp.PrimitiveTree], parents: list[gp.PrimitiveTree], space: PredictorSpace
) -> gp.PrimitiveTree:
    """Return the first attempt that is like no parent and not too deep; if none is, a parent."""
    old = [str(parent) for parent in parents]
    for _ in range(_ATTEMPTS):
        tree = attempt()
        if tree.height <= space.depth and str(tree) not in old:
            return tree
    # Parents may come from a file, written under another limit.
    allowed = [parent for parent in parents if parent.height <= space.depth]
    return random.choice(allowed) if allowed else random_tree(space)
