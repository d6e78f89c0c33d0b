"""Compare the modes of the gender study, with each other and with the paper's numbers."""

import logging

import pandas as pd

from crossbreed.gender.jobs import TabulateModes
from crossbreed.gender.results.effects import all_contrasts, differences
from crossbreed.gender.results.outcome import mode_table
from crossbreed.gender.results.published import published_differences
from crossbreed.gender.results.summary import Tables, summary
from crossbreed.gender.results.table_uncertainty import TableBootstrap
from crossbreed.gender.results.winners import winners_table
from crossbreed.jobs.command_line import run_job
from crossbreed.search.replay import TrainedTable
from crossbreed.search.table import read_table
from crossbreed.statistics.weighted import RESAMPLES, item_weights
from crossbreed.storage.files import write_csv, write_text

log = logging.getLogger(__name__)


def tabulate_modes(job: TabulateModes) -> None:
    """Write the four tables and the summary."""
    individuals, finals = pd.read_csv(job.individuals), pd.read_csv(job.finals)
    labels, confidence = job.labels, job.confidence
    bootstrap = None
    if job.trained is not None:
        table = TrainedTable(read_table(job.trained), job.language)
        weights = item_weights(len(table.cells), RESAMPLES, job.seed)
        bootstrap = TableBootstrap(finals, table, weights, job.seed)
    contrasts = all_contrasts(list(labels), job.reference, job.contrasts)
    tables = Tables(
        mode_table(individuals, finals, labels, confidence, job.paper),
        differences(individuals, finals, list(labels), contrasts, confidence, bootstrap),
        published_differences(job.paper, confidence),
        pd.read_csv(job.evidence, dtype={"seed": str}),
        pd.read_csv(job.predictors),
        winners_table(individuals, finals),
        None if job.by_share is None else pd.read_csv(job.by_share),
    )
    write_csv(job.table, tables.table)
    write_csv(job.differences, tables.differences)
    write_csv(job.published, tables.published)
    write_csv(job.winners, tables.winners)
    seeds = finals["seed"].nunique()
    text = summary(tables, labels, job.reference, job.main, seeds, confidence)
    write_text(job.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(TabulateModes, tabulate_modes)
