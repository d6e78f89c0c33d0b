"""Test the assumptions on early speed and on predictors over a table."""

import numpy as np
import pandas as pd

from crossbreed.gender.jobs import EvaluateTable
from crossbreed.gender.results.evidence import (
    EVIDENCE,
    Resampling,
    prediction_evidence,
    speed_evidence,
)
from crossbreed.gender.results.searched import searched_in_table
from crossbreed.gender.results.shares import shares_table
from crossbreed.jobs.command_line import run_job
from crossbreed.search.learning_speed import learning_speed
from crossbreed.search.replay import TrainedTable
from crossbreed.search.table import read_table
from crossbreed.statistics.weighted import RESAMPLES, item_weights
from crossbreed.storage.files import write_csv


def evaluate_table(job: EvaluateTable) -> None:
    """Write the three tables."""
    table = TrainedTable(read_table(job.table), job.language)
    resampling = Resampling(item_weights(len(table.cells), RESAMPLES, job.seed), table.number)
    searches = searched_in_table(pd.read_csv(job.individuals), table, job.evolution.early)
    pools = {}
    for seed in table.seeds:
        known = table.known(seed, job.evolution.early)
        seconds = [table.seconds(cell, seed, job.evolution.early) for cell in table.cells]
        speeds = [
            learning_speed(trial, job.evolution.speed_per, table.vocabulary, took)
            for (trial, _), took in zip(known, seconds, strict=True)
        ]
        pools[str(seed)] = (known, np.array(speeds, np.float64))
    rows = speed_evidence(pools, job.confidence, resampling)
    evidence, predictions = prediction_evidence(
        searches, job.evolution, job.confidence, job.seed, resampling
    )
    # Of hundreds of searches only their mean.
    means = [row for row in (*rows, *evidence) if row["seed"] == "mean"]
    write_csv(job.evidence, pd.DataFrame(means, columns=EVIDENCE))
    write_csv(job.predictors, predictions)
    known_cells = round(np.mean([len(search.archive) for search in searches])) if searches else 1
    settings = (job.evolution.predictor, job.confidence, job.seed, resampling)
    write_csv(job.by_share, shares_table(table, job.shares, known_cells, *settings))


if __name__ == "__main__":
    run_job(EvaluateTable, evaluate_table)
