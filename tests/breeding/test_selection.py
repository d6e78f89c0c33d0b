"""Which networks breed, by rules whose answer is known."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter

from crossbreed.breeding.selection import select
from crossbreed.config.arms import Select
from crossbreed.errors import TooFewNetworksError
from crossbreed.training.population import Weights

NAN, INF = float("nan"), float("inf")
# Each rule asked for two parents.
TWO: dict[str, dict[str, Any]] = {
    "all": {},
    "top": {"count": 2},
    "random": {"count": 2},
    "tournament": {"count": 2, "size": 3},
    "species": {"species": 2, "count": 2},
}
COUNTED = [rule for rule in TWO if rule != "all"]


def selected(
    rule: str,
    fitness: list[float] | NDArray[np.float64],
    weights: Weights | None = None,
    seed: int = 1,
    **options: Any,
) -> list[list[int]]:
    settings_ = TypeAdapter(Select).validate_python({"rule": rule, **options})
    scattered = np.random.default_rng(len(fitness)).normal(size=(len(fitness), 3))
    groups = select(
        settings_,
        np.array(fitness, float),
        weights or {"w": scattered.astype(np.float32)},
        np.random.default_rng(seed),
    )
    return [group.tolist() for group in groups]


def two_clusters() -> Weights:
    """Networks 0, 2, 5 near the origin and 1, 3, 4 far away, which only the parameter b shows."""
    far = np.array([0, 1, 0, 1, 1, 0], np.float32)[:, None, None]
    jitter = np.random.default_rng(1).normal(scale=0.1, size=(6, 2, 2)).astype(np.float32)
    return {"a": jitter[:, 0], "b": 10 * far + jitter}


def test_all_keeps_the_networks_own_order() -> None:
    assert selected("all", [1, 3, 2]) == [[0, 1, 2]]


def test_top_from_the_fittest_down_and_of_equals_the_first() -> None:
    assert selected("top", [0.1, 0.9, -5, 0.5], count=3) == [[1, 3, 0]]
    assert selected("top", [1, 2, 2, 2, 1], count=2) == [[1, 2]]


def test_random_is_a_function_of_its_draws_and_takes_nobody_twice() -> None:
    fitness = np.arange(20.0)
    first = selected("random", fitness, seed=3, count=5)
    assert selected("random", fitness, seed=3, count=5) == first
    assert selected("random", fitness, seed=4, count=5) != first
    assert selected("random", [0.3, 0.1, 0.4, 0.2], count=4) == [[2, 0, 3, 1]]


def test_random_draws_every_pair_equally_often() -> None:
    drawn = dict.fromkeys(combinations(range(4), 2), 0)
    for seed in range(1200):
        ((first, second),) = selected("random", np.arange(4.0), seed=seed, count=2)
        drawn[min(first, second), max(first, second)] += 1
    # 200 expected, standard deviation 13: five of them.
    assert all(abs(count - 200) < 65 for count in drawn.values())


@pytest.mark.parametrize(("size", "winners"), [(1, {0, 1, 2}), (2, {1, 2})])
def test_tournament_winner_is_the_fittest_entrant(size: int, winners: set[int]) -> None:
    # Of two entrants among three, only the worst of all can never win.
    first = {
        selected("tournament", [1, 2, 3], seed=seed, count=1, size=size)[0][0] for seed in range(50)
    }
    assert first == winners


def test_nobody_wins_two_tournaments_and_the_last_have_fewer_entrants() -> None:
    assert selected("tournament", [1, 2, 3, 4], count=4, size=1) == [[3, 2, 1, 0]]
    assert selected("tournament", [1, 2], count=2, size=2) == [[1, 0]]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=9), st.data())
def test_tournament_among_all_is_top(values: list[float], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(values)))
    won = selected("tournament", values, count=count, size=len(values))
    assert won == selected("top", values, count=count)


@pytest.mark.parametrize(
    ("fitness", "species", "count", "expected"),
    [
        ([0.1, 0.9, 0.3, 0.8, 0.95, 0.2], 2, 2, [[4, 1], [2, 5]]),
        ([0.1, 0.9, 0.3, NAN, NAN, 0.2], 2, 3, [[1], [2, 5, 0]]),
        ([1, 1, 1, 1, 1, 1], 2, 2, [[0, 2], [1, 3]]),
        ([0.1, 0.9, 0.3, 0.8, 0.95, 0.2], 1, 3, [[4, 1, 3]]),
        ([NAN, NAN, 0.3, NAN, NAN, NAN], 1, 2, [[2]]),
    ],
    ids=["best species first", "too few members", "equals", "one species", "last survivor"],
)
def test_species_breed_within_their_cluster(
    fitness: list[float], species: int, count: int, expected: list[list[int]]
) -> None:
    options = {"species": species, "count": count}
    assert selected("species", fitness, two_clusters(), **options) == expected


def test_equally_distant_networks_still_make_as_many_species_as_asked() -> None:
    corners = {"w": np.eye(4, dtype=np.float32)}
    groups = selected("species", np.arange(4.0), corners, species=2, count=4)
    assert len(groups) == 2
    assert sorted(chain(*groups)) == [0, 1, 2, 3]


@pytest.mark.parametrize("rule", TWO)
@pytest.mark.parametrize("value", [NAN, INF, -INF], ids=["nan", "inf", "-inf"])
def test_a_network_without_finite_fitness_is_never_selected(rule: str, value: float) -> None:
    groups = selected(rule, [value, 0.5, value, 0.7], **TWO[rule])
    assert sorted(chain(*groups)) == [1, 3]


@pytest.mark.parametrize("rule", TWO)
def test_too_few_networks_is_an_error_with_the_numbers(rule: str) -> None:
    alive, needed = (0, 1) if rule == "all" else (1, 2)
    fitness = [NAN, *[0.5] * alive, -INF, NAN]
    message = rf"{alive} of {len(fitness)} networks .* {needed} are to be selected"
    with pytest.raises(TooFewNetworksError, match=message):
        selected(rule, fitness, **TWO[rule])


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(COUNTED), st.lists(st.floats(-9, 9), min_size=2, max_size=8))
def test_every_group_runs_from_the_fittest_down(rule: str, values: list[float]) -> None:
    for group in selected(rule, values, **TWO[rule]):
        assert (np.diff(np.array(values)[group]) <= 0).all()
