"""The family tree: the winner's ancestors are all it descends from, and nobody else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.gender.figures.genealogy import Place, genealogy, genealogy_figure
from gender_tables import person

NAN = np.nan


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows)


def founders(*losses: float, seed: int = 1) -> list[dict[str, Any]]:
    return [
        person(FOUNDERS, seed, (0, number), loss) for number, loss in enumerate(losses, start=1)
    ]


def child(place: tuple[int, int], loss: float, father: str, mother: str = "") -> dict[str, Any]:
    return person("combined", 1, place, loss, father=father, mother=mother)


BY_HAND = table(
    *founders(3.0, 2.5, 2.0, 4.0),
    child((1, 1), 2.2, "0-1", "0-2"),
    child((1, 2), NAN, "0-1", "0-4"),
    # Somebody who outlives his generation, as regularised evolution allows.
    child((2, 1), 1.0, "1-1", "0-4"),
    child((2, 2), 1.5, "1-1", "1-2"),
)


def test_ancestors_by_hand() -> None:
    found = genealogy(BY_HAND, "combined", 1)
    assert found.winner == (2, 1)
    assert found.ancestors == {(2, 1), (1, 1), (0, 1), (0, 2), (0, 4)}
    assert len(found.parents) == 8
    assert ((2, 1), (0, 4), "mother") in found.parents
    assert ((2, 1), (1, 1), "father") in found.parents
    assert found.sex[1, 1] == "male"
    assert found.sex[1, 2] == "female"
    assert set(found.sex) - found.finished == {(1, 2)}


def test_it_is_the_same_from_a_file_whose_rows_are_in_any_order(tmp_path: Any) -> None:
    # There, nobody's parents are empty cells and not empty texts.
    BY_HAND.sample(frac=1, random_state=2).to_csv(tmp_path / "individuals.csv", index=False)
    assert genealogy(pd.read_csv(tmp_path / "individuals.csv"), "combined", 1) == genealogy(
        BY_HAND, "combined", 1
    )


@pytest.mark.parametrize("loss", [NAN, np.inf])
def test_diverged_networks_win_nothing(loss: float) -> None:
    found = genealogy(table(*founders(loss, 2.0)), "combined", 1)
    assert found.winner == (0, 2)
    found = genealogy(table(*founders(loss, loss)), "combined", 1)
    assert (found.winner, found.ancestors) == (None, set())
    assert genealogy_figure(found, "nobody").axes


def test_families_of_other_searches_are_not_mixed_in() -> None:
    others = [
        *founders(0.1, 0.1, seed=2),
        person("female", 1, (1, 1), 0.2, father="0-4", mother="0-4"),
    ]
    mixed = table(*others, *BY_HAND.to_dict("records"))  # type: ignore[arg-type]
    assert genealogy(mixed, "combined", 1) == genealogy(BY_HAND, "combined", 1)


@st.composite
def pedigrees(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw generations of up to 12 individuals, whose numbers have one digit or two."""
    size = draw(st.integers(1, 12))
    rows = founders(*(draw(st.floats(1, 9)) for _ in range(size)))
    for generation in range(1, draw(st.integers(1, 12))):
        older = st.tuples(st.integers(0, generation - 1), st.integers(1, size))
        for number in range(1, size + 1):
            father, mother = draw(older), draw(st.one_of(st.none(), older))
            rows.append(
                child(
                    (generation, number),
                    draw(st.floats(0.5, 9)),
                    f"{father[0]}-{father[1]}",
                    f"{mother[0]}-{mother[1]}" if mother else "",
                )
            )
    return rows


@settings(deadline=None, max_examples=25)
@given(pedigrees())
def test_ancestors_are_the_transitive_closure(rows: list[dict[str, Any]]) -> None:
    parents: dict[Place, list[str]] = {
        (row["generation"], row["number"]): [row["father"], row["mother"]] for row in rows
    }
    losses = {(row["generation"], row["number"]): row["final_loss"] for row in rows}
    winner = min(sorted(losses), key=lambda place: losses[place])

    def ancestors(place: Place) -> set[Place]:
        known, waiting = set(), [place]
        while waiting:
            one = waiting.pop()
            if one not in known:
                known.add(one)
                for text in filter(None, parents[one]):
                    generation, number = map(int, text.split("-"))
                    waiting.append((generation, number))
        return known

    found = genealogy(table(*rows), "combined", 1)
    assert found.winner == winner
    assert found.ancestors == ancestors(winner)


def test_tree_draws_every_individual_and_every_parent() -> None:
    found = genealogy(BY_HAND, "combined", 1)
    (axes,) = genealogy_figure(found, "Ancestors").axes
    descents = [line for line in axes.lines if len(np.asarray(line.get_xdata())) == 2]
    drawn = {
        tuple(zip(np.asarray(line.get_ydata()), np.asarray(line.get_xdata()), strict=True))
        for line in descents
    }
    assert drawn == {(parent, one) for one, parent, _ in found.parents}
    bold = [line for line in descents if line.get_linewidth() > 1]
    # Both parents of the winner, and those of its father; a founder has none.
    assert len(bold) == 4
    signs = [line for line in axes.lines if line.get_marker() in ("s", "o")]
    places = {(int(one.get_ydata()[0]), int(one.get_xdata()[0])): one for one in signs}  # type: ignore[index, arg-type]
    assert set(places) == set(found.sex)
    assert places[2, 1].get_marker() == "s"
    assert places[2, 2].get_marker() == "o"
    assert places[1, 2].get_markerfacecolor() == "white"
    # Filled is who was trained to the end, whether the winner descends from it or not.
    assert places[2, 2].get_markerfacecolor() == places[2, 1].get_markerfacecolor() != "white"
    (star,) = [line for line in axes.lines if line.get_marker() == "*"]
    assert (star.get_xdata(), star.get_ydata()) == ([1], [2])
    # The founders are on top, as in any family tree.
    assert axes.yaxis_inverted()
