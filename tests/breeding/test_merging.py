from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy import stats

from crossbreed.breeding import merging
from crossbreed.errors import CrossbreedError, TooFewNetworksError
from crossbreed.training.population import Array, HiddenLayer, Weights

ONE_HIDDEN = (HiddenLayer({"0.weight": 0, "0.bias": 0, "1.weight": 1}),)
TWO_HIDDEN = (*ONE_HIDDEN, HiddenLayer({"1.weight": 0, "1.bias": 0, "2.weight": 1}))


def stack(*parents: list[float]) -> Weights:
    return {"w": np.array(parents, np.float32)}


def dense_parents(seed: int, parents: int, widths: list[int]) -> Weights:
    """Draw dense networks in which no two numbers are alike, so that each tells its parent."""
    draws = np.random.default_rng(seed)
    weights: Weights = {}
    for depth, (inputs, units) in enumerate(pairwise(widths)):
        weights[f"{depth}.weight"] = draws.normal(size=(parents, units, inputs)).astype(np.float32)
        weights[f"{depth}.bias"] = draws.normal(size=(parents, units)).astype(np.float32)
    return weights


def parent_of(value: float, candidates: Array) -> int:
    (found,) = np.flatnonzero(candidates == value)
    return int(found)


def ascending_losses(parents: Weights) -> NDArray[np.float64]:
    return np.arange(1.0, len(next(iter(parents.values()))) + 1)


RULES: dict[str, Callable[[Weights, int], Weights]] = {
    "copy": merging.copy,
    "mean": merging.mean,
    "inner_mean": lambda parents, children: merging.inner_mean(parents, children, 0.25),
    "loss_weighted_mean": lambda parents, children: merging.loss_weighted_mean(
        parents, children, ascending_losses(parents)
    ),
    "spherical": merging.spherical,
    "unit_crossover": lambda parents, children: merging.unit_crossover(
        parents, children, ONE_HIDDEN, np.random.default_rng(1)
    ),
}

finite_floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


def test_copy_takes_the_parents_in_turn() -> None:
    children = merging.copy(stack([1, 2], [3, 4]), 5)["w"]
    assert children.tolist() == [[1, 2], [3, 4], [1, 2], [3, 4], [1, 2]]


def test_mean_of_three_parents() -> None:
    assert merging.mean(stack([1, -3], [2, 0], [6, 9]), 2)["w"].tolist() == [[3, 2], [3, 2]]


def test_mean_is_summed_in_double_precision() -> None:
    # In float32, 2^24 + 1 is 2^24: a float32 sum would lose both ones.
    assert merging.mean(stack([2.0**24], [1.0], [1.0], [-(2.0**24)]), 1)["w"].item() == 0.5


def test_inner_mean_drops_lowest_and_highest_of_each_coordinate() -> None:
    assert merging.inner_mean(stack([1, 5], [2, -5]), 1, 0.25)["w"].tolist() == [[1.5, 0]]
    parents = stack([100, 1], [2, -50], [4, 3], [-7, 99])
    assert merging.inner_mean(parents, 1, 0.25)["w"].tolist() == [[3, 2]]
    # floor(0.25 * 5) = 1 at either end.
    assert merging.inner_mean(stack([0], [1], [2], [6], [50]), 1, 0.25)["w"].item() == 3


@settings(deadline=None, max_examples=30)
@given(
    # Bounded, so that a tolerance for another order of summation can be stated.
    arrays(
        np.float32, array_shapes(max_dims=2, max_side=7), elements=st.floats(-100, 100, width=32)
    ),
    st.floats(0, 0.49),
)
def test_inner_mean_agrees_with_scipy(parents: Array, trim: float) -> None:
    expected = stats.trim_mean(parents.astype(np.float64), trim, axis=0).astype(np.float32)
    child = merging.inner_mean({"w": parents}, 1, trim)["w"][0]
    np.testing.assert_allclose(child, expected, rtol=1e-6, atol=1e-8)


def test_loss_weighted_mean_by_hand() -> None:
    # Losses 1 and 3 give the shares 3/4 and 1/4.
    child = merging.loss_weighted_mean(stack([4, 8], [8, -8]), 1, np.array([1.0, 3.0]))["w"]
    np.testing.assert_allclose(child, [[5, 4]], rtol=1e-6)


@pytest.mark.parametrize(("losses", "expected"), [([1.0, 0, 0], 5), ([0, 0, 0], 11 / 3)])
def test_loss_weighted_mean_is_that_of_the_parents_without_any_loss(
    losses: list[float], expected: float
) -> None:
    child = merging.loss_weighted_mean(stack([1], [3], [7]), 1, np.array(losses))["w"]
    np.testing.assert_allclose(child, [[expected]], rtol=1e-6)


def test_spherical_takes_all_parameters_as_one_vector() -> None:
    # Orthogonal only together: each parameter alone is in line with its counterpart.
    parents = {"a": np.array([[1], [0]], np.float32), "b": np.array([[0], [1]], np.float32)}
    child = merging.spherical(parents, 1)
    half = np.sqrt(0.5)
    np.testing.assert_allclose([child["a"].item(), child["b"].item()], [half, half], rtol=1e-6)


def test_spherical_of_orthogonal_parents_of_different_length() -> None:
    child = merging.spherical(stack([2, 0], [0, 1]), 1)["w"]
    np.testing.assert_allclose(child, [[np.sqrt(2), np.sqrt(0.5)]], rtol=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [([1, 2], [3, 6], [2, 4]), ([1, 2], [-1, -2], [0, 0]), ([0, 0], [2, 4], [1, 2])],
    ids=["parallel", "opposite", "zero"],
)
def test_spherical_of_parents_in_line_is_the_mean(
    first: list[float], second: list[float], expected: list[float]
) -> None:
    child = merging.spherical(stack(first, second), 1)["w"]
    np.testing.assert_allclose(child, [expected], rtol=1e-6)


@pytest.mark.parametrize("count", [1, 3])
def test_spherical_needs_exactly_two_parents(count: int) -> None:
    with pytest.raises(TooFewNetworksError, match=f"2 parents, but {count} are left"):
        merging.spherical(stack(*[[1.0, 2.0]] * count), 1)


def test_unit_crossover_inherits_each_hidden_unit_whole() -> None:
    parents = dense_parents(1, parents=3, widths=[4, 16, 2])
    children = merging.unit_crossover(parents, 8, ONE_HIDDEN, np.random.default_rng(2))
    chosen = np.empty((8, 16), int)
    for child in range(8):
        for unit in range(16):
            parent = parent_of(children["0.bias"][child, unit], parents["0.bias"][:, unit])
            chosen[child, unit] = parent
            incoming = children["0.weight"][child, unit]
            outgoing = children["1.weight"][child, :, unit]
            assert incoming.tolist() == parents["0.weight"][parent, unit].tolist()
            assert outgoing.tolist() == parents["1.weight"][parent, :, unit].tolist()
        assert children["1.bias"][child].tolist() == parents["1.bias"][0].tolist()
    assert len({tuple(row) for row in chosen.tolist()}) == 8, "children must differ"
    assert set(chosen.ravel().tolist()) == {0, 1, 2}


def test_unit_crossover_gives_weights_between_hidden_layers_to_the_unit_they_lead_to() -> None:
    parents = dense_parents(3, parents=2, widths=[3, 6, 5, 2])
    children = merging.unit_crossover(parents, 4, TWO_HIDDEN, np.random.default_rng(4))
    drawn = set()
    for child in range(4):
        for unit in range(6):
            lower = parent_of(children["0.bias"][child, unit], parents["0.bias"][:, unit])
            incoming = children["0.weight"][child, unit]
            assert incoming.tolist() == parents["0.weight"][lower, unit].tolist()
            drawn.add(("lower", lower))
        for unit in range(5):
            upper = parent_of(children["1.bias"][child, unit], parents["1.bias"][:, unit])
            incoming = children["1.weight"][child, unit]
            outgoing = children["2.weight"][child, :, unit]
            assert incoming.tolist() == parents["1.weight"][upper, unit].tolist()
            assert outgoing.tolist() == parents["2.weight"][upper, :, unit].tolist()
            drawn.add(("upper", upper))
        assert children["2.bias"][child].tolist() == parents["2.bias"][0].tolist()
    assert drawn == {("lower", 0), ("lower", 1), ("upper", 0), ("upper", 1)}


def test_unit_crossover_needs_hidden_layers() -> None:
    with pytest.raises(CrossbreedError, match="hidden layers"):
        merging.unit_crossover(stack([1], [2]), 1, (), np.random.default_rng(1))


@pytest.mark.parametrize("rule", RULES)
def test_children_are_arrays_of_their_own_of_the_parents_shape(rule: str) -> None:
    parents = dense_parents(5, parents=2, widths=[4, 3, 2])
    children = RULES[rule](parents, 7)
    assert {name: (array.shape, array.dtype) for name, array in children.items()} == {
        name: ((7, *array.shape[1:]), np.dtype(np.float32)) for name, array in parents.items()
    }
    for array in children.values():
        array[:] = np.nan
    for name, array in dense_parents(5, parents=2, widths=[4, 3, 2]).items():
        np.testing.assert_array_equal(parents[name], array)


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_equal_parents_give_their_like_exactly(rule: str, data: st.DataObject) -> None:
    shapes = {"0.weight": (2, 3), "0.bias": (2,), "1.weight": (3, 2), "1.bias": (3,)}
    parent = {
        name: data.draw(arrays(np.float32, shape, elements=finite_floats))
        for name, shape in shapes.items()
    }
    count = 2 if rule == "spherical" else data.draw(st.integers(1, 6))
    children = RULES[rule]({name: np.stack([array] * count) for name, array in parent.items()}, 3)
    for name, array in parent.items():
        np.testing.assert_array_equal(children[name], np.stack([array] * 3))
