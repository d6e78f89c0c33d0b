"""Which architectures won, and which of them are the same."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.config.language import Transformer

_GENES = list(Transformer.model_fields)


def winners_table(individuals: pd.DataFrame, finals: pd.DataFrame) -> pd.DataFrame:
    """Return the architecture that each mode trained anew, a row for each seed and mode.

    Returns
    -------
    DataFrame
        seed, mode; winner, a number that modes of a seed share if their architectures are the
        same, whose losses are then the same, too; founder, whether a founder of the seed has that
        architecture, so that no breeding was needed to find it; the genes; parameters,
        flops_per_token.
    """
    columns = ["seed", "mode", *_GENES, "parameters", "flops_per_token"]
    table = finals.drop_duplicates(["seed", "mode"])[columns].sort_values("seed", kind="stable")
    founders = individuals.loc[individuals["mode"] == FOUNDERS, ["seed", *_GENES]]
    known = set(founders.itertuples(index=False, name=None))
    architectures = list(table[["seed", *_GENES]].itertuples(index=False, name=None))
    numbers: dict[tuple[object, ...], int] = {}
    for architecture in architectures:
        earlier = sum(seed == architecture[0] for seed, *_ in numbers)
        numbers.setdefault(architecture, earlier + 1)
    table.insert(2, "winner", [numbers[architecture] for architecture in architectures])
    table.insert(3, "founder", [architecture in known for architecture in architectures])
    return table.reset_index(drop=True)


def shared(winners: pd.DataFrame) -> dict[int, list[list[str]]]:
    """Return, by seed, the groups of modes whose winners are the same architecture."""
    groups: dict[int, list[list[str]]] = {}
    for _, group in winners.groupby(["seed", "winner"], sort=False):
        if len(group) > 1:
            groups.setdefault(int(group["seed"].iloc[0]), []).append(group["mode"].tolist())
    return groups


def founders_won(winners: pd.DataFrame, searches: Collection[str]) -> dict[int, list[str]]:
    """Return, by seed, the searches whose winner has a founder's architecture."""
    won = winners[winners["founder"] & winners["mode"].isin(list(searches))]
    return {int(seed): won.loc[won["seed"] == seed, "mode"].tolist() for seed in won["seed"]}
