from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from crossbreed.breeding import selection
from crossbreed.errors import CrossbreedError
from crossbreed.training.population import Weights

Groups = list[NDArray[np.intp]]
NAN, INF = float("nan"), float("inf")


def numbers(groups: Groups) -> list[list[int]]:
    return [group.tolist() for group in groups]


def members(groups: Groups) -> list[int]:
    return sorted(member for group in groups for member in group.tolist())


def draws(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def scattered(size: int) -> Weights:
    return {"w": np.random.default_rng(size).normal(size=(size, 3)).astype(np.float32)}


# Each rule asked for two parents.
RULES: dict[str, Callable[[NDArray[np.float64]], Groups]] = {
    "all": selection.select_all,
    "top": lambda fitness: selection.select_top(fitness, 2),
    "random": lambda fitness: selection.select_random(fitness, 2, draws()),
    "tournament": lambda fitness: selection.select_tournament(fitness, 2, 3, draws()),
    "species": lambda fitness: selection.select_species(fitness, scattered(len(fitness)), 2, 2),
}
COUNTED = ("top", "random", "tournament", "species")


def two_clusters() -> Weights:
    """Networks 0, 2, 5 near the origin and 1, 3, 4 far away, which only the parameter b shows."""
    far = np.array([0, 1, 0, 1, 1, 0], np.float32)[:, None, None]
    jitter = np.random.default_rng(1).normal(scale=0.1, size=(6, 2, 2)).astype(np.float32)
    return {"a": jitter[:, 0], "b": 10 * far + jitter}


def test_all_keeps_the_networks_own_order() -> None:
    assert numbers(selection.select_all(np.array([1.0, 3.0, 2.0]))) == [[0, 1, 2]]


def test_all_leaves_out_the_diverged() -> None:
    assert numbers(selection.select_all(np.array([NAN, 3.0, -INF, 2.0]))) == [[1, 3]]


def test_top_from_the_fittest_down() -> None:
    assert numbers(selection.select_top(np.array([0.1, 0.9, -5.0, 0.5]), 3)) == [[1, 3, 0]]


def test_top_of_equals_takes_the_first() -> None:
    assert numbers(selection.select_top(np.array([1.0, 2.0, 2.0, 2.0, 1.0]), 2)) == [[1, 2]]
    assert numbers(selection.select_top(np.array([1.0, 2.0, 1.0, 1.0]), 3)) == [[1, 0, 2]]


def test_random_is_reproducible() -> None:
    fitness = np.arange(20.0)
    first = numbers(selection.select_random(fitness, 5, draws(3)))
    assert numbers(selection.select_random(fitness, 5, draws(3))) == first
    assert numbers(selection.select_random(fitness, 5, draws(4))) != first


def test_random_draws_without_replacement_fittest_first() -> None:
    fitness = np.array([0.3, 0.1, 0.4, 0.2])
    assert numbers(selection.select_random(fitness, 4, draws())) == [[2, 0, 3, 1]]


def test_random_draws_every_pair_equally_often() -> None:
    generator = draws()
    fitness = np.arange(4.0)
    seen = dict.fromkeys(combinations(range(4), 2), 0)
    for _ in range(1200):
        (group,) = numbers(selection.select_random(fitness, 2, generator))
        seen[(min(group), max(group))] += 1
    # 200 expected, standard deviation 13: five of them.
    assert all(abs(count - 200) < 65 for count in seen.values())


def test_tournament_winner_is_the_fittest_entrant() -> None:
    # With three candidates and two entrants, only the worst of all can never win first.
    first = {
        numbers(selection.select_tournament(np.array([1.0, 2.0, 3.0]), 1, 2, draws(seed)))[0][0]
        for seed in range(50)
    }
    assert first == {1, 2}


def test_tournament_of_one_entrant_is_a_random_draw() -> None:
    fitness = np.array([1.0, 2.0, 3.0])
    winners = {
        numbers(selection.select_tournament(fitness, 1, 1, draws(seed)))[0][0] for seed in range(50)
    }
    assert winners == {0, 1, 2}


def test_tournament_of_equals_is_won_by_the_first() -> None:
    assert numbers(selection.select_tournament(np.ones(5), 2, 5, draws())) == [[0, 1]]


def test_tournament_goes_on_with_fewer_candidates_than_entrants() -> None:
    assert numbers(selection.select_tournament(np.array([1.0, 2.0]), 2, 2, draws())) == [[1, 0]]


def test_nobody_wins_two_tournaments() -> None:
    fitness = np.array([1.0, 2.0, 3.0, 4.0])
    assert numbers(selection.select_tournament(fitness, 4, 1, draws())) == [[3, 2, 1, 0]]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=9), st.data())
def test_tournament_among_all_is_top(values: list[int], data: st.DataObject) -> None:
    fitness = np.array(values, float)
    count = data.draw(st.integers(1, len(values)))
    won = selection.select_tournament(fitness, count, len(values), draws())
    assert numbers(won) == numbers(selection.select_top(fitness, count))


def test_species_breed_within_their_cluster_best_species_first() -> None:
    fitness = np.array([0.1, 0.9, 0.3, 0.8, 0.95, 0.2])
    groups = selection.select_species(fitness, two_clusters(), 2, 2)
    assert numbers(groups) == [[4, 1], [2, 5]]


def test_species_with_too_few_members_breeds_with_those_it_has() -> None:
    fitness = np.array([0.1, 0.9, 0.3, NAN, NAN, 0.2])
    groups = selection.select_species(fitness, two_clusters(), 2, 3)
    assert numbers(groups) == [[1], [2, 5, 0]]


def test_species_of_equal_fitness_are_ordered_by_their_first_network() -> None:
    assert numbers(selection.select_species(np.ones(6), two_clusters(), 2, 2)) == [[0, 2], [1, 3]]


def test_one_species_is_top() -> None:
    fitness = np.array([0.1, 0.9, 0.3, 0.8, 0.95, 0.2])
    assert numbers(selection.select_species(fitness, two_clusters(), 1, 3)) == [[4, 1, 3]]


def test_the_last_survivor_is_a_species() -> None:
    fitness = np.array([NAN, NAN, 0.3, NAN, NAN, NAN])
    assert numbers(selection.select_species(fitness, two_clusters(), 1, 2)) == [[2]]


def test_equally_distant_networks_still_make_as_many_species_as_asked() -> None:
    corners = {"w": np.eye(4, dtype=np.float32)}
    groups = selection.select_species(np.arange(4.0), corners, 2, 4)
    assert len(groups) == 2
    assert members(groups) == [0, 1, 2, 3]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_species_are_as_many_as_asked_and_disjoint(species: int, count: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    weights = {"w": generator.normal(size=(8, 5)).astype(np.float32)}
    groups = selection.select_species(generator.normal(size=8), weights, species, count)
    assert len(groups) == species
    assert all(1 <= len(group) <= count for group in groups)
    assert len(set(members(groups))) == len(members(groups))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("value", [NAN, INF, -INF], ids=["nan", "inf", "-inf"])
def test_a_network_without_finite_fitness_is_never_selected(rule: str, value: float) -> None:
    groups = RULES[rule](np.array([value, 0.5, value, 0.7]))
    assert members(groups) == [1, 3]


@pytest.mark.parametrize("rule", COUNTED)
def test_too_few_networks_is_an_error_with_the_numbers(rule: str) -> None:
    with pytest.raises(CrossbreedError, match=r"1 of 4 networks .* 2 are to be selected"):
        RULES[rule](np.array([NAN, 0.5, -INF, NAN]))


def test_all_diverged_is_an_error_with_the_numbers() -> None:
    with pytest.raises(CrossbreedError, match=r"0 of 3 networks .* 1 are to be selected"):
        selection.select_all(np.array([NAN, INF, -INF]))


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(COUNTED), st.lists(st.floats(-9, 9), min_size=2, max_size=8))
def test_every_group_runs_from_the_fittest_down(rule: str, values: list[float]) -> None:
    fitness = np.array(values)
    for group in RULES[rule](fitness):
        assert (np.diff(fitness[group]) <= 0).all()
