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
    estimate,
    log_ratios,
    relative_estimate,
    spread,
)
from crossbreed.statistics.verdict import NOTHING, Measured

Values = NDArray[np.float64]


class CrossoverResults(NamedTuple):
    """What the study came to.

    See `outcomes.outcomes`, `outcomes.outcomes_by_epoch` and `time_to_target.reached`; events are
    the epoch of the first event of each arm that has one.
    """

    outcomes: pd.DataFrame
    by_epoch: pd.DataFrame
    targets: pd.DataFrame
    events: Mapping[str, int]


def difference_of_arms(
    statistic: DifferenceOfArms, results: CrossoverResults, confidence: float
) -> Measured:
    """Return the difference of two arms, of losses the geometric mean of ratios less 1."""
    table, epoch = results.outcomes, int(results.outcomes["epoch"].max())
    if statistic.at == "first_epoch_after_event":
        table = results.by_epoch
        epoch = results.events.get(statistic.arm, -1) + 1
    elif statistic.at == "half_way_from_event":
        table = results.by_epoch
        # Rounded up: never the event itself, up to which arms are the same.
        epoch = (results.events.get(statistic.arm, epoch) + epoch + 1) // 2
    if statistic.metric not in table.columns:
        return NOTHING
    arm, reference = _pairs(table, epoch, statistic.arm, statistic.reference, statistic.metric)
    runs, relative = len(arm), statistic.metric in LOSSES
    if relative:
        # Without a ratio of all of them, of none.
        known = len(log_ratios(arm, reference))
        arm, reference = np.log(arm[:known]), np.log(reference[:known])
    result = estimate(arm - reference, confidence)
    if statistic.test == "welch" and not math.isnan(result.low):
        with warnings.catch_warnings():
            # One of the two may be the same in all runs.
            warnings.simplefilter("ignore", RuntimeWarning)
            test = stats.ttest_ind(arm, reference, equal_var=False)
        low, high = test.confidence_interval(confidence)
        result = result._replace(low=float(low), high=float(high), p=float(test.pvalue))
    return _measured(relative_estimate(result) if relative else result, runs)


def quantile_of_runs(
    statistic: QuantileOfRuns, results: CrossoverResults, confidence: float
) -> Measured:
    """Return the difference that a share of all runs lies below, and its exact interval.

    With z the share's normal quantile, (mean - quantile) / (deviation / sqrt(n)) has the noncentral
    t distribution with n - 1 degrees of freedom and noncentrality -z sqrt(n) (Hahn and Meeker 1991,
    Statistical Intervals, section 4.4).
    """
    epoch = int(results.outcomes["epoch"].max())
    pairs = _pairs(results.outcomes, epoch, statistic.arm, statistic.reference, statistic.metric)
    ratios = log_ratios(*pairs)
    result = estimate(ratios, confidence)._replace(p=math.nan)
    if spread(ratios):
        runs, deviation = len(ratios), float(ratios.std(ddof=1))
        z = float(stats.norm.ppf(statistic.share))
        tail = (1 - confidence) / 2
        high, low = (
            result.mean
            - float(stats.nct.ppf(level, runs - 1, -z * math.sqrt(runs))) * deviation / runs**0.5
            for level in (tail, 1 - tail)
        )
        result = result._replace(mean=result.mean + z * deviation, low=low, high=high)
    return _measured(relative_estimate(result), len(pairs[0]))


def share_in_half(statistic: ShareInHalf, results: CrossoverResults) -> Measured:
    """Return the share of runs that reach the reference's final loss in half of those left."""
    targets = results.targets
    rows = targets[(targets["arm"] == statistic.arm) & (targets["target"] == REFERENCE_FINAL)]
    if rows.empty:
        return NOTHING
    row = rows.iloc[0]
    share, runs = float(row["share_in_half"]), int(row["runs"])
    p = float(stats.binomtest(round(share * runs), runs, 0.5).pvalue)
    return Measured(share, float(row["share_low"]), float(row["share_high"]), runs, p)


def _measured(result: Estimate, runs: int) -> Measured:
    """Return an estimate with the runs it is from, also where they have no ratio."""
    return Measured(result.mean, result.low, result.high, runs, result.p)


def _pairs(
    table: pd.DataFrame, epoch: int, arm: str, reference: str, metric: str
) -> tuple[Values, Values]:
    """Return the values of both arms in the runs in which both have one, shape [n] each."""
    values = table[table["epoch"] == epoch].pivot(index="run", columns="arm", values=metric)
    pairs = values.reindex(columns=[arm, reference]).dropna().to_numpy(np.float64)
    return pairs[:, 0], pairs[:, 1]
