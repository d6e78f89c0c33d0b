"""Which architectures won: the same ones share a number, those of founders are told."""

from __future__ import annotations

import pandas as pd

from crossbreed.gender.results.winners import founders_won, shared, winners_table
from gender_tables import final, genes, individuals_table

# Founders have the widths 1 and 2; see individuals_table.
INDIVIDUALS = individuals_table({"male": [1.0, 2.0]})


def winners(*rows: tuple[str, int, int]) -> pd.DataFrame:
    """Return the table of modes' winners of seeds that have these widths, two trainings each."""
    finals = [
        final(mode, seed, repeat, 1.0, **genes(width))
        for mode, seed, width in rows
        for repeat in (1, 2)
    ]
    return winners_table(INDIVIDUALS, pd.DataFrame(finals))


def test_same_architecture_shares_a_number_within_its_seed_only() -> None:
    table = winners(
        ("baseline", 1, 64),
        ("baseline", 2, 64),
        ("male", 1, 32),
        ("male", 2, 64),
        ("female", 1, 32),
    )
    assert table["seed"].tolist() == [1, 1, 1, 2, 2]
    assert table["mode"].tolist() == ["baseline", "male", "female", "baseline", "male"]
    assert table["winner"].tolist() == [1, 2, 2, 1, 1]
    assert shared(table) == {1: [["male", "female"]], 2: [["baseline", "male"]]}


def test_founders_are_known_by_seed_and_searches_alone_count() -> None:
    individuals = INDIVIDUALS.copy()
    # What founded seed 2 only did not found seed 1.
    individuals.loc[(individuals["seed"] == 2) & (individuals["number"] == 2), "width"] = 77
    rows = [
        final(mode, seed, 1, 1.0, **genes(width))
        for mode, seed, width in [
            ("baseline", 1, 2),
            ("male", 1, 2),
            ("male", 2, 2),
            ("female", 2, 77),
        ]
    ]
    table = winners_table(individuals, pd.DataFrame(rows))
    assert table["founder"].tolist() == [True, True, False, True]
    assert founders_won(table, {"male", "female"}) == {1: ["male"], 2: ["female"]}
