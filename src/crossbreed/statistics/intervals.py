"""The mean of a few values with its t interval; relative differences from logarithms of ratios."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import stdtrit


class Estimate(NamedTuple):
    """The mean of n values with its t interval, and p of the two-sided t-test against 0.

    The mean is NaN without any value; low, high and p are NaN with fewer than two values, or where
    all are alike, from which the spread cannot be judged.
    """

    mean: float
    low: float
    high: float
    p: float
    n: int


def spread(values: NDArray[np.float64]) -> bool:
    """Tell whether values differ by more than rounding: only then does a test say anything."""
    if len(values) < 2:
        return False
    return bool(np.ptp(values) > 1e-12 * max(1.0, float(np.abs(values).max())))


def estimate(values: ArrayLike, confidence: float) -> Estimate:
    """Return the mean of values, its t interval at a level, and the test against 0."""
    sample = np.asarray(values, np.float64)
    if not len(sample):
        return Estimate(np.nan, np.nan, np.nan, np.nan, 0)
    if not spread(sample):
        return Estimate(float(sample.mean()), np.nan, np.nan, np.nan, len(sample))
    test = stats.ttest_1samp(sample, 0)
    low, high = test.confidence_interval(confidence)
    return Estimate(float(sample.mean()), float(low), float(high), float(test.pvalue), len(sample))


def log_ratios(arm: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithms of ratios of losses, none where any loss is 0.

    One loss of 0 would decide the geometric mean of the ratios alone, whatever the others are.
    """
    if not (arm > 0).all() or not (reference > 0).all():
        return np.empty(0)
    logarithms: NDArray[np.float64] = np.log(arm / reference)
    return logarithms


def as_relative(logarithms: ArrayLike) -> NDArray[np.float64]:
    """Return ratios less 1 from their logarithms; NaN where they exceed the largest float64."""
    with np.errstate(over="ignore"):
        ratios = np.expm1(np.asarray(logarithms, np.float64))
    return np.where(np.isinf(ratios), np.nan, ratios)


def relative_estimate(logarithms: Estimate) -> Estimate:
    """Return an estimate of ratios less 1 from that of their logarithms."""
    low, high = map(float, as_relative_interval(logarithms.low, logarithms.high))
    return logarithms._replace(mean=float(as_relative(logarithms.mean)), low=low, high=high)


def as_relative_interval(low: ArrayLike, high: ArrayLike) -> NDArray[np.float64]:
    """Return the ends of intervals of ratios less 1, shape [2, ...]; both NaN where either is."""
    ends = as_relative(np.array([low, high], np.float64))
    return np.where(np.isnan(ends).any(axis=0), np.nan, ends)


def half_width(values: pd.DataFrame, confidence: float) -> NDArray[np.float64]:
    """Return half the t interval of each row's mean over columns; NaN with fewer than two."""
    runs = values.count(axis=1).to_numpy()
    spread = values.sem(axis=1).to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        width: NDArray[np.float64] = stdtrit(runs - 1.0, (1 + confidence) / 2) * spread
    return width


def holm(p_values: pd.Series[float]) -> pd.Series[float]:
    """Return p values corrected for their number (Holm 1979, Scandinavian Journal of Statistics 6).

    NaN stays NaN and does not count.
    """
    from statsmodels.stats.multitest import multipletests

    known = p_values.dropna()
    if known.empty:
        return p_values
    return pd.Series(multipletests(known, method="holm")[1], known.index).reindex(p_values.index)
