"""The ledger: every claim, what was measured, and the verdict of its declared rule."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crossbreed.config.claims import Claim, Source, Statistic
from crossbreed.gender.results.claims import (
    GenderResults,
    difference_of_modes,
    published_difference,
    rank_agreement,
)
from crossbreed.report.claims.crossover import (
    CrossoverResults,
    difference_of_arms,
    quantile_of_runs,
    share_in_half,
)
from crossbreed.report.claims.verdict import NOTHING, Measured, Verdict, verdict

COLUMNS = (
    *("claim", "source", "statement", "published", "measured", "interval_low", "interval_high"),
    *("runs", "p_value", "verdict"),
)


# What is measured once in every run or search seed.
PAIRED = (
    *("difference_of_arms", "quantile_of_runs", "share_in_half"),
    *("difference_of_modes", "rank_agreement"),
)


@dataclass(frozen=True)
class Judged:
    """A claim with what was measured for it and its verdict."""

    name: str
    source: str
    claim: Claim
    measured: Measured
    verdict: Verdict


def judge(
    sources: Mapping[str, Source],
    crossover: CrossoverResults | None,
    gender: GenderResults | None,
    confidence: float,
) -> list[Judged]:
    """Judge the claims of all sources whose study was run.

    Parameters
    ----------
    sources
        By name.
    crossover, gender
        What the studies came to; None where one was not run.
    confidence
        Level of the intervals.
    """
    ran = {"crossover": crossover is not None, "gender": gender is not None}
    made = []
    for name, source in in_order(sources).items():
        if not ran[source.study]:
            continue
        for title, claim in source.claims.items():
            measured = _measure(claim.statistic, crossover, gender, confidence)
            least = source.least_runs if claim.statistic.kind in PAIRED else 0
            made.append(Judged(title, name, claim, measured, verdict(measured, claim.holds, least)))
    return made


def _measure(
    asked: Statistic,
    crossover: CrossoverResults | None,
    gender: GenderResults | None,
    confidence: float,
) -> Measured:
    if crossover is not None:
        match asked.kind:
            case "difference_of_arms":
                return difference_of_arms(asked, crossover, confidence)
            case "quantile_of_runs":
                return quantile_of_runs(asked, crossover, confidence)
            case "share_in_half":
                return share_in_half(asked, crossover)
    if gender is not None:
        match asked.kind:
            case "difference_of_modes":
                return difference_of_modes(asked, gender)
            case "published_difference":
                return published_difference(asked, gender)
            case "rank_agreement":
                return rank_agreement(asked, gender, confidence)
    return NOTHING


def in_order(sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return sources by study, the crossover study's first."""
    return dict(sorted(sources.items(), key=lambda item: (item[1].study, item[0])))


def as_table(judged: list[Judged]) -> pd.DataFrame:
    """Return the ledger, columns `COLUMNS`; empty where a number does not exist."""
    rows = [
        (
            *(one.name, one.source, one.claim.statement, one.claim.published),
            *(one.measured.value, one.measured.low, one.measured.high),
            *(one.measured.runs, one.measured.p, one.verdict),
        )
        for one in judged
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"published": "float64"})


def digests(sources: Mapping[str, Source], confidence: float) -> dict[str, str]:
    """Return a digest of each source's claims, rules and their level, 12 hexadecimal digits."""
    return {
        name: hashlib.sha256(
            json.dumps([source.model_dump(mode="json"), confidence], sort_keys=True).encode()
        ).hexdigest()[:12]
        for name, source in sources.items()
    }


def absent(value: float | None) -> bool:
    """Tell whether there is no number."""
    return value is None or math.isnan(value)
