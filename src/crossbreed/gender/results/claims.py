"""Statistics of claims about the gender study, from its tables and from the paper's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from crossbreed.config.claims import (
    DifferenceOfModes,
    PublishedDifference,
    PublishedRank,
    RankAgreement,
)
from crossbreed.statistics.verdict import NOTHING, Measured


class GenderResults(NamedTuple):
    """The study's tables: `differences.csv`, `evidence.csv`, `published.csv`."""

    differences: pd.DataFrame
    evidence: pd.DataFrame
    published: pd.DataFrame


def difference_of_modes(claim: DifferenceOfModes, results: GenderResults) -> Measured:
    """Return a contrast of modes in nats, minutes or whatever the metric is measured in."""
    table = results.differences
    row = _only(table[(table["contrast"] == claim.contrast) & (table["metric"] == claim.metric)])
    if row is None:
        return NOTHING
    return _measured(row, row["mean_difference"], row["p"])


def rank_agreement(claim: RankAgreement, results: GenderResults) -> Measured:
    """Return a tau, or by how much it exceeds another predictor's, the mean over seeds."""
    table = results.evidence
    name = claim.predictor if claim.less is None else f"{claim.predictor} - {claim.less}"
    wanted = (
        (table["assumption"] == claim.assumption)
        & (table["predictor"] == name)
        & (table["seed"] == "mean")
    )
    if claim.mode is not None:
        wanted &= table["mode"] == claim.mode
    row = _only(table[wanted])
    return NOTHING if row is None else _measured(row, row["tau"], math.nan)


def published_difference(claim: PublishedDifference, results: GenderResults) -> Measured:
    """Return a published difference, give or take what two single runs differ by."""
    table = results.published
    row = _only(table[(table["mode"] == claim.mode) & (table["metric"] == claim.metric)])
    if row is None:
        return NOTHING
    value, noise = row["difference"], row["smallest_credible_difference"]
    return Measured(value, value - noise, value + noise, 1, math.nan)


def published_rank(claim: PublishedRank, results: GenderResults) -> Measured:
    """Return a run's rank in the published table; as printed, so there is nothing uncertain."""
    table = results.published
    of_metric = table[table["metric"] == claim.metric]
    row = _only(of_metric[of_metric["mode"] == claim.mode])
    if row is None:
        return NOTHING
    others = [*of_metric["published"], row["published_reference"]]
    better = [
        value < row["published"] if claim.best == "lowest" else value > row["published"]
        for value in others
    ]
    rank = float(1 + sum(better))
    return Measured(rank, rank, rank, len(others), math.nan)


def _measured(row: Mapping[str, Any], value: float, p: float) -> Measured:
    """Return the statistic of a row with the wider of its intervals: over seeds, over the table."""
    seeds = Measured(value, row["interval_low"], row["interval_high"], row["n"], p, "search seeds")
    # The p value is over seeds, so it does not go with this interval.
    table = Measured(value, row["table_low"], row["table_high"], row["n"], math.nan, "table")
    if math.isnan(table.low):
        return seeds
    if math.isnan(seeds.low) or table.high - table.low > seeds.high - seeds.low:
        return table
    return seeds


def _only(table: pd.DataFrame) -> dict[str, Any] | None:
    rows = table.to_dict("records")
    return {str(key): value for key, value in rows[0].items()} if len(rows) == 1 else None
