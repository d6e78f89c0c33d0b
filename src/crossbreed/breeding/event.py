"""One breeding event: select, merge, offspring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossbreed.breeding import merging, selection
from crossbreed.breeding.alignment import match_units, permute_units
from crossbreed.config.arms import Breeding, Merge, Metric, Select
from crossbreed.errors import CrossbreedError, TooFewNetworksError
from crossbreed.randomness import Purpose, generator
from crossbreed.training.population import HiddenLayer, OptimizerState, Population, Weights, take

Metrics = Mapping[Metric, NDArray[np.float64]]


@dataclass(frozen=True)
class Brood:
    """The outcome of an event.

    Parameters
    ----------
    population
        The offspring.
    parents
        For each offspring, the indices of its parents in the population before, fittest first
        unless all were selected.
    """

    population: Population
    parents: list[list[int]]


def breed(population: Population, metrics: Metrics, event: Breeding, seed: int, run: int) -> Brood:
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
    metrics = {**metrics, "train_loss": losses}
    groups = _select(population, metrics, event.select, seed, place)
    count = event.offspring.count or population.size
    shares = [len(share) for share in np.array_split(np.arange(count), len(groups))]
    draws = generator(seed, Purpose.MERGING, *place)
    broods, parents = [], []
    for group, children in zip(groups, shares, strict=True):
        if not children:
            continue
        broods.append(_merge(population, metrics, event, group, children, draws))
        parents += [
            [int(group[child % len(group)])] if event.merge.rule == "copy" else group.tolist()
            for child in range(children)
        ]
    weights = _join([brood for brood, _ in broods])
    if event.offspring.mutation:
        weights = mutate(weights, event.offspring.mutation, seed, place)
    state = OptimizerState()
    if event.offspring.optimizer == "keep":
        state = OptimizerState(
            population.optimizer.step,
            {
                moment: _join([kept[moment] for _, kept in broods])
                for moment in population.optimizer.moments
            },
        )
    offspring = Population(weights, state, population.epoch, population.hidden_layers)
    return Brood(offspring, parents)


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
    for network in range(len(next(iter(weights.values())))):
        draws = generator(seed, Purpose.MUTATION, *place, network)
        for name in sorted(weights):
            array = mutated[name][network]
            size = np.sqrt(np.mean(np.square(array, dtype=np.float64)))
            noise = scale * size * draws.standard_normal(array.shape)
            mutated[name][network] = array + noise.astype(array.dtype)
    return mutated


def fitness_of(metrics: Metrics, metric: Metric) -> NDArray[np.float64]:
    """Return a metric so that higher is better, NaN for networks that have diverged."""
    sign = 1.0 if metric == "validation_accuracy" else -1.0
    return np.where(np.isfinite(metrics["train_loss"]), sign * metrics[metric], np.nan)


def _select(
    population: Population, metrics: Metrics, rule: Select, seed: int, place: tuple[int, int]
) -> list[selection.Indices]:
    draws = generator(seed, Purpose.SELECTION, *place)
    fitness = fitness_of(metrics, getattr(rule, "metric", "train_loss"))
    match rule.rule:
        case "all":
            return selection.select_all(fitness)
        case "top":
            return selection.select_top(fitness, rule.count)
        case "random":
            return selection.select_random(fitness, rule.count, draws)
        case "tournament":
            return selection.select_tournament(fitness, rule.count, rule.size, draws)
        case "species":
            return selection.select_species(fitness, population.weights, rule.species, rule.count)


def _merge(
    population: Population,
    metrics: Metrics,
    event: Breeding,
    group: selection.Indices,
    children: int,
    draws: np.random.Generator,
) -> tuple[Weights, dict[str, Weights]]:
    """Return the children of one group, and the optimiser moments they would keep.

    Moments are merged by the plain mean whatever the rule, since a rule for weights (an arc, a
    unit's choice) says nothing of them; a copy keeps its parent's.
    """
    rule = event.merge
    moments = population.optimizer.moments
    arrays = {"weights": population.weights, **moments}
    chosen = {kind: take(array, group) for kind, array in arrays.items()}
    if rule.rule != "copy" and rule.align_units:
        chosen = _align(chosen, population.hidden_layers)
    losses = metrics["train_loss"][group]
    weights = _apply(rule, chosen["weights"], children, losses, population.hidden_layers, draws)
    keep = merging.copy if rule.rule == "copy" else merging.mean
    return weights, {moment: keep(chosen[moment], children) for moment in moments}


def _apply(
    rule: Merge,
    parents: Weights,
    children: int,
    losses: NDArray[np.float64],
    layers: tuple[HiddenLayer, ...],
    draws: np.random.Generator,
) -> Weights:
    match rule.rule:
        case "copy":
            return merging.copy(parents, children)
        case "mean":
            return merging.mean(parents, children)
        case "inner_mean":
            return merging.inner_mean(parents, children, rule.trim)
        case "loss_weighted_mean":
            return merging.loss_weighted_mean(parents, children, losses)
        case "spherical":
            count = len(losses)
            if count != 2:
                raise TooFewNetworksError(
                    f"merge.rule 'spherical' needs 2 parents, but {count} are left"
                )
            return merging.spherical(parents, children)
        case "unit_crossover":
            return merging.unit_crossover(parents, children, layers, draws)


def _align(arrays: dict[str, Weights], layers: tuple[HiddenLayer, ...]) -> dict[str, Weights]:
    """Put the hidden units of every parent into the order that matches the first parent's."""
    if not layers:
        raise CrossbreedError("align_units needs a model that names its hidden layers")
    weights = arrays["weights"]
    count = len(next(iter(weights.values())))
    networks = [{name: array[index] for name, array in weights.items()} for index in range(count)]
    aligned = {
        kind: {name: array.copy() for name, array in stack.items()}
        for kind, stack in arrays.items()
    }
    for index, network in enumerate(networks[1:], start=1):
        orders = list(zip(layers, match_units(networks[0], network, layers), strict=True))
        for kind, stack in arrays.items():
            permuted = permute_units({name: array[index] for name, array in stack.items()}, orders)
            for name, array in permuted.items():
                aligned[kind][name][index] = array
    return aligned


def _join(broods: list[Weights]) -> Weights:
    return {name: np.concatenate([brood[name] for brood in broods]) for name in broods[0]}
