"""Made-up outcomes of arms, and what the tests ask of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crossbreed.config.comparison import Contrast, Margin, Primary, Statistics
from crossbreed.crossover.results.contrasts import compare_arms
from crossbreed.crossover.results.outcomes import OUTCOMES
from crossbreed.statistics.paired import Answer, compare

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


def declared(**changes: Any) -> Statistics:
    """Return what the tests declare, but for some changes."""
    return DECLARED.model_copy(update=changes)


def answer(
    arm: ArrayLike, reference: ArrayLike, relative: bool = True, seed: int = 1, **changes: Any
) -> Answer:
    """Compare the paired runs of two arms, losses if relative, else accuracies."""
    values = np.asarray(arm, float), np.asarray(reference, float)
    return compare(*values, relative, declared(**changes), seed)


def known(comparison: Answer) -> set[str]:
    """Return the names of all that an answer tells."""
    return {
        name
        for name, value in vars(comparison).items()
        if value is not None and not math.isnan(float(value))
    }


def rows(arm: str, epoch: int = 10, first_run: int = 1, **metrics: ArrayLike) -> pd.DataFrame:
    """Make the outcomes of one arm at one epoch; a metric that is missing was not measured."""
    values = {name: np.asarray(column, float) for name, column in metrics.items()}
    count = len(next(iter(values.values())))
    missing = np.full(count, np.nan)
    return pd.DataFrame(
        {"run": range(first_run, first_run + count), "arm": arm, "epoch": epoch}
        | {name: values.get(name, missing) for name in OUTCOMES}
    )


def compared(*tables: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """Make all declared comparisons of some outcomes."""
    return compare_arms(pd.concat(tables, ignore_index=True), declared(**changes), seed=1)


def by_epoch(**curves: list[list[float]]) -> pd.DataFrame:
    """Return the best training losses of each arm's runs after epochs 1, 2, ..."""
    return pd.DataFrame(
        [
            (run, arm, epoch, loss)
            for arm, runs in curves.items()
            for run, losses in enumerate(runs, start=1)
            for epoch, loss in enumerate(losses, start=1)
        ],
        columns=["run", "arm", "epoch", "best_train_loss"],
    )
