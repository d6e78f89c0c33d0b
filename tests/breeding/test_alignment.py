from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from crossbreed.breeding.alignment import Network, Permutation, match_units, permute_units
from crossbreed.breeding.event import breed
from crossbreed.config.arms import Breeding
from crossbreed.errors import CrossbreedError
from crossbreed.training.population import (
    HiddenLayer,
    OptimizerState,
    Population,
    Weights,
    network,
)

Floats = NDArray[np.floating]
seeds = st.integers(0, 2**32 - 1)


def dense(seed: int, widths: list[int]) -> dict[str, Floats]:
    draws = np.random.default_rng(seed)
    network: dict[str, Floats] = {}
    for depth, (inputs, units) in enumerate(pairwise(widths)):
        network[f"{depth}.weight"] = draws.normal(size=(units, inputs)).astype(np.float32)
        network[f"{depth}.bias"] = draws.normal(size=units).astype(np.float32)
    return network


def hidden_layers(count: int) -> tuple[HiddenLayer, ...]:
    return tuple(
        HiddenLayer({f"{depth}.weight": 0, f"{depth}.bias": 0, f"{depth + 1}.weight": 1})
        for depth in range(count)
    )


def shuffled(network: Network, orders: list[Permutation]) -> dict[str, Floats]:
    """Reorder hidden units by plain indexing, the way one would on paper."""
    result = dict(network)
    for depth, order in enumerate(orders):
        result[f"{depth}.weight"] = result[f"{depth}.weight"][order]
        result[f"{depth}.bias"] = result[f"{depth}.bias"][order]
        result[f"{depth + 1}.weight"] = result[f"{depth + 1}.weight"][:, order]
    return result


def output(network: Network, inputs: Floats) -> Floats:
    values = inputs
    last = len(network) // 2 - 1
    for depth in range(last + 1):
        values = values @ network[f"{depth}.weight"].T + network[f"{depth}.bias"]
        if depth < last:
            values = np.maximum(values, 0)
    return values


def agreement(reference: Network, network: Network) -> float:
    """Return the inner product of two networks' weights, output biases apart."""
    last = max(name for name in reference if name.endswith("bias"))
    return sum(
        float(np.sum(reference[name].astype(np.float64) * network[name]))
        for name in reference
        if name != last
    )


def random_orders(seed: int, widths: list[int]) -> list[Permutation]:
    draws = np.random.default_rng(seed)
    return [draws.permutation(width) for width in widths[1:-1]]


@pytest.mark.parametrize("units", [1, 2, 16])
def test_permuted_hidden_layer_is_matched_back_exactly(units: int) -> None:
    widths = [6, units, 3]
    reference = dense(units, widths)
    (order,) = random_orders(units, widths)
    (found,) = match_units(reference, shuffled(reference, [order]), hidden_layers(1))
    assert order[found].tolist() == list(range(units))


@pytest.mark.parametrize("seed", range(3))
def test_two_permuted_hidden_layers_are_matched_back_exactly(seed: int) -> None:
    # Many inputs: then the first layer is recognised before the second is in order.
    widths = [64, 12, 9, 4]
    reference = dense(seed, widths)
    orders = random_orders(seed, widths)
    matches = match_units(reference, shuffled(reference, orders), hidden_layers(2))
    for order, back in zip(orders, matches, strict=True):
        assert order[back].tolist() == list(range(len(order)))


@settings(deadline=None, max_examples=30)
@given(seeds, st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_reordering_units_changes_no_output(seed: int, hidden: list[int]) -> None:
    widths = [4, *hidden, 3]
    network = dense(seed, widths)
    layers = hidden_layers(len(hidden))
    orders = random_orders(seed, widths)
    reordered = permute_units(network, list(zip(layers, orders, strict=True)))
    inputs = np.random.default_rng(seed).normal(size=(8, 4))
    np.testing.assert_allclose(
        output(reordered, inputs), output(network, inputs), rtol=1e-9, atol=1e-9
    )
    expected = shuffled(network, orders)
    for name, array in reordered.items():
        np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("seed", range(5))
def test_one_layer_of_unrelated_networks_is_matched_as_well_as_can_be(seed: int) -> None:
    reference, network = dense(2 * seed, [5, 4, 3]), dense(2 * seed + 1, [5, 4, 3])
    best = max(
        permutations(range(4)),
        key=lambda order: agreement(reference, shuffled(network, [np.array(order)])),
    )
    (found,) = match_units(reference, network, hidden_layers(1))
    assert tuple(found.tolist()) == best


@pytest.mark.parametrize("seed", range(5))
def test_no_other_order_of_one_layer_matches_better(seed: int) -> None:
    reference, network = dense(2 * seed, [8, 4, 4, 3]), dense(2 * seed + 1, [8, 4, 4, 3])
    lower, upper = match_units(reference, network, hidden_layers(2))
    reached = agreement(reference, shuffled(network, [lower, upper]))
    others = [[np.array(order), upper] for order in permutations(range(4))]
    others += [[lower, np.array(order)] for order in permutations(range(4))]
    assert reached >= max(agreement(reference, shuffled(network, o)) for o in others) - 1e-9


@pytest.mark.parametrize("units", [1, 3])
def test_matching_ends_for_networks_that_point_away_from_each_other(units: int) -> None:
    # Every match is a bad one: the best inner product is far below zero.
    reference = {
        "0.weight": np.full((units, 4), 2.0, np.float32),
        "0.bias": np.full(units, 2.0, np.float32),
        "1.weight": np.full((3, units), 2.0, np.float32),
        "1.bias": np.zeros(3, np.float32),
    }
    opposite = {name: -array for name, array in reference.items()}
    (found,) = match_units(reference, opposite, hidden_layers(1))
    assert sorted(found.tolist()) == list(range(units))


def copies_of(network: Network, orders: list[list[Permutation]], layers: int) -> Population:
    networks = [dict(network), *(shuffled(network, order) for order in orders)]
    weights: Weights = {
        name: np.stack([each[name] for each in networks]).astype(np.float32) for name in network
    }
    return Population(weights, OptimizerState(), 3, hidden_layers(layers))


def inner_mean_of_all(population: Population, align_units: bool) -> Network:
    event = Breeding.model_validate(
        {
            "select": {"rule": "top", "count": population.size},
            "merge": {"rule": "inner_mean", "align_units": align_units},
        }
    )
    losses = np.arange(1.0, population.size + 1)
    offspring = breed(population, {"train_loss": losses}, event, seed=1, run=1).population
    return network(offspring.weights, 0)


@pytest.mark.parametrize("hidden", [[10], [12, 9]], ids=["one layer", "two layers"])
def test_merging_aligned_copies_keeps_the_function(hidden: list[int]) -> None:
    widths = [64, *hidden, 4]
    network = dense(5, widths)
    orders = [random_orders(seed, widths) for seed in (1, 2, 3)]
    population = copies_of(network, orders, len(hidden))
    inputs = np.random.default_rng(6).normal(size=(16, 64))
    expected = output(network, inputs)
    child = inner_mean_of_all(population, align_units=True)
    np.testing.assert_allclose(output(child, inputs), expected, rtol=1e-5, atol=1e-5)
    # Without alignment the average is another function: the copies really were out of order.
    blurred = inner_mean_of_all(population, align_units=False)
    assert np.abs(output(blurred, inputs) - expected).max() > 1


def test_alignment_needs_hidden_layers() -> None:
    population = copies_of(dense(1, [3, 4, 2]), [[np.array([1, 0, 3, 2])]], layers=0)
    with pytest.raises(CrossbreedError, match="align_units needs"):
        inner_mean_of_all(population, align_units=True)
