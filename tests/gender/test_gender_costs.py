"""What searches have spent, and found by then, against small searches counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.gender.figures.search_cost import on_grid
from crossbreed.gender.results.search_costs import (
    SearchCourse,
    lineage,
    search_costs,
    search_course,
    searching_modes,
)
from gender_tables import person

NAN = np.nan


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows)


def made(flops: list[float], best: list[float]) -> SearchCourse:
    costs, losses = np.array(flops, float), np.array(best, float)
    return SearchCourse(costs / 2, costs, costs / 4, losses, 10 * losses)


def founders(seed: int, *losses: float) -> list[dict[str, Any]]:
    return [
        person(FOUNDERS, seed, (0, number), loss, flops=10.0)
        for number, loss in enumerate(losses, start=1)
    ]


def test_trainings_are_paid_for_early_ones_first_and_the_most_promising_next() -> None:
    # Each costs a power of two, so that the sums tell the order. As they were bred: given up,
    # second choice, first choice, given up; the table is not in that order.
    rows = [
        person("male", 1, (2, 1), 0.5, flops=32.0, foretold_rank=0.0),
        person("male", 1, (1, 4), flops=4.0, foretold_rank=0.9),
        person("male", 1, (1, 3), 2.0, flops=8.0, foretold_rank=0.0),
        person("male", 1, (1, 2), 1.0, flops=16.0, foretold_rank=0.1),
        person("male", 1, (1, 1), flops=2.0, foretold_rank=0.5),
        person(FOUNDERS, 1, (0, 1), 3.0, flops=1.0),
    ]
    found = search_course(table(*rows), "male", 1)
    np.testing.assert_array_equal(found.flops, [1, 3, 7, 15, 31, 63])
    np.testing.assert_array_equal(found.best, [3, 3, 3, 2, 1, 0.5])


def test_search_is_its_own_and_its_founders_alone() -> None:
    mine = [*founders(1, 3.0), person("male", 1, (1, 1), 2.0, flops=5.0, tokens=7, seconds=3.0)]
    others = [
        *founders(2, 0.1),
        person("female", 1, (1, 1), 0.2, flops=500.0),
        person("male", 2, (1, 1), 0.3, flops=500.0),
    ]
    found = search_course(table(*others, *mine), "male", 1)
    np.testing.assert_array_equal(found.flops, [10, 15])
    np.testing.assert_array_equal(found.tokens, [100, 107])
    np.testing.assert_array_equal(found.seconds, [60, 63])
    np.testing.assert_array_equal(found.best, [3, 2])


def test_search_with_founders_of_its_own_begins_with_these() -> None:
    rows = [
        *founders(1, 0.1),
        person("tuned", 1, (0, 1), 4.0, flops=20.0),
        person("tuned", 1, (1, 1), 2.0, flops=5.0),
        # The same mode may share them in another seed.
        *founders(2, 3.0),
        person("tuned", 2, (1, 1), 2.0, flops=5.0),
    ]
    for seed, flops, best in ((1, [20, 25], [4, 2]), (2, [10, 15], [3, 2])):
        course = search_course(table(*rows), "tuned", seed)
        np.testing.assert_array_equal(course.flops, flops)
        np.testing.assert_array_equal(course.best, best)
    assert lineage(table(*rows), "tuned", 1)["mode"].tolist() == ["tuned"] * 2
    assert lineage(table(*rows), "tuned", 2)["mode"].tolist() == [FOUNDERS, "tuned"]


def test_shown_is_the_held_out_loss_of_the_best_so_far() -> None:
    losses = [np.inf, 5.0, 7.0, 5.0, 3.0, np.inf, 2.0]
    held_out = [0.1, 0.5, 0.2, 0.6, 0.9, 0.3, 0.4]
    rows = table(*founders(1, *losses))
    course = search_course(rows.assign(held_out_loss=held_out), "male", 1)
    np.testing.assert_array_equal(course.best, [NAN, 5, 5, 5, 3, 3, 2])
    # Of equals the first leads; what is lower of those that it has not chosen does not count.
    np.testing.assert_array_equal(course.shown, [NAN, 0.5, 0.5, 0.5, 0.9, 0.9, 0.4])
    # Without other trainings it is what the search has seen.
    course = search_course(rows, "male", 1)
    np.testing.assert_array_equal(course.shown, course.best)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("broken", [NAN, np.inf])
def test_diverged_network_costs_and_wins_nothing(broken: float) -> None:
    found = search_course(table(*founders(1, broken, 4.0, broken, 3.0)), "male", 1)
    np.testing.assert_array_equal(found.flops[-1], 40)
    assert np.nanmin(found.best) == found.best[-1] == 3
    found = search_course(table(*founders(1, broken, broken)), "male", 1)
    assert np.isnan(found.best).all()


def test_best_within_forgives_the_rounding_of_sums() -> None:
    # Summed in another order, the same costs give 0.6 or 0.6000000000000001.
    search = made([0.1, 0.1 + 0.2, 0.1 + 0.2 + 0.3], [3, 2, 1])
    assert search.flops[-1] > 0.6
    assert search.best_within(0.6) == 1


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(1, 9)), min_size=1, max_size=7),
    st.integers(0, 150),
)
def test_best_within_is_the_lowest_of_what_fits(steps: list[tuple[int, int]], budget: int) -> None:
    search = search_course(
        table(
            *(
                person(FOUNDERS, 1, (0, number), loss, flops=float(cost))
                for number, (cost, loss) in enumerate(steps, start=1)
            )
        ),
        "male",
        1,
    )
    spent, paid = 0, []
    for cost, loss in steps:
        spent += cost
        paid += [loss] if spent <= budget else []
    np.testing.assert_equal(search.best_within(budget), float(min(paid)) if paid else NAN)


def test_modes_are_set_beside_each_other_at_what_the_thriftiest_has_spent() -> None:
    rows = [
        *founders(1, 9.0),
        person("thrifty", 1, (1, 1), 5.0, flops=10.0),
        person("lavish", 1, (1, 1), 6.0, flops=10.0, foretold_rank=0.0),
        person("lavish", 1, (1, 2), 1.0, flops=10.0, foretold_rank=0.1),
        # In seed 2 it is thrifty that spends more.
        *founders(2, 8.0),
        person("thrifty", 2, (1, 1), 4.0, flops=30.0),
        person("lavish", 2, (1, 1), 3.0, flops=20.0),
    ]
    found = search_costs(table(*rows), ["baseline", "lavish", "thrifty"]).set_index(
        ["mode", "seed"]
    )
    assert found["search_flops"].to_dict() == {
        ("lavish", 1): 30,
        ("thrifty", 1): 20,
        ("lavish", 2): 30,
        ("thrifty", 2): 40,
    }
    assert found["best_final_loss"].tolist() == [1, 5, 3, 4]
    # Of seed 1, 20 operations; of seed 2, 30, of which thrifty's child alone takes 30 more.
    assert found["best_final_loss_equal_flops"].tolist() == [6, 5, 3, 8]
    assert found["search_minutes"].tolist() == [3, 2, 2, 2]


def test_only_modes_with_individuals_search_and_founders_are_no_mode() -> None:
    rows = table(*founders(1, 9.0), person("b", 1, (1, 1)), person("a", 1, (1, 1)))
    assert searching_modes(rows, ["baseline", "a", "b"]) == ["a", "b"]
    assert search_costs(rows, ["baseline"]).empty


def test_grid_goes_from_where_all_know_a_loss_to_where_the_first_ends() -> None:
    searches = [made([10, 20, 40], [NAN, 5, 3]), made([15, 22.22, 35], [9, 8, 1])]
    costs, best = on_grid(searches, "flops")
    assert (costs[0], costs[-1]) == (20, 35)
    assert set(costs) >= {20, 22.22, 35}
    at = dict(zip(costs, best.T.tolist(), strict=True))
    # What is drawn is what the best so far is shown as.
    assert (at[20], at[22.22], at[35]) == ([50, 90], [50, 80], [50, 10])
    # A loss holds until the next training is paid for, and not a moment longer.
    between = best[:, (costs > 20) & (costs < 22.22)]
    assert between.shape[1] > 10
    assert {tuple(column) for column in between.T.tolist()} == {(50, 90)}
