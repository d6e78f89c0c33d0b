"""Which networks become parents: groups of them, each group breeding within itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.arms import Select
from crossbreed.errors import TooFewNetworksError
from crossbreed.training.population import Weights

Indices = NDArray[np.intp]
Fitness = NDArray[np.float64]


def select(
    rule: Select, fitness: Fitness, weights: Weights, draws: np.random.Generator
) -> list[Indices]:
    """Return groups of parents.

    Parameters
    ----------
    rule
        How they are selected.
    fitness
        Shape [N], higher is better. A network whose fitness is not finite has diverged and is
        never selected.
    weights
        Of all networks; species are clusters of them.
    draws
        Where the rule's random numbers come from.

    Returns
    -------
    list of ndarray of int
        Indices of the networks of each group, the fittest first; for the rule `all` in their own
        order.

    Raises
    ------
    TooFewNetworksError
        If fewer networks than the rule needs have not diverged.
    """
    alive = np.flatnonzero(np.isfinite(fitness))
    match rule.rule:
        case "all":
            _require(1, alive, fitness)
            return [alive]
        case "top":
            _require(rule.count, alive, fitness)
            return [_fittest(fitness, alive, rule.count)]
        case "random":
            _require(rule.count, alive, fitness)
            return [_fittest(fitness, draws.choice(alive, rule.count, replace=False), rule.count)]
        case "tournament":
            _require(rule.count, alive, fitness)
            return [_tournament(fitness, alive, rule.count, rule.size, draws)]
        case "species":
            _require(rule.species, alive, fitness)
            return _species(fitness, alive, weights, rule.species, rule.count)


def _tournament(
    fitness: Fitness, candidates: Indices, count: int, size: int, draws: np.random.Generator
) -> Indices:
    """Return the winners of `count` tournaments, nobody winning twice.

    Each draws `size` candidates without replacement, or all once fewer are left.
    """
    winners: list[int] = []
    for _ in range(count):
        entrants = draws.choice(candidates, min(size, len(candidates)), replace=False)
        winners.append(_fittest(fitness, entrants, 1)[0])
        candidates = candidates[candidates != winners[-1]]
    return _fittest(fitness, np.array(winners), count)


def _species(
    fitness: Fitness, alive: Indices, weights: Weights, species: int, count: int
) -> list[Indices]:
    """Cluster similar networks and return the fittest of each cluster, the best cluster first.

    Similarity is the Euclidean distance of the flattened weights; clusters are merged by average
    linkage. Networks of different initialisations differ by the order of their hidden units too,
    so a cluster says "of one descent" rather than "of one function". A species with fewer than
    `count` networks breeds with those it has.
    """
    # Imported where it is used: it takes longer than all other breeding.
    from scipy.cluster.hierarchy import cut_tree, linkage

    if len(alive) == 1:
        return [alive]
    flat = np.concatenate(
        [array[alive].reshape(len(alive), -1) for array in weights.values()], axis=1
    ).astype(np.float64)
    clusters = cut_tree(linkage(flat, method="average"), [species]).ravel()
    groups = [_fittest(fitness, alive[clusters == label], count) for label in np.unique(clusters)]
    return sorted(groups, key=lambda group: (-fitness[group[0]], group[0]))


def _fittest(fitness: Fitness, among: Indices, count: int) -> Indices:
    """Return the `count` fittest, the fittest first; of equals, the first."""
    ordered = np.sort(among)
    return ordered[np.argsort(-fitness[ordered], kind="stable")][:count]


def _require(count: int, alive: Indices, fitness: Fitness) -> None:
    if len(alive) < count:
        raise TooFewNetworksError(
            f"{len(alive)} of {len(fitness)} networks have not diverged, but {count} are to be "
            "selected"
        )
