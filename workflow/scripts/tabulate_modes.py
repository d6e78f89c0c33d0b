"""Compare the modes of the gender study, with each other and with the paper's numbers."""

import logging
from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Fraction, Name, Text
from crossbreed.config.published import Published
from crossbreed.gender.results.effects import differences
from crossbreed.gender.results.outcome import mode_table
from crossbreed.gender.results.published import published_differences
from crossbreed.gender.results.summary import Tables, summary
from crossbreed.gender.results.winners import winners_table
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_csv, write_text

log = logging.getLogger(__name__)


class Tabulate(Config):
    """Compare the modes of the gender study, with each other and with the paper's numbers."""

    labels: dict[Name, Text]
    """Each mode's name for readers."""
    confidence: Fraction
    """Level of the intervals."""
    paper: Published
    """The paper's numbers."""
    individuals: Path
    """All individuals (CSV)."""
    finals: Path
    """All trainings of winners (CSV)."""
    evidence: Path
    """Rank correlations and regrets (CSV)."""
    predictors: Path
    """What each predictor foretold of each architecture (CSV)."""
    table: Path
    """A row for each mode, to write (CSV)."""
    differences: Path
    """Differences and effects to write (CSV)."""
    published: Path
    """Published differences to write (CSV)."""
    winners: Path
    """The winners' architectures, to write (CSV)."""
    summary: Path
    """The answer in words, to write (text)."""


def tabulate(settings: Tabulate) -> None:
    """Write the four tables and the summary."""
    individuals, finals = pd.read_csv(settings.individuals), pd.read_csv(settings.finals)
    labels, confidence = settings.labels, settings.confidence
    tables = Tables(
        mode_table(individuals, finals, labels, confidence, settings.paper),
        differences(individuals, finals, list(labels), confidence),
        published_differences(settings.paper, confidence),
        pd.read_csv(settings.evidence, dtype={"seed": str}),
        pd.read_csv(settings.predictors),
        winners_table(individuals, finals),
    )
    write_csv(settings.table, tables.table)
    write_csv(settings.differences, tables.differences)
    write_csv(settings.published, tables.published)
    write_csv(settings.winners, tables.winners)
    text = summary(tables, labels, finals["seed"].nunique(), confidence)
    write_text(settings.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(Tabulate, tabulate)
