"""Made-up results of the gender study, as claims are judged by."""

from __future__ import annotations

import math

import pandas as pd

from crossbreed.config.schema import Study
from crossbreed.gender.results.claims import GenderResults
from crossbreed.gender.results.published import published_differences

NO_TABLE = {"table_low": math.nan, "table_high": math.nan}


def gender_results(study: Study) -> GenderResults:
    """Return results of three search seeds, without a table; of the paper, its own."""
    difference = {
        **{"contrast": "combined - baseline", "metric": "final_train_loss", "p": 0.01, "n": 3},
        **{"mean_difference": -0.2, "interval_low": -0.3, "interval_high": -0.1, **NO_TABLE},
    }
    mean = {"seed": "mean", "n": 3, **NO_TABLE}
    speed = {"assumption": "early_speed", "predictor": "early_speed"}
    predicted = {"assumption": "prediction", "mode": "combined"}
    evidence = [
        {**speed, "seed": "1", "tau": 0.7, "n": 9, **NO_TABLE},
        {**speed, **mean, "tau": 0.75, "interval_low": 0.6, "interval_high": 0.9},
        {
            **{**predicted, **mean, "predictor": "evolved - last_loss", "tau": 0.01},
            **{"interval_low": -0.02, "interval_high": 0.04},
        },
    ]
    return GenderResults(
        pd.DataFrame([difference]),
        pd.DataFrame(evidence),
        published_differences(study.published, 0.95),
    )
