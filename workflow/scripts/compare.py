"""Compare arms, paired by run."""

import logging
from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Whole
from crossbreed.config.comparison import Statistics
from crossbreed.jobs.job import run_job
from crossbreed.statistics.contrasts import (
    as_row,
    as_table,
    compare_arms,
    declared_contrasts,
    differences_by_epoch,
    question,
)
from crossbreed.statistics.outcomes import outcomes, outcomes_by_epoch
from crossbreed.statistics.summary import summary
from crossbreed.storage.files import write_csv, write_json, write_text

log = logging.getLogger(__name__)


class Compare(Config):
    """Compare arms, paired by run."""

    statistics: Statistics
    seed: Whole
    best: Path
    """Best networks of all runs (CSV)."""
    networks: Path
    """All networks of all runs (CSV)."""
    curves: Path
    """All networks' learning curves (CSV)."""
    outcomes: Path
    """What each run of each arm comes to, to write (CSV)."""
    target: Path
    """Comparisons to write (JSON)."""
    table: Path
    """The same as a table (CSV)."""
    by_epoch: Path
    """Differences after every epoch, to write (CSV)."""
    summary: Path
    """The comparisons in words, to write (text)."""


def compare(settings: Compare) -> None:
    """Write outcomes, comparisons, differences by epoch and the summary."""
    given = settings.statistics
    measured = outcomes(pd.read_csv(settings.best), pd.read_csv(settings.networks))
    comparisons = compare_arms(measured, given, question(given, settings.seed))
    along = differences_by_epoch(
        outcomes_by_epoch(pd.read_csv(settings.curves)),
        declared_contrasts(given, list(measured["arm"].unique())),
        given.confidence,
    )
    write_csv(settings.outcomes, measured)
    write_json(
        settings.target,
        {**given.model_dump(mode="json"), "comparisons": [as_row(one) for one in comparisons]},
    )
    write_csv(settings.table, as_table(comparisons))
    write_csv(settings.by_epoch, along)
    text = summary(comparisons, given)
    write_text(settings.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(Compare, compare)
