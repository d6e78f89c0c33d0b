"""Compare every arm with the reference, paired by run."""

import logging
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Whole
from crossbreed.config.schema import Statistics
from crossbreed.files import write_csv, write_json, write_text
from crossbreed.job import run_job
from crossbreed.statistics import as_table, compare_arms, summary
from crossbreed.tables import comparison_page

log = logging.getLogger(__name__)


class Compare(Config):
    """Compare every arm with the reference, paired by run."""

    statistics: Statistics
    seed: Whole
    best: Path
    """Best networks of all runs (CSV)."""
    target: Path
    """Comparisons to write (JSON)."""
    table: Path
    """The same as a table (CSV)."""
    page: Path
    """The same for people (HTML)."""
    summary: Path
    """The primary comparison in words (text)."""


def compare(settings: Compare) -> None:
    """Write the comparisons to `target` (JSON), `table` (CSV), `page` and `summary`."""
    given = settings.statistics
    best = pd.read_csv(settings.best)
    comparisons = compare_arms(
        best, given.reference, given.confidence, given.resamples, settings.seed
    )
    write_json(
        settings.target,
        {**given.model_dump(), "comparisons": [asdict(one) for one in comparisons]},
    )
    write_csv(settings.table, as_table(comparisons))
    write_text(settings.page, comparison_page(comparisons, given.reference, given.confidence))
    text = summary(comparisons, given.reference, "train_loss")
    write_text(settings.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(Compare, compare)
