"""Statistics of claims about the gender study, from its tables and from the paper's."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pandas as pd

from crossbreed.config.claims import DifferenceOfModes, PublishedDifference, RankAgreement
from crossbreed.statistics.intervals import estimate
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
    return Measured(
        row["mean_difference"], row["interval_low"], row["interval_high"], row["n"], row["p"]
    )


def published_difference(claim: PublishedDifference, results: GenderResults) -> Measured:
    """Return a published difference, give or take what two single runs differ by."""
    table = results.published
    row = _only(table[(table["mode"] == claim.mode) & (table["metric"] == claim.metric)])
    if row is None:
        return NOTHING
    value, noise = row["difference"], row["smallest_credible_difference"]
    return Measured(value, value - noise, value + noise, 1, math.nan)


def rank_agreement(claim: RankAgreement, results: GenderResults, confidence: float) -> Measured:
    """Return a tau, or by how much it exceeds another predictor's.

    Runs are search seeds, and intervals are over them: architectures of a seed are no replicates.
    """
    table = results.evidence
    wanted = {
        "assumption": claim.assumption,
        "architectures": claim.architectures,
        "mode": claim.mode,
    }
    for column, value in wanted.items():
        if value is not None:
            table = table[table[column] == value]
    seeds = table[~table["seed"].isin(["mean", "pooled"])]
    if claim.less is None:
        row = _only(_of(table[table["seed"] == "mean"], claim.predictor))
        if row is None:
            return NOTHING
        count = _of(seeds, claim.predictor)["seed"].nunique()
        return Measured(row["tau"], row["interval_low"], row["interval_high"], count, math.nan)
    return _exceeds(_of(seeds, claim.predictor), _of(seeds, claim.less), confidence)


def _of(table: pd.DataFrame, predictor: str | None) -> pd.DataFrame:
    return table if predictor is None else table[table["predictor"] == predictor]


def _exceeds(ours: pd.DataFrame, theirs: pd.DataFrame, confidence: float) -> Measured:
    taus = ours.set_index("seed")["tau"] - theirs.set_index("seed")["tau"]
    mean = estimate(taus.dropna().tolist(), confidence)
    return Measured(mean.mean, mean.low, mean.high, mean.n, mean.p)


def _only(table: pd.DataFrame) -> dict[str, Any] | None:
    rows = table.to_dict("records")
    return {str(key): value for key, value in rows[0].items()} if len(rows) == 1 else None
