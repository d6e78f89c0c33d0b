"""One breeding event: select, merge, offspring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossbreed.breeding import merging
from crossbreed.breeding.alignment import match_units, permute_units
from crossbreed.breeding.selection import select
from crossbreed.config.arms import Breeding, Metric
from crossbreed.errors import CrossbreedError
from crossbreed.randomness import Purpose, generator
from crossbreed.training.population import (
    HiddenLayer,
    OptimizerState,
    Population,
    Weights,
    network,
    take,
)

Metrics = Mapping[Metric, NDArray[np.float64]]


@dataclass(frozen=True)
class Offspring:
    """The outcome of an event.

    Parameters
    ----------
    population
        The offspring.
    parents
        For each of them, the indices of its parents in the population before, fittest first
        unless all were selected.
    """

    population: Population
    parents: list[list[int]]


def breed(
    population: Population, metrics: Metrics, event: Breeding, seed: int, run: int
) -> Offspring:
    """Replace a population by the offspring of some of its networks.

    Parameters
    ----------
    population
        The networks before the event.
    metrics
        The learning curves' values at the population's epoch, shape [N] each. A network without a
        finite training loss or with weights that are not finite is never selected.
    event
        What happens.
    seed, run
        Key of the random draws, with the population's epoch.

    Raises
    ------
    TooFewNetworksError
        If fewer networks than the event needs have not diverged.
    CrossbreedError
        If the architecture does not name its hidden units where the merge rule needs them.
    """
    place = (run, population.epoch)
    losses = np.where(population.finite(), metrics["train_loss"], np.nan)
    fitness = fitness_of(
        {**metrics, "train_loss": losses}, getattr(event.select, "metric", "train_loss")
    )
    groups = select(
        event.select, fitness, population.weights, generator(seed, Purpose.SELECTION, *place)
    )
    count = event.offspring.count or population.size
    draws = generator(seed, Purpose.MERGING, *place)
    # Weights and the optimiser's moments, of the same names and shapes.
    bred: dict[str, list[Weights]] = {"weights": []}
    bred |= {moment: [] for moment in population.optimizer.moments}
    parents = []
    for group, share in zip(groups, np.array_split(np.arange(count), len(groups)), strict=True):
        children = len(share)
        chosen = {"weights": take(population.weights, group)}
        chosen |= {name: take(array, group) for name, array in population.optimizer.moments.items()}
        copied = event.merge.rule == "copy"
        if event.merge.rule != "copy" and event.merge.align_units:
            chosen = _aligned(chosen, population.hidden_layers)
        weights = chosen.pop("weights")
        bred["weights"].append(
            merging.merge(
                event.merge, weights, children, losses[group], population.hidden_layers, draws
            )
        )
        for moment, arrays in chosen.items():
            # A rule for weights (an arc, a unit's choice) says nothing of moments.
            keep = merging.copy if copied else merging.mean
            bred[moment].append(keep(arrays, children))
        parents += [
            [int(group[child % len(group)])] if copied else group.tolist()
            for child in range(children)
        ]
    joined = {kind: _joined(parts) for kind, parts in bred.items()}
    weights = joined.pop("weights")
    if event.offspring.mutation:
        weights = mutate(weights, event.offspring.mutation, seed, place)
    state = OptimizerState()
    if event.offspring.optimizer == "keep":
        state = OptimizerState(population.optimizer.step, joined)
    return Offspring(
        Population(weights, state, population.epoch, population.hidden_layers), parents
    )


def mutate(weights: Weights, scale: float, seed: int, place: tuple[int, int]) -> Weights:
    """Add Gaussian noise to every network, its deviation `scale` times each array's own size.

    The size is the root mean square of the network's array, so an array of zeros stays so.

    Parameters
    ----------
    weights
        Arrays of shape [N, ...].
    scale
        Share of the root mean square.
    seed, place
        Key of the draws, with the network's index.
    """
    mutated = {name: array.copy() for name, array in weights.items()}
    for index in range(len(next(iter(weights.values())))):
        draws = generator(seed, Purpose.MUTATION, *place, index)
        for name in sorted(weights):
            array = mutated[name][index]
            size = np.sqrt(np.mean(np.square(array, dtype=np.float64)))
            noise = scale * size * draws.standard_normal(array.shape)
            mutated[name][index] = array + noise.astype(array.dtype)
    return mutated


def fitness_of(metrics: Metrics, metric: Metric) -> NDArray[np.float64]:
    """Return a metric so that higher is better, NaN for networks that have diverged."""
    sign = 1.0 if metric == "validation_accuracy" else -1.0
    return np.where(np.isfinite(metrics["train_loss"]), sign * metrics[metric], np.nan)


def _aligned(arrays: dict[str, Weights], layers: tuple[HiddenLayer, ...]) -> dict[str, Weights]:
    """Put the hidden units of every parent into the order that matches the first parent's."""
    if not layers:
        raise CrossbreedError("align_units needs a model that names its hidden layers")
    weights = arrays["weights"]
    aligned = {
        kind: {name: array.copy() for name, array in stack.items()}
        for kind, stack in arrays.items()
    }
    for index in range(1, len(next(iter(weights.values())))):
        permutations = match_units(network(weights, 0), network(weights, index), layers)
        orders = list(zip(layers, permutations, strict=True))
        for kind, stack in arrays.items():
            for name, array in permute_units(network(stack, index), orders).items():
                aligned[kind][name][index] = array
    return aligned


def _joined(parts: list[Weights]) -> Weights:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
