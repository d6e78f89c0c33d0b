"""Kendall's tau within each search seed, and over several of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbreed.search.features import bounded
from crossbreed.search.ranking import (
    MINIMUM_PAIRS,
    kendall_interval,
    pair_counts,
    rank_quality,
    tau_of,
)
from crossbreed.statistics.intervals import estimate

_DIGITS = 12
# Numbers held at once while resampling.
_BATCH = 4_000_000


def have_order(losses: NDArray[np.float64]) -> bool:
    """Tell whether final losses, shape [n], differ, so that their order can be predicted."""
    return len(np.unique(bounded(losses))) > 1


class Ranked(NamedTuple):
    """What was predicted of some architectures of a search seed, and what came.

    Parameters
    ----------
    seed
        The search seed.
    predicted
        Shape [n], finite: the lower, the better.
    losses
        Shape [n]: final losses in nats per character.
    """

    seed: int
    predicted: NDArray[np.float64]
    losses: NDArray[np.float64]


class Agreement(NamedTuple):
    """Tau-b with an interval.

    Parameters
    ----------
    seed
        A search seed; "mean": the mean of the seeds' taus; "pooled": tau over all pairs of
        architectures of the same seed.
    tau
        From -1 to 1.
    interval_low, interval_high
        NaN where there is no interval.
    n
        Architectures; for the mean, seeds.
    """

    seed: str
    tau: float
    interval_low: float
    interval_high: float
    n: int


def agreements(
    groups: Sequence[Ranked], confidence: float, resamples: int, seed: int
) -> list[Agreement]:
    """Return tau for each search seed, its mean over seeds, and pooled.

    A seed's interval is `ranking.kendall_interval`; the mean's is the t interval over seeds, cut
    at -1 and 1; the pooled one's is cut from the percentiles of a bootstrap that resamples the
    architectures within each seed, so it holds for these seeds and not for others. Losses of
    different seeds are not compared with each other.

    Parameters
    ----------
    groups
        One for each seed; those of fewer than two different losses are left out: tau is not
        defined there. Where all that was predicted is alike it is 0, see `ranking.rank_quality`.
    confidence, resamples
        Level of the intervals, and resamples of the bootstraps.
    seed
        Of the bootstraps.
    """
    kept = [_bounded(group) for group in groups if have_order(group.losses)]
    if not kept:
        return []
    rows = []
    for group in kept:
        tau = rank_quality(group.predicted, group.losses).tau
        interval = kendall_interval(group.predicted, group.losses, confidence, resamples, seed)
        low, high = interval or (np.nan, np.nan)
        rows.append(Agreement(str(group.seed), tau, low, high, len(group.losses)))
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


def _bounded(group: Ranked) -> Ranked:
    return Ranked(group.seed, group.predicted, bounded(group.losses))


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
