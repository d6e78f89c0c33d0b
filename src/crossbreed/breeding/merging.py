"""What the weights of children are: rules that merge the weights of T parents.

Every rule takes the parents' arrays, shape [T, ...] each, float32, and the number of children, and
returns arrays of shape [children, ...], float32. Sums are done in float64.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.arms import Merge
from crossbreed.errors import CrossbreedError, TooFewNetworksError
from crossbreed.training.population import HiddenLayer, Weights


def merge(
    rule: Merge,
    parents: Weights,
    children: int,
    losses: NDArray[np.float64],
    layers: tuple[HiddenLayer, ...],
    draws: np.random.Generator,
) -> Weights:
    """Return the children of some parents.

    Parameters
    ----------
    rule
        How parents are merged.
    parents
        Shape [T, ...] each, the fittest first unless all were selected.
    children
        How many.
    losses
        The parents' training losses, shape [T].
    layers
        The architecture's hidden layers.
    draws
        Where the rule's random numbers come from.

    Raises
    ------
    TooFewNetworksError
        If the rule needs two parents and there is one.
    CrossbreedError
        If the architecture does not name its hidden units where the rule needs them.
    """
    match rule.rule:
        case "copy":
            return copy(parents, children)
        case "mean":
            return mean(parents, children)
        case "inner_mean":
            return inner_mean(parents, children, rule.trim)
        case "loss_weighted_mean":
            return loss_weighted_mean(parents, children, losses)
        case "spherical":
            return spherical(parents, children)
        case "unit_crossover":
            return unit_crossover(parents, children, layers, draws)


def copy(parents: Weights, children: int) -> Weights:
    """Child c is a copy of parent c modulo T."""
    return {name: array[np.arange(children) % len(array)] for name, array in parents.items()}


def mean(parents: Weights, children: int) -> Weights:
    """Coordinate-wise mean of the parents."""
    return inner_mean(parents, children, trim=0.0)


def inner_mean(parents: Weights, children: int, trim: float) -> Weights:
    """Coordinate-wise trimmed mean: without the floor(trim * T) lowest and as many highest values.

    For T = 2, the poster's number of parents, nothing can be cut at either end: it is the mean.
    """
    merged = {}
    for name, array in parents.items():
        # A little more than the product, since 0.29 times 100 is 28.999… in binary.
        cut = int(trim * len(array) + 1e-9)
        kept = np.sort(array.astype(np.float64), axis=0)[cut : len(array) - cut]
        merged[name] = kept.mean(axis=0)
    return _repeat(merged, children)


def loss_weighted_mean(parents: Weights, children: int, losses: NDArray[np.float64]) -> Weights:
    """Mean of the parents, each weighted in proportion to the inverse of its loss.

    Where losses are 0, to which the inverse has no limit, it is the mean of these parents alone.
    """
    perfect = losses == 0
    shares = perfect if perfect.any() else losses.min() / losses
    shares = shares / shares.sum()
    merged = {
        name: np.tensordot(shares, array.astype(np.float64), axes=1)
        for name, array in parents.items()
    }
    return _repeat(merged, children)


def spherical(parents: Weights, children: int) -> Weights:
    """Half way between two parents along the arc through both (slerp, Shoemake 1985).

    The angle is the one between the two networks' weights, all parameters taken as one vector.
    Parents in line with each other have no arc of their own: then it is the mean.

    Raises
    ------
    TooFewNetworksError
        If there are not exactly two parents.
    """
    count = len(next(iter(parents.values())))
    if count != 2:
        raise TooFewNetworksError(f"merge.rule 'spherical' needs 2 parents, but {count} are left")
    first, second = (
        np.concatenate([array[parent].ravel() for array in parents.values()]).astype(np.float64)
        for parent in range(2)
    )
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    cosine = np.clip(first @ second / lengths, -1, 1) if lengths > 0 else 1.0
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    share = np.sin(angle / 2) / sine if sine > 1e-6 else 0.5
    merged = {name: share * array.astype(np.float64).sum(axis=0) for name, array in parents.items()}
    return _repeat(merged, children)


def unit_crossover(
    parents: Weights,
    children: int,
    layers: tuple[HiddenLayer, ...],
    draws: np.random.Generator,
) -> Weights:
    """Inherit every hidden unit whole from one parent, drawn at random for each child and unit.

    A unit's incoming weights and bias come from its parent. Its outgoing weights belong to the
    units they lead to where those are hidden, else to the unit itself, so that it keeps its effect
    on the output. What belongs to no hidden unit (the output biases) comes from the first parent.

    Raises
    ------
    CrossbreedError
        If the architecture does not say which axes count hidden units.
    """
    if not layers:
        raise CrossbreedError("unit_crossover needs a model that names its hidden layers")
    merged = {name: np.repeat(array[:1], children, axis=0) for name, array in parents.items()}
    # Later layers overwrite earlier ones where they share a weight: it leads to the later unit.
    for layer in layers:
        name, axis = next(iter(layer.axes.items()))
        count, units = len(parents[name]), parents[name].shape[axis + 1]
        choice = draws.integers(count, size=(children, units))
        for name, axis in layer.axes.items():
            by_unit = np.moveaxis(parents[name], axis + 1, 1)
            merged[name] = np.moveaxis(by_unit[choice, np.arange(units)], 1, axis + 1)
    return merged


def _repeat(merged: dict[str, NDArray[np.float64]], children: int) -> Weights:
    return {
        name: np.repeat(array.astype(np.float32)[None], children, axis=0)
        for name, array in merged.items()
    }
