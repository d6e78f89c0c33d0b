"""Kendall's tau-b within each of several groups, their mean, and over all of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from crossbreed.statistics.intervals import estimate

# Fewer pairs than this give no bootstrap interval worth the name.
MINIMUM_PAIRS = 8
_DIGITS = 12
# Numbers held at once while resampling.
_BATCH = 4_000_000


def have_order(losses: NDArray[np.float64]) -> bool:
    """Tell whether losses, shape [n], differ, so that their order can be predicted."""
    return len(np.unique(losses)) > 1


class Ranked(NamedTuple):
    """What was predicted of some architectures of a search seed, and what came: shape [n], finite.

    The lower, the better.
    """

    seed: int
    predicted: NDArray[np.float64]
    losses: NDArray[np.float64]


class Agreement(NamedTuple):
    """Tau-b, from -1 to 1, with an interval; NaN where there is none."""

    seed: str
    """A search seed; "mean": the mean of the seeds' taus; "pooled": tau over all pairs of
    architectures of the same seed."""
    tau: float
    interval_low: float
    interval_high: float
    n: int
    """Architectures; for the mean, seeds."""


def agreements(
    groups: Sequence[Ranked], confidence: float, resamples: int, seed: int
) -> list[Agreement]:
    """Return tau for each search seed, its mean over seeds, and pooled.

    A seed's interval is `kendall_interval`; the mean's is the t interval over seeds, cut at -1 and
    1; the pooled one's is cut from the percentiles of a bootstrap that resamples the architectures
    within each seed, so it holds for these seeds and not for others. Losses of different seeds are
    not compared with each other.

    Parameters
    ----------
    groups
        One for each seed; those of fewer than two different losses are left out: tau is not
        defined there. Where all that was predicted is alike it is 0.
    confidence, resamples, seed
        Level of the intervals; resamples and seed of the bootstraps.
    """
    kept = [group for group in groups if have_order(group.losses)]
    if not kept:
        return []
    rows = []
    for group in kept:
        tau = float(stats.kendalltau(group.predicted, group.losses).statistic)
        interval = kendall_interval(group.predicted, group.losses, confidence, resamples, seed)
        low, high = interval or (np.nan, np.nan)
        rows.append(
            Agreement(str(group.seed), 0.0 if np.isnan(tau) else tau, low, high, len(group.losses))
        )
    # Perfect orders of different lengths differ in tau's last digit.
    mean = estimate([round(row.tau, _DIGITS) for row in rows], confidence)
    low, high = _pooled_interval(kept, confidence, resamples, seed)
    return [
        *rows,
        Agreement("mean", mean.mean, max(mean.low, -1.0), min(mean.high, 1.0), mean.n),
        Agreement("pooled", pooled_tau(kept), low, high, sum(len(group.losses) for group in kept)),
    ]


def pooled_tau(groups: Sequence[Ranked]) -> float:
    """Return tau-b over all pairs within groups; 0 where it is undefined."""
    return float(tau_of(_counts(groups)))


def _counts(groups: Sequence[Ranked]) -> NDArray[np.float64]:
    counts = [pair_counts(group.predicted, group.losses) for group in groups]
    return np.asarray(np.sum(counts, axis=0))


def _pooled_interval(
    groups: Sequence[Ranked], confidence: float, resamples: int, seed: int
) -> tuple[float, float]:
    # scipy's bootstrap resamples one sample, or several as a whole; here pairs within each seed.
    # Nor is there one where tau is undefined, since all that was predicted or came is alike.
    few = sum(len(group.losses) for group in groups) < MINIMUM_PAIRS
    if few or not _counts(groups)[1:].all():
        return np.nan, np.nan
    draws = np.random.default_rng(seed)
    pairs = sum(len(group.losses) ** 2 for group in groups)
    taus: list[NDArray[np.float64]] = []
    batch = max(1, _BATCH // pairs)
    for done in range(0, resamples, batch):
        count = min(batch, resamples - done)
        parts = []
        for group in groups:
            chosen = draws.integers(len(group.losses), size=(count, len(group.losses)))
            parts.append(pair_counts(group.predicted[chosen], group.losses[chosen]))
        taus.append(tau_of(np.sum(parts, axis=0)))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(taus), [tail, 1 - tail])
    # A perfect order gives the same in all resamples, which says nothing of how sure it is.
    return (float(low), float(high)) if low < high else (np.nan, np.nan)


def kendall_interval(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    confidence: float,
    resamples: int,
    seed: int,
) -> tuple[float, float] | None:
    """Return a bootstrap interval of Kendall's tau-b between two paired samples.

    Pairs are resampled; the interval is cut from the percentiles of the resampled tau (Efron
    1979). BCa is no choice here: its jackknife is undefined where the order is perfect. A resample
    in which all x or all y are alike counts as 0, as where tau is undefined.

    Parameters
    ----------
    x, y
        Shape [n], finite.
    confidence, resamples, seed
        Level of the interval; how many resamples are drawn; seed of the bootstrap.

    Returns
    -------
    tuple of two floats, or None
        Its ends; None with fewer than eight pairs, where coverage is far from the level, where all
        x or all y are alike, and where all resamples have the same tau, which a perfect order gives
        and which says nothing of how sure it is.
    """
    if len(x) < MINIMUM_PAIRS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    with warnings.catch_warnings():
        # All resamples alike, as with a perfect order, are no fault here.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        interval = stats.bootstrap(
            (x, y),
            _tau,
            paired=True,
            vectorized=True,
            confidence_level=confidence,
            n_resamples=resamples,
            batch=max(1, _BATCH // len(x) ** 2),
            method="percentile",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    if interval.low == interval.high:
        return None
    return float(interval.low), float(interval.high)


def pair_counts(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count how pairs of values are ordered, of many samples at once.

    Of x and y, shape [..., n], the rest of their shapes broadcast. Returns shape [3, ...]: pairs in
    the same order in both less those in the opposite one; pairs that are not tied in x; pairs that
    are not tied in y. Counts of several samples may be summed.
    """
    first, second = np.triu_indices(x.shape[-1], 1)
    order_x = np.sign(x[..., first] - x[..., second])
    order_y = np.sign(y[..., first] - y[..., second])
    counts = ((order_x * order_y).sum(-1), (order_x**2).sum(-1), (order_y**2).sum(-1))
    return np.stack(np.broadcast_arrays(*counts))


def tau_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return tau-b of `pair_counts`; 0 where it is undefined."""
    agreeing, untied_x, untied_y = counts
    scale = np.sqrt(untied_x * untied_y)
    return np.asarray(np.where(scale > 0, agreeing / np.where(scale > 0, scale, 1), 0.0))


def _tau(x: NDArray[np.float64], y: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Return tau-b along an axis, as scipy's bootstrap wants it."""
    return tau_of(pair_counts(np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)))
