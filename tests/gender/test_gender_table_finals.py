"""Winners of a table's searches are measured by the trainings that their search has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crossbreed.gender.results.individuals import individuals_table
from crossbreed.gender.results.outcome import by_seed
from crossbreed.gender.results.table_finals import held_out_losses, table_finals, winners_curves
from crossbreed.search.replay import TrainedTable
from made_up_table import EARLY, SEEN, cell, make_search, make_table
from search_problem import EVOLUTION

# Each loss tells its architecture, from 0, and its seed, from 1: 30.2 is of the fourth, seed 2.
LOSSES = np.arange(5)[:, None] * 10.0 + [0.1, 0.2, 0.3]
# The operations of the default, architecture 2; 0 and 1 cost more.
FLOPS = [9.0, 7.0, 5.0, 5.0, 4.0]


def finals_of(table: TrainedTable, *searches: tuple[list[int], list[int]]) -> pd.DataFrame:
    """Return the trainings of winners of searches of seeds 1, 2, ..., two generations each."""
    histories = {
        (seed, "male"): make_search(table, seed, (founders, []), (children, []))
        for seed, (founders, children) in enumerate(searches, start=1)
    }
    return table_finals(histories, ["baseline"], cell(2), table)


def of(finals: pd.DataFrame, mode: str, *columns: str) -> list[tuple[float, ...]]:
    rows = finals.loc[finals["mode"] == mode, list(columns)]
    return list(rows.itertuples(index=False, name=None))


def test_winner_is_measured_by_the_other_trainings_alone() -> None:
    # Four searches of three seeds: the fourth sees the first training again.
    finals = finals_of(make_table(LOSSES, flops=FLOPS), *[([4, 3], [1])] * 4)
    seen = {1: [2, 3], 2: [1, 3], 3: [1, 2], 4: [2, 3]}
    expected = [(seed, repeat) for seed, others in seen.items() for repeat in others]
    for mode, winner in (("male", 1), ("baseline", 2)):
        assert of(finals, mode, "seed", "repeat") == expected
        for loss, (_, repeat) in zip(of(finals, mode, "validation_loss"), expected, strict=True):
            assert loss == (10 * winner + repeat / 10,)
        assert {number for (number,) in of(finals, mode, "cell")} == {winner}
    assert set(finals["edition"]) == {"made up"}


def test_winner_is_the_lowest_that_its_search_has_seen() -> None:
    # Of seeds 1 and 2 the order is opposite: what wins by the first loses by the second.
    finals = finals_of(make_table([[1.0, 5.0], [5.0, 1.0], [9.0, 9.0]]), *[([0, 1], [2])] * 2)
    assert of(finals, "male", "seed", "repeat", "cell", "validation_loss") == [
        *((1, 2, 0, 5.0), (2, 1, 1, 5.0)),
    ]


def test_best_within_the_defaults_operations_is_measured_alike() -> None:
    table = make_table(LOSSES, flops=FLOPS)
    finals = finals_of(table, ([0, 4], [3]), ([1], [0]), ([0], [2]))
    rows = of(finals, "male", "seed", "cell", "small_cell", "repeat", "small_validation_loss")
    np.testing.assert_allclose(
        rows,
        [
            *((1, 0, 3, 2, 30.2), (1, 0, 3, 3, 30.3)),
            *((2, 0, -1, 1, np.nan), (2, 0, -1, 3, np.nan)),
            *((3, 0, 2, 1, 20.1), (3, 0, 2, 2, 20.2)),
        ],
    )
    small = by_seed(finals)["small_validation_loss"]
    assert small["male", 1] == pytest.approx(30.25)
    assert np.isnan(small["male", 2])
    # The default fits within its own operations.
    assert small["baseline", 1] == pytest.approx(20.25)


def test_small_network_whose_measurement_diverged_takes_its_seed_away() -> None:
    table = make_table(LOSSES, flops=FLOPS, diverged=[(3, 2)])
    finals = finals_of(table, ([0, 4], [3]))
    np.testing.assert_equal(of(finals, "male", "small_validation_loss"), [(np.nan,), (30.3,)])
    means = by_seed(finals)
    assert np.isnan(means["small_validation_loss"]["male", 1])
    assert means["final_validation_loss"]["male", 1] == pytest.approx(0.25)


def test_network_that_diverged_wins_nothing() -> None:
    finals = finals_of(make_table(LOSSES, flops=FLOPS, diverged=[(0, 1), (3, 1)]), ([0, 3], [4]))
    assert set(of(finals, "male", "cell", "small_cell")) == {(4, 4)}


def test_curves_are_those_of_the_measured_trainings() -> None:
    table = make_table(LOSSES)
    finals = finals_of(table, ([4], [1]), ([4], [3]))
    curves = winners_curves(finals, table)
    assert list(curves.columns) == [
        *("mode", "seed", "repeat", "tokens", "train_loss", "validation_loss"),
    ]
    ends = curves[curves["tokens"] == curves["tokens"].max()]
    merged = ends.merge(finals, on=["mode", "seed", "repeat"], suffixes=("", "_end"))
    assert len(merged) == len(finals) == 8
    np.testing.assert_allclose(merged["train_loss"], merged["validation_loss_end"])
    np.testing.assert_allclose(merged["validation_loss"], merged["validation_loss_end"] + SEEN)
    assert set(curves.groupby(["mode", "seed", "repeat"]).size()) == {5}


def test_held_out_loss_is_the_mean_of_what_the_search_has_not_seen() -> None:
    table = make_table(LOSSES)
    histories = {
        (seed, "male"): make_search(table, seed, ([4, 0], []), ([1], [2])) for seed in (1, 2)
    }
    individuals = individuals_table(histories, (), EVOLUTION.model_copy(update={"early": EARLY}))
    others = {1: 0.25, 2: 0.2}
    expected = 10.0 * (individuals["width"] - 1) + individuals["seed"].map(others)
    np.testing.assert_allclose(held_out_losses(individuals, table), expected)
    assert len(expected) == 8
