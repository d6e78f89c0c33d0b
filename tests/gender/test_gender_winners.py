"""Which architectures won: how often, with what loss, and whether a founder had them already."""

from __future__ import annotations

import pandas as pd
import pytest

from crossbreed.gender.results.winners import winners_table
from gender_tables import final, genes, individuals_table

# Founders have the widths 1 and 2; see individuals_table.
INDIVIDUALS = individuals_table({"male": [1.0, 2.0, 3.0]})


def winners(*rows: tuple[str, int, int], individuals: pd.DataFrame = INDIVIDUALS) -> pd.DataFrame:
    """Return the table of modes' winners of seeds that have these widths, two trainings each."""
    finals = [
        final(mode, seed, repeat, 1.0 + seed + repeat / 4, **genes(width))
        for mode, seed, width in rows
        for repeat in (1, 2)
    ]
    return winners_table(individuals, pd.DataFrame(finals))


def test_wins_are_counted_by_mode_the_most_frequent_first() -> None:
    table = winners(
        *(("male", seed, width) for seed, width in ((1, 32), (2, 64), (3, 64))),
        *(("combined", seed, 32) for seed in (1, 2, 3)),
    )
    assert table[["mode", "width", "wins"]].to_numpy().tolist() == [
        ["male", 64, 2],
        ["male", 32, 1],
        ["combined", 32, 3],
    ]
    assert table["validation_loss"].tolist() == pytest.approx([3.875, 2.375, 3.375])
    assert table["founder_wins"].tolist() == [0, 0, 0]


def test_founders_count_in_their_own_seed_alone() -> None:
    individuals = INDIVIDUALS.copy()
    # What founded seed 2 only did not found seed 1.
    individuals.loc[(individuals["seed"] == 2) & (individuals["number"] == 2), "width"] = 77
    rows = ("male", 1, 2), ("male", 2, 2), ("female", 2, 77), ("female", 3, 77)
    table = winners(*rows, individuals=individuals)
    assert table[["mode", "wins", "founder_wins"]].to_numpy().tolist() == [
        ["male", 2, 1],
        ["female", 2, 1],
    ]
