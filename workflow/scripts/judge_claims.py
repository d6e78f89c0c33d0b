"""Judge the claims of the sources by what the studies came to."""

import logging
from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Count, Fraction, Name
from crossbreed.config.claims import Source
from crossbreed.jobs.job import run_job
from crossbreed.report.claims.crossover import CrossoverResults
from crossbreed.report.claims.gender import GenderResults
from crossbreed.report.claims.ledger import as_table, digests, judge
from crossbreed.report.claims.page import claims_content
from crossbreed.report.claims.words import lines
from crossbreed.statistics.outcomes import outcomes_by_epoch
from crossbreed.storage.files import write_csv, write_json, write_text

log = logging.getLogger(__name__)


class CrossoverTables(Config):
    """Tables of the crossover study (CSV)."""

    outcomes: Path
    curves: Path
    targets: Path


class GenderTables(Config):
    """Tables of the gender study (CSV)."""

    differences: Path
    evidence: Path
    published: Path


class Tables(Config):
    """The tables of each study; null: it was not run."""

    crossover: CrossoverTables | None
    gender: GenderTables | None


class JudgeClaims(Config):
    """Judge the claims of the sources by what the studies came to."""

    claims: dict[Name, Source]
    """Sources with their claims and rules."""
    confidence: Fraction
    """Level of the intervals."""
    events: dict[Name, Count]
    """Epoch of the first event of each arm that has one."""
    tables: Tables
    """{crossover, gender}: each with the paths of its tables, or null if it was not run."""
    ledger: Path
    """The ledger to write (CSV)."""
    content: Path
    """The ledger with its answers and the digests of its rules, to write (JSON)."""
    summary: Path
    """The same in words, to write (text)."""


def judge_claims(settings: JudgeClaims) -> None:
    """Write the ledger."""
    crossover = gender = None
    if settings.tables.crossover is not None:
        crossover = CrossoverResults(
            pd.read_csv(settings.tables.crossover.outcomes),
            outcomes_by_epoch(pd.read_csv(settings.tables.crossover.curves)),
            pd.read_csv(settings.tables.crossover.targets),
            settings.events,
        )
    if settings.tables.gender is not None:
        gender = GenderResults(
            pd.read_csv(settings.tables.gender.differences),
            pd.read_csv(settings.tables.gender.evidence, dtype={"seed": str}),
            pd.read_csv(settings.tables.gender.published),
        )
    judged = judge(settings.claims, crossover, gender, settings.confidence)
    rules = digests(settings.claims, settings.confidence)
    content = claims_content(settings.claims, judged, rules, settings.confidence)
    text = "\n".join(lines(settings.claims, judged, rules, settings.confidence))
    write_csv(settings.ledger, as_table(judged))
    write_json(settings.content, content)
    write_text(settings.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(JudgeClaims, judge_claims)
