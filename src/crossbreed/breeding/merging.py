"""What a child's weights are: rules that merge the weights of T parents.

Every rule takes the parents' arrays, shape [T, ...] each, float32, and the number of children, and
returns arrays of shape [children, ...], float32. Sums are done in float64.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError
from crossbreed.training.population import Array, HiddenLayer, Weights


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
    ValueError
        If there are not exactly two parents.
    """
    first, second = (
        np.concatenate([array[parent].ravel() for array in parents.values()]).astype(np.float64)
        for parent in range(_count(parents, exactly=2))
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
    generator: np.random.Generator,
) -> Weights:
    """Inherit every hidden unit whole from one parent, drawn at random for each child and unit.

    A unit's incoming weights and bias come from its parent. Its outgoing weights belong to the
    units they lead to where those are hidden, else to the unit itself, so that it keeps its effect
    on the output. What belongs to no hidden unit (the output biases) comes from the first parent,
    the fittest unless all networks were selected.

    Raises
    ------
    CrossbreedError
        If the architecture does not say which axes count hidden units.
    """
    if not layers:
        raise CrossbreedError("unit_crossover needs a model that names its hidden layers")
    count = _count(parents)
    merged = {name: np.repeat(array[:1], children, axis=0) for name, array in parents.items()}
    # Later layers overwrite earlier ones where they share a weight: it leads to the later unit.
    for layer in layers:
        name, axis = next(iter(layer.axes.items()))
        units = parents[name].shape[axis + 1]
        choice = generator.integers(count, size=(children, units))
        for name, axis in layer.axes.items():
            merged[name] = _inherit(parents[name], merged[name], choice, axis)
    return merged


def _inherit(parents: Array, children: Array, choice: NDArray[np.int64], axis: int) -> Array:
    stacked = np.moveaxis(parents, axis + 1, 1)
    inherited = stacked[choice, np.arange(stacked.shape[1])]
    return np.moveaxis(inherited, 1, axis + 1).astype(children.dtype)


def _repeat(merged: dict[str, NDArray[np.float64]], children: int) -> Weights:
    return {
        name: np.repeat(array.astype(np.float32)[None], children, axis=0)
        for name, array in merged.items()
    }


def _count(parents: Weights, exactly: int | None = None) -> int:
    count = len(next(iter(parents.values())))
    if exactly is not None and count != exactly:
        raise ValueError(f"needs exactly {exactly} parents, not {count}")
    return count
