"""Who breeds: groups of parents, each group breeding within itself.

Every rule takes `fitness`, shape [N], higher is better, and returns groups of indices, each
ordered from the fittest down but for `select_all`. A network whose fitness is not finite has
diverged and is never selected.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossbreed.errors import TooFewNetworksError
from crossbreed.training.population import Weights

Indices = NDArray[np.intp]
Fitness = NDArray[np.float64]


def select_all(fitness: Fitness) -> list[Indices]:
    """Return all networks that have not diverged, in their own order, as one group.

    Raises
    ------
    TooFewNetworksError
        If all have diverged.
    """
    _require(fitness, 1)
    return [np.flatnonzero(np.isfinite(fitness))]


def select_top(fitness: Fitness, count: int) -> list[Indices]:
    """Return the `count` fittest as one group; of equals, the first.

    Raises
    ------
    TooFewNetworksError
        If fewer than `count` have not diverged.
    """
    _require(fitness, count)
    return [_fittest(fitness, np.flatnonzero(np.isfinite(fitness)), count)]


def select_random(fitness: Fitness, count: int, generator: np.random.Generator) -> list[Indices]:
    """Return `count` different networks drawn with equal chances, as one group.

    Raises
    ------
    TooFewNetworksError
        If fewer than `count` have not diverged.
    """
    _require(fitness, count)
    drawn = generator.choice(np.flatnonzero(np.isfinite(fitness)), count, replace=False)
    return [_fittest(fitness, drawn, count)]


def select_tournament(
    fitness: Fitness, count: int, size: int, generator: np.random.Generator
) -> list[Indices]:
    """Return the winners of `count` tournaments as one group.

    Each tournament draws `size` of those that have not won yet, without replacement (all of them
    once fewer are left), and the fittest wins.

    Raises
    ------
    TooFewNetworksError
        If fewer than `count` have not diverged.
    """
    _require(fitness, count)
    candidates = np.flatnonzero(np.isfinite(fitness))
    winners = []
    for _ in range(count):
        entrants = generator.choice(candidates, min(size, len(candidates)), replace=False)
        winner = _fittest(fitness, entrants, 1)[0]
        winners.append(winner)
        candidates = candidates[candidates != winner]
    return [_fittest(fitness, np.array(winners), count)]


def select_species(fitness: Fitness, weights: Weights, species: int, count: int) -> list[Indices]:
    """Cluster similar networks into species and return the fittest of each as its group.

    Similarity is the Euclidean distance of the flattened weights; clusters are merged by average
    linkage until `species` are left. Networks of different initialisations differ by the order of
    their hidden units too, so a cluster says "of one descent" rather than "of one function". A
    species with fewer than `count` networks breeds with those it has. Groups are ordered by the
    fitness of their best.

    Raises
    ------
    TooFewNetworksError
        If fewer than `species` networks have not diverged.
    """
    # Imported where it is used: it takes longer than all other breeding.
    from scipy.cluster.hierarchy import cut_tree, linkage

    _require(fitness, species)
    alive = np.flatnonzero(np.isfinite(fitness))
    flat = np.concatenate(
        [array[alive].reshape(len(alive), -1) for array in weights.values()], axis=1
    ).astype(np.float64)
    if len(alive) == 1:
        clusters = np.array([1])
    else:
        clusters = cut_tree(linkage(flat, method="average"), [species]).ravel()
    groups = [_fittest(fitness, alive[clusters == label], count) for label in np.unique(clusters)]
    return sorted(groups, key=lambda group: (-fitness[group[0]], group[0]))


def _fittest(fitness: Fitness, among: Indices, count: int) -> Indices:
    ordered = np.sort(among)
    return ordered[np.argsort(-fitness[ordered], kind="stable")][:count]


def _require(fitness: Fitness, count: int) -> None:
    alive = int(np.isfinite(fitness).sum())
    if alive < count:
        raise TooFewNetworksError(
            f"{alive} of {len(fitness)} networks have not diverged, but {count} are to be selected"
        )
