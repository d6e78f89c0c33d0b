"""Test the assumptions on early speed and on evolved predictors."""

import pandas as pd

from crossbreed.gender.jobs import EvaluatePredictors
from crossbreed.gender.results.early_speed import early_speed_evidence
from crossbreed.gender.results.predictor_evidence import EVIDENCE, predictor_evidence
from crossbreed.jobs.command_line import run_job
from crossbreed.search.files import load_history
from crossbreed.storage.files import write_csv


def evaluate_predictors(job: EvaluatePredictors) -> None:
    """Write both tables."""
    histories = {
        (search.seed, search.mode): load_history(search.history) for search in job.searches
    }
    settings = (job.evolution, job.confidence, job.resamples, job.seed)
    speed = early_speed_evidence(histories, *settings)
    evidence, predictions = predictor_evidence(histories, *settings)
    rows = [*speed.to_dict("records"), *evidence.to_dict("records")]
    write_csv(job.evidence, pd.DataFrame(rows, columns=EVIDENCE))
    write_csv(job.predictors, predictions)


if __name__ == "__main__":
    run_job(EvaluatePredictors, evaluate_predictors)
