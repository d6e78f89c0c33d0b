"""Match the hidden units of two networks that compute the same with their units in other order.

Weight matching of Git Re-Basin (Ainsworth, Hayase, Srinivasa 2023, arXiv:2209.04836, section 3.2
and algorithm 1): choose the permutation of each hidden layer that maximises the inner product of
the two networks' weights. For one hidden layer this is one linear assignment problem; for more,
layers are matched in turn, the others held, until nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crossbreed.training.population import HiddenLayer

Permutation = NDArray[np.intp]
Network = Mapping[str, NDArray[np.floating]]


def match_units(
    reference: Network, network: Network, layers: Sequence[HiddenLayer]
) -> list[Permutation]:
    """Return, for each hidden layer, the order of `network`'s units that is nearest to `reference`.

    Parameters
    ----------
    reference, network
        Arrays of one network each, without the population's axis.
    layers
        The hidden layers and the axes that count their units.

    Returns
    -------
    list of ndarray of shape (units,), int
        Unit i of the matched network is unit `permutation[i]` of `network`.
    """
    # Imported where it is used: most breeding aligns nothing, and it takes a while.
    from scipy.optimize import linear_sum_assignment

    sizes = [_units(reference, layer) for layer in layers]
    permutations: list[Permutation] = [np.arange(size) for size in sizes]
    changed = True
    while changed:
        changed = False
        for position, layer in enumerate(layers):
            pairs = list(zip(layers, permutations, strict=True))
            held = pairs[:position] + pairs[position + 1 :]
            gain = _similarity(reference, permute_units(network, held), layer)
            rows, best = linear_sum_assignment(gain, maximize=True)
            # Better by more than rounding only: equal matches must not alternate for ever.
            better = gain[rows, best].sum() - gain[rows, permutations[position]].sum()
            if better > 1e-12 * np.abs(gain).sum():
                permutations[position] = best
                changed = True
    return permutations


def permute_units(
    network: Network, orders: Sequence[tuple[HiddenLayer, Permutation]]
) -> dict[str, NDArray[np.floating]]:
    """Return a network with the units of some layers in another order; its function is the same."""
    permuted = dict(network)
    for layer, permutation in orders:
        for name, axis in layer.axes.items():
            permuted[name] = np.take(permuted[name], permutation, axis=axis)
    return permuted


def _units(network: Network, layer: HiddenLayer) -> int:
    name, axis = next(iter(layer.axes.items()))
    return int(network[name].shape[axis])


def _similarity(reference: Network, network: Network, layer: HiddenLayer) -> NDArray[np.float64]:
    """Return the inner products of units, [units of the reference, units of the network]."""
    total = np.zeros((_units(reference, layer),) * 2)
    for name, axis in layer.axes.items():
        ours, theirs = (
            np.moveaxis(net[name], axis, 0).reshape(len(total), -1).astype(np.float64)
            for net in (reference, network)
        )
        total += ours @ theirs.T
    return total
