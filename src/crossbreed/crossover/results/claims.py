"""Statistics of claims about the crossover study."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from crossbreed.config.claims import DifferenceOfArms, QuantileOfRuns, ShareInHalf
from crossbreed.crossover.results.outcomes import LOSSES
from crossbreed.crossover.results.time_to_target import REFERENCE_FINAL
from crossbreed.statistics.intervals import (
    Estimate,
    as_relative,
    as_relative_interval,
    estimate,
    has_ratios,
    spread,
)
from crossbreed.statistics.verdict import NOTHING, Measured


class CrossoverResults(NamedTuple):
    """What the study came to.

    Parameters
    ----------
    outcomes
        See `outcomes.outcomes`.
    by_epoch
        See `outcomes.outcomes_by_epoch`.
    targets
        See `time_to_target.reached`.
    events
        Epoch of the first event of each arm that has one.
    """

    outcomes: pd.DataFrame
    by_epoch: pd.DataFrame
    targets: pd.DataFrame
    events: Mapping[str, int]


def difference_of_arms(
    asked: DifferenceOfArms, results: CrossoverResults, confidence: float
) -> Measured:
    """Return the difference of two arms, of losses the geometric mean of ratios less 1."""
    table, epoch = results.outcomes, int(results.outcomes["epoch"].max())
    if asked.at == "first_epoch_after_event":
        table = results.by_epoch
        epoch = results.events.get(asked.arm, -1) + 1
    elif asked.at == "half_way_from_event":
        table = results.by_epoch
        # Rounded up: never the event itself, up to which arms are the same.
        epoch = (results.events.get(asked.arm, epoch) + epoch + 1) // 2
    if asked.metric not in table.columns:
        return NOTHING
    pairs = _pairs(table, epoch, asked.arm, asked.reference, asked.metric)
    if not len(pairs):
        return NOTHING
    relative = asked.metric in LOSSES
    if relative and not has_ratios(*pairs.T):
        return _undefined(pairs)
    arm, reference = np.log(pairs.T) if relative else pairs.T
    found = estimate(list(arm - reference), confidence)
    if asked.test == "welch" and not math.isnan(found.low):
        with warnings.catch_warnings():
            # One of the two may be the same in all runs.
            warnings.simplefilter("ignore", RuntimeWarning)
            test = stats.ttest_ind(arm, reference, equal_var=False)
        low, high = test.confidence_interval(confidence)
        found = Estimate(found.mean, float(low), float(high), float(test.pvalue), found.n)
    if not relative:
        return Measured(found.mean, found.low, found.high, found.n, found.p)
    return _of_logarithms(found.mean, found.low, found.high, found.n, found.p)


def quantile_of_runs(
    asked: QuantileOfRuns, results: CrossoverResults, confidence: float
) -> Measured:
    """Return the difference that a share of all runs lies below, and its exact interval.

    With z the share's normal quantile, (mean - quantile) / (deviation / sqrt(n)) has the noncentral
    t distribution with n - 1 degrees of freedom and noncentrality -z sqrt(n) (Hahn and Meeker 1991,
    Statistical Intervals, section 4.4).
    """
    epoch = int(results.outcomes["epoch"].max())
    pairs = _pairs(results.outcomes, epoch, asked.arm, asked.reference, asked.metric)
    if not len(pairs):
        return NOTHING
    if not has_ratios(*pairs.T):
        return _undefined(pairs)
    ratios = np.log(pairs[:, 0] / pairs[:, 1])
    runs, mean = len(ratios), float(ratios.mean())
    if not spread(ratios):
        return _of_logarithms(mean, math.nan, math.nan, runs, math.nan)
    z = float(stats.norm.ppf(asked.share))
    deviation = float(ratios.std(ddof=1))
    tail = (1 - confidence) / 2
    high, low = (
        mean - float(stats.nct.ppf(level, runs - 1, -z * math.sqrt(runs))) * deviation / runs**0.5
        for level in (tail, 1 - tail)
    )
    value = mean + z * deviation
    return _of_logarithms(value, low, high, runs, math.nan)


def share_in_half(asked: ShareInHalf, results: CrossoverResults) -> Measured:
    """Return the share of runs that reach the reference's final loss in half of those left."""
    targets = results.targets
    found = targets[(targets["arm"] == asked.arm) & (targets["target"] == REFERENCE_FINAL)]
    if found.empty:
        return NOTHING
    row = found.iloc[0]
    in_half = round(row["share_in_half"] * row["runs"])
    p = float(stats.binomtest(in_half, int(row["runs"]), 0.5).pvalue)
    return Measured(
        float(row["share_in_half"]),
        float(row["share_low"]),
        float(row["share_high"]),
        int(row["runs"]),
        p,
    )


def _of_logarithms(value: float, low: float, high: float, runs: int, p: float) -> Measured:
    low, high = map(float, as_relative_interval(low, high))
    return Measured(float(as_relative(value)), low, high, runs, p)


def _undefined(pairs: NDArray[np.float64]) -> Measured:
    """Return that there are runs, but no ratio of their losses."""
    return Measured(math.nan, math.nan, math.nan, len(pairs), math.nan)


def _pairs(
    table: pd.DataFrame, epoch: int, arm: str, reference: str, metric: str
) -> NDArray[np.float64]:
    """Return the values of both arms in the runs in which both have one, shape [n, 2]."""
    values = table[table["epoch"] == epoch].pivot(index="run", columns="arm", values=metric)
    pairs = values.reindex(columns=[arm, reference]).dropna()
    found: NDArray[np.float64] = pairs.to_numpy(np.float64)
    return found
