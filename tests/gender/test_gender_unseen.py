"""What a search has seen, and what it has not: no architecture may be on both sides."""

from __future__ import annotations

import pytest

from crossbreed.gender.results.unseen import (
    OTHER_MODES,
    UNSELECTED,
    is_unselected,
    unseen_by,
)
from crossbreed.search.generation import Generation, archive, finished_once
from crossbreed.search.search import run_search
from gender_histories import COUPLE, MadeUp, losses_of, make_generation
from search_problem import EVOLUTION, VOCABULARY, shipped, train

FOUNDERS = make_generation(0, MadeUp(1, 3, 1.1), MadeUp(2, 3, 1.2))
# Of the search that is looked at: it trained genomes 1, 2 and 3 to the end.
MINE = [
    FOUNDERS,
    make_generation(1, MadeUp(3, 3, 1.3, parents=COUPLE), MadeUp(4, 3, parents=COUPLE)),
]


def newcomers(*genomes: int) -> Generation:
    """Return a generation without parents, all trained to the end: genome 5 to the loss 1.5."""
    return make_generation(1, *(MadeUp(one, 3, 1 + one / 10) for one in genomes))


def bred(*genomes: int) -> Generation:
    return make_generation(1, *(MadeUp(one, 3, 1 + one / 10, parents=COUPLE) for one in genomes))


def test_unseen_are_the_newcomers_that_the_search_has_not_trained() -> None:
    # Genomes 1 and 3 are its own, one of them found by chance; 6 comes twice.
    histories = {
        (1, "mine"): MINE,
        (1, "chance"): [FOUNDERS, newcomers(1, 3, 5, 6), newcomers(6, 7, 8)],
        (1, "other"): [FOUNDERS, bred(9)],
    }
    kind, known = unseen_by(histories, 1, "mine")
    assert kind == UNSELECTED
    assert losses_of(known) == [1.5, 1.6, 1.7, 1.8]
    # They come as they were early.
    assert [len(trial.curve) for trial, _ in known] == [2, 2, 2, 2]


def test_with_too_few_newcomers_those_of_other_modes_are_taken() -> None:
    histories = {
        (1, "mine"): MINE,
        (1, "chance"): [FOUNDERS, newcomers(5, 6, 7)],
        (1, "other"): [FOUNDERS, bred(3, 7, 9)],
    }
    kind, known = unseen_by(histories, 1, "mine")
    assert kind == OTHER_MODES
    # The founders, 3 and the second 7 are left out.
    assert losses_of(known) == [1.5, 1.6, 1.7, 1.9]


def test_other_seeds_are_another_study() -> None:
    histories = {(1, "mine"): MINE, (2, "chance"): [FOUNDERS, newcomers(5, 6, 7, 8)]}
    assert unseen_by(histories, 1, "mine") == (OTHER_MODES, [])


@pytest.mark.parametrize("mode", ["combined", "random_search"])
def test_nothing_unseen_was_trained_by_the_search_itself(mode: str) -> None:
    # A tiny space, so that searches come upon each other's architectures all the time.
    space = EVOLUTION.space.model_validate(
        EVOLUTION.space.model_dump()
        | {"learning_rate": {"low": 0.001, "high": 0.001}, "layers": {"low": 1, "high": 8}}
    )
    settings = EVOLUTION.model_copy(update={"space": space})
    modes = ("combined", "male", "random_search")
    histories = {
        (1, one): run_search(shipped(one), settings, 3, train, VOCABULARY, 1, 1) for one in modes
    }
    _, known = unseen_by(histories, 1, mode)
    found = [trial.architecture for trial, _ in known]
    own = {trial.architecture for trial, _ in archive(histories[1, mode])}
    others = {
        trial.architecture
        for other in modes
        if other != mode
        for trial, _ in archive(histories[1, other])
    }
    assert len(set(found)) == len(found) > 0
    assert not own & set(found)
    assert set(found) <= others
    # The space is small enough for the test to mean something.
    assert own & others


def test_identical_genomes_count_once_and_the_first_stands_for_all() -> None:
    again = make_generation(2, MadeUp(9, 3, 0.5), MadeUp(1, 3, 0.9), MadeUp(4, 3))
    found = finished_once([*MINE, again])
    assert [(generation is again, number) for generation, number in found] == [
        *((False, 1), (False, 2), (False, 1), (True, 1)),
    ]
    losses = [generation.finished[number].final_loss for generation, number in found]
    assert losses == [1.1, 1.2, 1.3, 0.5]


def test_unselected_have_no_parents_and_were_all_finished() -> None:
    mutant = make_generation(1, MadeUp(1, 3, 1.0), MadeUp(2, 3, 1.0, parents=COUPLE[:1]))
    halved = make_generation(1, MadeUp(1, 3, 1.0), MadeUp(2, 3))
    assert [is_unselected(one) for one in (FOUNDERS, newcomers(5), bred(5), mutant, halved)] == [
        *(True, True, False, False, False),
    ]
