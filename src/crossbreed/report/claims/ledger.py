"""The ledger: every claim, what was measured, and the verdict of its declared rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from crossbreed.config.claims import Claim, Source, Statistic
from crossbreed.crossover.results.claims import (
    CrossoverResults,
    difference_of_arms,
    quantile_of_runs,
    share_in_half,
)
from crossbreed.gender.results.claims import (
    GenderResults,
    difference_of_modes,
    published_difference,
    published_rank,
    rank_agreement,
)
from crossbreed.statistics.verdict import NOTHING, Measured, Verdict, verdict

COLUMNS = (
    *("claim", "source", "statement", "published", "measured", "interval_low", "interval_high"),
    *("interval_over", "runs", "p_value", "verdict"),
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
    """Judge the claims of all sources, given by name, whose study was run.

    A study that was not run came to None; `confidence` is the level of the intervals.
    """
    ran = {"crossover": crossover is not None, "gender": gender is not None}
    made = []
    for name, source in in_order(sources).items():
        if not ran[source.study]:
            continue
        for title, claim in source.claims.items():
            measured = _measure(claim.statistic, crossover, gender, confidence)
            # Published numbers are of single runs, whatever this study has.
            least = 0 if claim.statistic.kind.startswith("published") else source.least_runs
            judged = verdict(measured, claim.holds, least, claim.margin)
            made.append(Judged(title, name, claim, measured, judged))
    return made


def _measure(
    statistic: Statistic,
    crossover: CrossoverResults | None,
    gender: GenderResults | None,
    confidence: float,
) -> Measured:
    if crossover is not None:
        match statistic.kind:
            case "difference_of_arms":
                return difference_of_arms(statistic, crossover, confidence)
            case "quantile_of_runs":
                return quantile_of_runs(statistic, crossover, confidence)
            case "share_in_half":
                return share_in_half(statistic, crossover)
    if gender is not None:
        match statistic.kind:
            case "difference_of_modes":
                return difference_of_modes(statistic, gender)
            case "published_difference":
                return published_difference(statistic, gender)
            case "published_rank":
                return published_rank(statistic, gender)
            case "rank_agreement":
                return rank_agreement(statistic, gender)
    return NOTHING


def in_order(sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return sources by study, the crossover study's first."""
    return dict(sorted(sources.items(), key=lambda item: (item[1].study, item[0])))


def as_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """Return the ledger, columns `COLUMNS`; empty where a number does not exist."""
    rows = [
        (
            *(entry.name, entry.source, entry.claim.statement, entry.claim.published),
            *(entry.measured.value, entry.measured.low, entry.measured.high, entry.measured.over),
            *(entry.measured.runs, entry.measured.p, entry.verdict),
        )
        for entry in judged
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
