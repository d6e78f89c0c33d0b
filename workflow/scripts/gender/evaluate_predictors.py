"""Test the assumptions on early speed and on evolved predictors."""

import pandas as pd

from crossbreed.gender.jobs import EvaluatePredictors
from crossbreed.gender.results.evidence import EVIDENCE, prediction_evidence, speed_evidence
from crossbreed.gender.results.searched import searched_live, unselected_speeds
from crossbreed.jobs.command_line import run_job
from crossbreed.search.files import load_searches
from crossbreed.storage.files import write_csv


def evaluate_predictors(job: EvaluatePredictors) -> None:
    """Write both tables."""
    histories = load_searches(job.searches)
    pools = unselected_speeds(histories, job.evolution)
    rows = speed_evidence(pools, job.confidence, None)
    evidence, predictions = prediction_evidence(
        searched_live(histories), job.evolution, job.confidence, job.seed, None
    )
    write_csv(job.evidence, pd.DataFrame([*rows, *evidence], columns=EVIDENCE))
    write_csv(job.predictors, predictions)


if __name__ == "__main__":
    run_job(EvaluatePredictors, evaluate_predictors)
