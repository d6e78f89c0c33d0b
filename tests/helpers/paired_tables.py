"""Made-up outcomes of arms, and what the tests ask of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crossbreed.config.comparison import Contrast, Margin, Primary, Statistics
from crossbreed.crossover.results.contrasts import Comparison, compare_arms
from crossbreed.crossover.results.outcomes import OUTCOMES
from crossbreed.statistics.paired import Answer, Question

ASKED = Question(
    confidence=0.95,
    power=0.8,
    wanted=0.05,
    margin_relative=0.02,
    margin_absolute=0.005,
    resamples=999,
    seed=1,
)
DECLARED = Statistics(
    reference="baseline",
    contrasts=[Contrast(arm="crossover", reference="clone")],
    primary=Primary(arm="crossover", reference="baseline", metric="best_train_loss"),
    metrics=list(OUTCOMES),
    confidence=0.95,
    power=0.8,
    wanted_effect=0.05,
    margin=Margin(relative=0.02, absolute=0.005),
    resamples=999,
)


# What is told only where pairs do not all differ by the same.
OF_A_SPREAD = (
    *("interval_low", "interval_high", "bca_low", "bca_high", "effect_size", "p_paired_t"),
    *("p_wilcoxon", "p_welch", "p_equivalence", "smallest_detectable", "runs_needed"),
)


def rows(arm: str, epoch: int = 10, first_run: int = 1, **metrics: ArrayLike) -> pd.DataFrame:
    """Make the outcomes of one arm at one epoch; a metric that is not given was not measured."""
    values = {name: np.asarray(column, float) for name, column in metrics.items()}
    count = len(next(iter(values.values())))
    missing = np.full(count, np.nan)
    return pd.DataFrame(
        {"run": range(first_run, first_run + count), "arm": arm, "epoch": epoch}
        | {name: values.get(name, missing) for name in OUTCOMES}
    )


def compared(*tables: pd.DataFrame) -> list[Comparison]:
    """Make all declared comparisons of some outcomes."""
    return compare_arms(pd.concat(tables, ignore_index=True), DECLARED, ASKED)


def nothing_told(answer: Answer) -> Answer:
    """Return the answer with all that a spread is needed for taken out."""
    gone: dict[str, Any] = dict.fromkeys(OF_A_SPREAD)
    return replace(answer, **gone)
