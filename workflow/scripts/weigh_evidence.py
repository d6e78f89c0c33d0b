"""Weigh the evidence for the assumptions on early speed and on evolved predictors."""

from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Count, Fraction, Whole
from crossbreed.config.gender import Evolution
from crossbreed.gender.results.early_speed import early_speed_evidence
from crossbreed.gender.results.predictor_evidence import EVIDENCE, predictor_evidence
from crossbreed.jobs.job import run_job
from crossbreed.search.gathering import SearchFiles
from crossbreed.search.trial_files import load_history
from crossbreed.storage.files import write_csv


class WeighEvidence(Config):
    """Weigh the evidence for the assumptions on early speed and on evolved predictors."""

    evolution: Evolution
    seed: Whole
    searches: list[SearchFiles]
    confidence: Fraction
    """Level of the intervals."""
    resamples: Count
    """Of the bootstraps."""
    evidence: Path
    """Rank correlations and regrets to write (CSV)."""
    predictors: Path
    """What each predictor foretold of each architecture, to write (CSV)."""


def weigh_evidence(settings: WeighEvidence) -> None:
    """Write both tables."""
    histories = {(one.seed, one.mode): load_history(one.history) for one in settings.searches}
    given = (settings.evolution, settings.confidence, settings.resamples, settings.seed)
    speed = early_speed_evidence(histories, *given)
    evidence, predictions = predictor_evidence(histories, *given)
    rows = [*speed.to_dict("records"), *evidence.to_dict("records")]
    write_csv(settings.evidence, pd.DataFrame(rows, columns=EVIDENCE))
    write_csv(settings.predictors, predictions)


if __name__ == "__main__":
    run_job(WeighEvidence, weigh_evidence)
