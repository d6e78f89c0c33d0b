"""What a search has seen, and what it has not: no architecture may be on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from crossbreed.gender.results.individuals import individuals_table
from crossbreed.gender.results.searched import (
    searched_in_table,
    searched_live,
    unselected_speeds,
)
from crossbreed.search.generation import Generation, archive, finished_once
from crossbreed.search.learning_speed import speeds
from crossbreed.search.replay import TrainedTable
from crossbreed.search.search import run_search
from gender_histories import COUPLE, MadeUp, losses_of, make_generation
from made_up_table import EARLY, SEEN, cell, make_search, make_table
from search_problem import EVOLUTION, VOCABULARY, shipped, train

FOUNDERS = make_generation(0, MadeUp(1, 3, 1.1), MadeUp(2, 3, 1.2, "width"))
# Of the search that is looked at: it trained genomes 1, 2 and 3 to the end and gave 4 up.
MINE = [
    FOUNDERS,
    make_generation(1, MadeUp(3, 3, 1.3, parents=COUPLE), MadeUp(4, 3, parents=COUPLE)),
]


def newcomers(*genomes: int) -> Generation:
    """Return a generation without parents, all trained to the end: genome 5 to the loss 1.5."""
    return make_generation(1, *(MadeUp(genome, 3, 1 + genome / 10) for genome in genomes))


def bred(*genomes: int) -> Generation:
    return make_generation(
        1, *(MadeUp(genome, 3, 1 + genome / 10, parents=COUPLE) for genome in genomes)
    )


def test_unseen_are_the_random_ones_that_the_search_does_not_know() -> None:
    # Genomes 1, 3 and 4 are its own, found by chance; 6 comes twice; another seed's do not count.
    histories = {
        (1, "mine"): MINE,
        (1, "chance"): [FOUNDERS, newcomers(1, 3, 4, 5, 6), newcomers(6, 7, 8)],
        (1, "selected"): [FOUNDERS, bred(9, 10)],
        (2, "chance"): [FOUNDERS, newcomers(10, 11, 12, 13)],
    }
    mine = searched_live(histories)[0]
    assert (mine.seed, mine.mode) == (1, "mine")
    assert losses_of(mine.unseen) == [1.5, 1.6, 1.7, 1.8]
    # They come as they were early.
    assert {len(trial.curve) for trial, _ in mine.unseen} == {2}
    assert losses_of(mine.archive) == [1.1, 1.2, 1.3]
    assert mine.females == ["width", "train_loss_last"]
    # Searches of newcomers have no mothers, whose predictors could be examined.
    assert [search.mode for search in searched_live(histories)] == ["mine", "selected"]


@pytest.mark.parametrize(("genomes", "examined"), [((5, 6, 7), 0), ((5, 6, 7, 8), 1)])
def test_fewer_than_four_unseen_are_no_test(genomes: tuple[int, ...], examined: int) -> None:
    histories = {(1, "mine"): MINE, (1, "chance"): [FOUNDERS, newcomers(*genomes)]}
    assert len(searched_live(histories)) == examined


def test_nothing_unseen_is_known_to_the_search_itself() -> None:
    # A tiny space, so that searches come upon each other's architectures all the time.
    space = EVOLUTION.space.model_copy(update={"learning_rate": [0.001]})
    settings = EVOLUTION.model_copy(update={"space": space})
    histories = {
        (1, mode): run_search(shipped(mode), settings, 3, train, VOCABULARY, 1, 1)
        for mode in ("combined", "male", "random_search")
    }
    searches = searched_live(histories)
    assert [search.mode for search in searches] == ["combined", "male"]
    random = {trial.architecture for trial, _ in archive(histories[1, "random_search"])}
    for search in searches:
        unseen = [trial.architecture for trial, _ in search.unseen]
        own = {trial.architecture for trial, _ in search.archive}
        assert len(set(unseen)) == len(unseen)
        assert not own & set(unseen)
        assert set(unseen) <= random
        # The space is small enough for the test to mean something.
        assert own & random


def test_speeds_are_of_those_whom_nobody_selected() -> None:
    # Genome 3 was bred; a generation of which some were given up was selected.
    histories = {
        (1, "mine"): MINE,
        (1, "chance"): [FOUNDERS, make_generation(1, MadeUp(5, 2, 1.5), MadeUp(1, 3, 1.1))],
        (1, "halved"): [FOUNDERS, make_generation(1, MadeUp(6, 3, 1.0), MadeUp(7, 3))],
        (2, "chance"): [FOUNDERS],
    }
    pools = unselected_speeds(histories, EVOLUTION)
    assert {seed: losses_of(known) for seed, (known, _) in pools.items()} == {
        "1": [1.1, 1.2, 1.5],
        "2": [1.1, 1.2],
    }
    founders, newcomer = speeds(FOUNDERS, EVOLUTION), speeds(histories[1, "chance"][1], EVOLUTION)
    np.testing.assert_array_equal(pools["1"][1], [founders[1], founders[2], newcomer[1]])


def test_identical_genomes_count_once_and_the_first_stands_for_all() -> None:
    again = make_generation(2, MadeUp(9, 3, 0.5), MadeUp(1, 3, 0.9), MadeUp(4, 3))
    kept = finished_once([*MINE, again])
    assert [(generation is again, number) for generation, number in kept] == [
        *((False, 1), (False, 2), (False, 1), (True, 1)),
    ]
    losses = [generation.finished[number].final_loss for generation, number in kept]
    assert losses == [1.1, 1.2, 1.3, 0.5]


@pytest.fixture(scope="module")
def table() -> TrainedTable:
    return make_table(np.arange(8)[:, None] + [0.1, 0.2])


def test_of_a_table_all_is_unseen_that_was_not_trained_at_all(table: TrainedTable) -> None:
    texts = ("train_loss_last", "width", "layers", "heads")
    histories = {
        (seed, mode): make_search(table, seed, ([0, 1], []), children, predictors=texts)
        for seed in (1, 2)
        for mode, children in (("male", ([2, 1], [3])), ("own", ([4], [5])))
    }
    # Founders of a mode of its own are not those that the others share.
    histories[2, "own"] = make_search(table, 2, ([6, 7], []), ([4], [5]), predictors=texts)
    individuals = individuals_table(histories, ("own",), EVOLUTION)
    searches = {
        (search.seed, search.mode): search
        for search in searched_in_table(individuals, table, EARLY)
    }
    # To the end, and given up early.
    trained = {
        (1, "male"): ([0, 1, 2], [3]),
        (1, "own"): ([0, 1, 4], [5]),
        (2, "male"): ([0, 1, 2], [3]),
        (2, "own"): ([4, 6, 7], [5]),
    }
    assert set(searches) == set(trained)
    for (seed, mode), (cells, given_up) in trained.items():
        search = searches[seed, mode]
        rest = [number for number in range(8) if number not in (*cells, *given_up)]
        for known, numbers in ((search.archive, cells), (search.unseen, rest)):
            assert [trial.architecture for trial, _ in known] == [
                cell(number) for number in numbers
            ]
            # As they were early; the losses are those of the search's own seed.
            assert {len(trial.curve) for trial, _ in known} == {2}
            assert losses_of(known) == pytest.approx([SEEN + n + seed / 10 for n in numbers])
        # Of numbers 2 of the founders and of their children.
        assert search.females == ["width", "width"]


def test_searches_of_a_table_without_mothers_are_not_examined(table: TrainedTable) -> None:
    history = make_search(table, 1, ([0, 1], []))
    individuals = individuals_table({(1, "chance"): history}, (), EVOLUTION)
    assert searched_in_table(individuals, table, EARLY) == []
