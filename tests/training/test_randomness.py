from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.randomness import Purpose, example_order, generator

Key = tuple[int, ...]  # seed, purpose, place

small = st.integers(0, 1000)
keys = st.tuples(st.integers(0, 2**32 - 1), st.sampled_from(Purpose), small, small)


def first_numbers(*key: int) -> list[int]:
    seed, purpose, *place = key
    return [
        int(value) for value in generator(seed, Purpose(purpose), *place).integers(2**63, size=3)
    ]


@settings(deadline=None, max_examples=50)
@given(keys, keys)
def test_numbers_are_a_function_of_the_key_and_no_two_alike(first: Key, second: Key) -> None:
    assert (first_numbers(*first) == first_numbers(*second)) == (first == second)
    assert first_numbers(*first) == first_numbers(*first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((7 + 3 * 2**32, Purpose.WEIGHTS, 1, 4), (7, Purpose.ORDER, 2, 1, 4)),
        ((1, Purpose.SPLIT), (1, Purpose.SPLIT, 0)),
    ],
    ids=["seed of two words", "zero at the end"],
)
def test_keys_of_different_length_give_different_numbers(first: Key, second: Key) -> None:
    # numpy makes one string of 32-bit words of a list of integers, padded with zeros: in it the
    # boundaries are lost, so seed and place must not stand in the same list.
    assert first_numbers(*first) != first_numbers(*second)


# Pinned: with other numbers, no earlier result could be made again.
@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        (1, [3956912527376319614, 655160225260486678, 557286803239220009]),
        (2, [1514212226732505428, 5935534974508750768, 3703047376302400229]),
        (3, [2839863535438524845, 7186975271702505029, 7311309696362554822]),
        (4, [8030280466736276034, 542486404353731933, 9151386948744417193]),
        (5, [3830403131292190541, 6101779649688991309, 447851432295182862]),
        (6, [3567099273820053087, 6759555663202894913, 880944769753917697]),
        (15, [5235383101120934117, 9077471895627489582, 7967250327073669830]),
        (16, [7820765972053886108, 1318135259081074993, 7362869210827714312]),
        (17, [7427552723909059044, 3915856419171794595, 2522355244408046968]),
    ],
)
def test_numbers_of_each_purpose_are_the_known_ones(purpose: int, expected: list[int]) -> None:
    assert first_numbers(1, purpose, 2, 3) == expected


def test_example_order_is_the_known_one() -> None:
    assert example_order(seed=1, run=2, epoch=3, networks=2, examples=8).tolist() == [
        [3, 6, 5, 7, 0, 2, 1, 4],
        [1, 2, 6, 5, 0, 7, 4, 3],
    ]


@settings(deadline=None, max_examples=30)
@given(small, small, small, st.integers(1, 5), st.integers(1, 50))
def test_each_network_sees_every_example_once(
    seed: int, run: int, epoch: int, networks: int, examples: int
) -> None:
    order = example_order(seed, run, epoch, networks, examples)
    assert order.shape == (networks, examples)
    assert order.dtype == np.int64
    assert (np.sort(order, axis=1) == np.arange(examples)).all()
    # Whoever is beside it.
    alone = example_order(seed, run, epoch, 1, examples)
    assert alone[0].tolist() == order[0].tolist()


def test_order_differs_between_seeds_runs_epochs_and_networks() -> None:
    orders = [
        example_order(seed, run, epoch, 2, 30)[network].tolist()
        for seed in (1, 2)
        for run in (1, 2)
        for epoch in (0, 1)
        for network in (0, 1)
    ]
    assert len({tuple(order) for order in orders}) == 16
