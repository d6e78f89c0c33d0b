"""Compare arms, paired by run."""

import logging

import pandas as pd

from crossbreed.crossover.jobs import Compare
from crossbreed.crossover.results.contrasts import (
    as_records,
    compare_arms,
    declared_contrasts,
    differences_by_epoch,
)
from crossbreed.crossover.results.outcomes import outcomes, outcomes_by_epoch
from crossbreed.crossover.results.summary import summary
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_csv, write_json, write_text

log = logging.getLogger(__name__)


def compare(job: Compare) -> None:
    """Write outcomes, comparisons, differences by epoch and the summary."""
    declared = job.statistics
    measured = outcomes(pd.read_csv(job.best), pd.read_csv(job.networks))
    comparisons = compare_arms(measured, declared, job.seed)
    along = differences_by_epoch(
        outcomes_by_epoch(pd.read_csv(job.curves)),
        declared_contrasts(declared, list(measured["arm"].unique())),
        declared.confidence,
    )
    write_csv(job.outcomes, measured)
    write_json(
        job.target,
        {**declared.model_dump(mode="json"), "comparisons": as_records(comparisons)},
    )
    write_csv(job.table, comparisons)
    write_csv(job.by_epoch, along)
    text = summary(comparisons, declared)
    write_text(job.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(Compare, compare)
