from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from crossbreed.breeding.event import Metrics, Offspring, breed, fitness_of, mutate
from crossbreed.config.arms import Breeding
from crossbreed.errors import TooFewNetworksError
from crossbreed.training.population import Array, HiddenLayer, OptimizerState, Population, Weights

NAN = float("nan")
TOP_2 = {"rule": "top", "count": 2}
COPY = {"rule": "copy"}
INNER_MEAN = {"rule": "inner_mean"}
LAYERS = (HiddenLayer({"0.weight": 0, "0.bias": 0, "1.weight": 1}),)


def dense_weights(seed: int, networks: int) -> Weights:
    draws = np.random.default_rng(seed)
    shapes = {"0.weight": (5, 3), "0.bias": (5,), "1.weight": (2, 5), "1.bias": (2,)}
    return {
        name: draws.normal(size=(networks, *shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


def dense_population(networks: int) -> Population:
    moments = {"first": dense_weights(2, networks), "second": dense_weights(3, networks)}
    return Population(dense_weights(1, networks), OptimizerState(17, moments), 6, LAYERS)


def on_a_line(*values: float) -> Population:
    """One number per network, which can be followed by eye."""
    weights = {"w": np.array(values, np.float32)[:, None]}
    return Population(weights, OptimizerState(), 6)


def losses(*values: float) -> Metrics:
    return {"train_loss": np.array(values)}


def event(select: dict[str, Any], merge: dict[str, Any], **offspring: Any) -> Breeding:
    return Breeding.model_validate({"select": select, "merge": merge, "offspring": offspring})


def bred(
    population: Population, metrics: Metrics, breeding: Breeding, seed: int = 1, run: int = 1
) -> Offspring:
    return breed(population, metrics, breeding, seed, run)


def line(offspring: Offspring) -> list[float]:
    return [float(value) for value in offspring.population.weights["w"][:, 0]]


def test_inner_mean_of_the_two_best_replaces_everyone() -> None:
    population = on_a_line(1, 2, 4, 8)
    offspring = bred(population, losses(0.5, 0.1, 0.9, 0.2), event(TOP_2, INNER_MEAN))
    assert line(offspring) == [5, 5, 5, 5]
    assert offspring.parents == [[1, 3]] * 4
    assert offspring.population.epoch == 6
    assert offspring.population.optimizer == OptimizerState()


def test_reset_only_changes_no_weight_and_forgets_the_optimizer() -> None:
    population = dense_population(4)
    offspring = bred(population, losses(0.4, 0.1, 0.3, 0.2), event({"rule": "all"}, COPY))
    for name, array in population.weights.items():
        assert_array_equal(offspring.population.weights[name], array)
    assert offspring.parents == [[0], [1], [2], [3]]
    assert offspring.population.optimizer == OptimizerState()
    assert offspring.population.hidden_layers == LAYERS


def test_copies_keep_their_parents_optimizer() -> None:
    population = dense_population(3)
    keep = event(TOP_2, COPY, optimizer="keep")
    kept = bred(population, losses(0.5, 0.1, 0.2), keep).population.optimizer
    assert kept.step == 17
    assert set(kept.moments) == {"first", "second"}
    for moment, arrays in population.optimizer.moments.items():
        for name, array in arrays.items():
            assert_array_equal(kept.moments[moment][name], array[[1, 2, 1]])


@pytest.mark.parametrize("rule", ["mean", "unit_crossover"])
def test_merged_offspring_keep_the_mean_of_the_moments(rule: str) -> None:
    population = dense_population(3)
    keep = event(TOP_2, {"rule": rule}, optimizer="keep")
    kept = bred(population, losses(0.5, 0.1, 0.2), keep).population.optimizer
    assert kept.step == 17
    for moment, arrays in population.optimizer.moments.items():
        for name, array in arrays.items():
            expected = np.stack([(array[1] + array[2]) / 2] * 3)
            np.testing.assert_allclose(kept.moments[moment][name], expected, rtol=1e-5, atol=1e-7)


def test_moments_follow_their_units_when_these_are_aligned() -> None:
    twin = dense_population(1)
    order = np.array([3, 0, 4, 1, 2])

    def with_shuffled_twin(weights: Weights) -> Weights:
        return {
            "0.weight": np.concatenate([weights["0.weight"], weights["0.weight"][:, order]]),
            "0.bias": np.concatenate([weights["0.bias"], weights["0.bias"][:, order]]),
            "1.weight": np.concatenate([weights["1.weight"], weights["1.weight"][:, :, order]]),
            "1.bias": np.concatenate([weights["1.bias"]] * 2),
        }

    moments = {name: with_shuffled_twin(arrays) for name, arrays in twin.optimizer.moments.items()}
    twins = Population(with_shuffled_twin(twin.weights), OptimizerState(17, moments), 6, LAYERS)
    aligned = event(TOP_2, {"rule": "mean", "align_units": True}, optimizer="keep")
    offspring = bred(twins, losses(0.1, 0.2), aligned).population
    expected = {"weights": twin.weights, **twin.optimizer.moments}
    for kind, arrays in {"weights": offspring.weights, **offspring.optimizer.moments}.items():
        for name, array in arrays.items():
            assert_array_equal(array, np.concatenate([expected[kind][name]] * 2))


@pytest.mark.parametrize("count", [1, 7])
def test_offspring_may_be_fewer_or_more_than_before(count: int) -> None:
    offspring = bred(on_a_line(1, 2, 4), losses(0.1, 0.2, 0.3), event(TOP_2, COPY, count=count))
    assert line(offspring) == [1, 2, 1, 2, 1, 2, 1][:count]
    assert offspring.parents == [[0], [1], [0], [1], [0], [1], [0]][:count]


def test_species_share_the_offspring_and_do_not_mix() -> None:
    population = on_a_line(0, 100, 2, 102, 104)
    species = event({"rule": "species", "species": 2, "count": 2}, {"rule": "mean"}, count=5)
    offspring = bred(population, losses(0.5, 0.1, 0.4, 0.3, 0.2), species)
    assert line(offspring) == [102, 102, 102, 1, 1]
    assert offspring.parents == [[1, 4], [1, 4], [1, 4], [2, 0], [2, 0]]


def test_loss_weighted_mean_weighs_by_training_loss_whatever_selects() -> None:
    metrics: Metrics = {
        "train_loss": np.array([9.0, 1.0, 3.0]),
        "validation_accuracy": np.array([0.1, 0.8, 0.9]),
    }
    select = TOP_2 | {"metric": "validation_accuracy"}
    offspring = bred(on_a_line(5, 4, 8), metrics, event(select, {"rule": "loss_weighted_mean"}))
    # Shares 1/4 for the network of loss 3 and 3/4 for that of loss 1.
    assert line(offspring) == [5, 5, 5]
    assert offspring.parents == [[2, 1]] * 3


def test_higher_accuracy_and_lower_loss_are_better() -> None:
    metrics: Metrics = {
        "train_loss": np.array([0.3, 0.1, 0.2]),
        "validation_loss": np.array([0.1, 0.2, 0.3]),
        "validation_accuracy": np.array([0.7, 0.8, 0.9]),
    }
    best = {}
    for metric in metrics:
        clone = event({"rule": "top", "count": 1, "metric": metric}, COPY)
        best[metric] = bred(on_a_line(0, 1, 2), metrics, clone).parents[0]
    assert best == {"train_loss": [1], "validation_loss": [0], "validation_accuracy": [2]}
    assert fitness_of(metrics, "validation_accuracy").tolist() == [0.7, 0.8, 0.9]
    assert fitness_of(metrics, "validation_loss").tolist() == [-0.1, -0.2, -0.3]


@pytest.mark.parametrize(
    "select",
    [
        {"rule": "all"},
        {"rule": "top", "count": 3, "metric": "validation_accuracy"},
    ],
    ids=lambda select: str(select["rule"]),
)
def test_a_network_without_finite_training_loss_is_no_parent(select: dict[str, Any]) -> None:
    metrics: Metrics = {
        "train_loss": np.array([0.3, NAN, 0.2, 0.1, float("inf")]),
        "validation_accuracy": np.array([0.1, 0.9, 0.1, 0.1, 0.9]),
    }
    offspring = bred(on_a_line(1, NAN, 2, 3, NAN), metrics, event(select, COPY))
    assert {parent for family in offspring.parents for parent in family} == {0, 2, 3}
    assert set(line(offspring)) == {1, 2, 3}


def test_too_few_survivors_stop_the_event() -> None:
    with pytest.raises(TooFewNetworksError, match=r"1 of 3 networks .* 2 are to be selected"):
        bred(on_a_line(1, 2, 3), losses(NAN, 0.1, NAN), event(TOP_2, INNER_MEAN))
    # Nothing in the configuration forbids this: one of the two has diverged.
    with pytest.raises(TooFewNetworksError, match="2 parents"):
        bred(on_a_line(1, 2), losses(0.1, NAN), event({"rule": "all"}, {"rule": "spherical"}))


def test_random_draws_depend_on_seed_run_and_epoch_only() -> None:
    population = on_a_line(*range(12))
    metrics = losses(*np.linspace(1, 2, 12))
    select = event({"rule": "random", "count": 5}, COPY)
    later = Population(population.weights, population.optimizer, 7)
    first = bred(population, metrics, select).parents
    assert bred(population, metrics, select).parents == first
    others = [
        bred(population, metrics, select, seed=2).parents,
        bred(population, metrics, select, run=2).parents,
        bred(later, metrics, select).parents,
    ]
    assert first not in others


def test_breeding_leaves_the_old_population_alone() -> None:
    population = dense_population(3)
    noisy = event({"rule": "all"}, COPY, optimizer="keep", mutation=0.5)
    offspring = bred(population, losses(0.1, 0.2, 0.3), noisy).population
    for arrays in (offspring.weights, *offspring.optimizer.moments.values()):
        for array in arrays.values():
            array[:] = NAN
    for name, array in dense_weights(1, 3).items():
        assert_array_equal(population.weights[name], array)
    for name, array in dense_weights(2, 3).items():
        assert_array_equal(population.optimizer.moments["first"][name], array)


def big() -> Array:
    """Two networks of 10,000 weights, of root mean square 5 and 0.5."""
    array: Array = np.random.default_rng(1).choice([-1, 1], size=(2, 100, 100)).astype(np.float32)
    array *= np.array([5, 0.5], np.float32)[:, None, None]
    return array


def test_mutation_is_scaled_by_each_networks_root_mean_square() -> None:
    noise = mutate({"w": big()}, 0.1, 1, (1, 6))["w"].astype(np.float64) - big()
    # The deviation of 10,000 draws is known to 0.7 %, their mean to 1 % of the deviation.
    np.testing.assert_allclose(noise.std(axis=(1, 2)), [0.5, 0.05], rtol=0.04)
    assert (abs(noise.mean(axis=(1, 2))) < [0.025, 0.0025]).all()
    correlation = np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]
    assert abs(correlation) < 0.05, "each network draws its own noise"


def test_mutation_is_a_function_of_seed_run_epoch_and_network() -> None:
    weights = {"w": big()}
    first = mutate(weights, 0.1, 1, (1, 6))["w"]
    assert_array_equal(weights["w"], big())
    assert_array_equal(mutate({"w": big()}, 0.1, 1, (1, 6))["w"], first)
    assert_array_equal(mutate({"w": big()[:1]}, 0.1, 1, (1, 6))["w"], first[:1])
    for seed, place in ((2, (1, 6)), (1, (2, 6)), (1, (1, 7))):
        assert not np.array_equal(mutate({"w": big()}, 0.1, seed, place)["w"], first)


def test_a_network_that_diverged_in_its_last_step_is_never_a_parent() -> None:
    weights = np.array([[1.0, np.nan], [2.0, 2.0], [3.0, 3.0]], np.float32)
    population = Population({"w": weights}, OptimizerState(), epoch=6)
    losses: Metrics = {"train_loss": np.array([0.1, 0.2, 0.3])}
    offspring = bred(population, losses, event({"rule": "top", "count": 1}, {"rule": "mean"}))
    assert offspring.parents == [[1], [1], [1]]


def test_mutated_clones_of_the_best_differ() -> None:
    noisy = event({"rule": "top", "count": 1}, COPY, mutation=0.1)
    offspring = bred(on_a_line(1, 2, 4), losses(0.5, 0.4, 0.1), noisy)
    assert offspring.parents == [[2], [2], [2]]
    assert len(set(line(offspring))) == 3
    assert max(abs(np.array(line(offspring)) - 4)) < 4 * 0.1 * 5
