"""How well predictions rank final losses: the fitness of a predictor."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from crossbreed.search.features import bounded

# Fewer pairs than this give no bootstrap interval worth the name.
MINIMUM_PAIRS = 8


class RankQuality(NamedTuple):
    """How well predictions rank.

    Parameters
    ----------
    tau
        Kendall's tau-b, from -1 to 1; 1 is the true order.
    error
        By how many places a prediction's rank is off, on average.
    """

    tau: float
    error: float

    @property
    def order(self) -> tuple[float, float]:
        """A key that sorts the best first: by tau, ties by error."""
        return (-self.tau, self.error)


def rank_quality(predicted: NDArray[np.float64], actual: NDArray[np.float64]) -> RankQuality:
    """Compare the order of predictions with the true one.

    Parameters
    ----------
    predicted
        Shape [n]: predicted losses; what is not finite ranks last.
    actual
        Shape [n]: losses in nats per character, bounded as `features.bounded` does.

    Returns
    -------
    RankQuality
        With fewer than two values, or where all predictions or all losses are alike, tau is not
        defined; it is 0 then, as of a random order on average, and not NaN, so that any two
        predictors can be compared and one that says the same of all earns nothing by it.
    """
    ranks, true_ranks = stats.rankdata(_ranking_last(predicted)), stats.rankdata(bounded(actual))
    if not len(ranks):
        return RankQuality(0.0, 0.0)
    error = float(abs(ranks - true_ranks).mean())
    if np.ptp(ranks) == 0 or np.ptp(true_ranks) == 0:
        return RankQuality(0.0, error)
    return RankQuality(float(stats.kendalltau(ranks, true_ranks).statistic), error)


def top_k_regret(predicted: NDArray[np.float64], actual: NDArray[np.float64], k: int) -> float:
    """Return what it costs to train only the k predicted to be best.

    Parameters
    ----------
    predicted
        Shape [n], at least one: predicted losses; what is not finite ranks last, and of equal ones
        the first is taken.
    actual
        Shape [n]: losses in nats per character, bounded as `features.bounded` does.
    k
        How many are chosen, at least 1.

    Returns
    -------
    float
        The lowest loss among the k, less the lowest of all.
    """
    losses = bounded(actual)
    chosen = np.argsort(_ranking_last(predicted), kind="stable")[:k]
    return float(losses[chosen].min() - losses.min())


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
    in which all x or all y are alike counts as 0, as in `rank_quality`.

    Parameters
    ----------
    x, y
        Shape [n], finite.
    confidence
        Between 0 and 1.
    resamples
        How many resamples are drawn.
    seed
        Of the bootstrap.

    Returns
    -------
    tuple of two floats, or None
        Its lower and upper end; None with fewer than eight pairs, where coverage is far
        from the level, where all x or all y are alike, and where all resamples have the same tau,
        which a perfect order gives and which says nothing of how sure it is.
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
            batch=max(1, 4_000_000 // len(x) ** 2),
            method="percentile",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    if interval.low == interval.high:
        return None
    return float(interval.low), float(interval.high)


def ranks(predicted: NDArray[np.float64]) -> list[float]:
    """Return the place of each prediction among all, from 0, the lowest, to 1; equal ones share.

    Parameters
    ----------
    predicted
        Shape [n]: predicted losses; what is not finite ranks last.
    """
    places = stats.rankdata(_ranking_last(predicted)) - 1
    return [float(place) for place in places / max(1, len(places) - 1)]


def pair_counts(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count how pairs of values are ordered, of many samples at once.

    Parameters
    ----------
    x, y
        Shape [..., n]; the rest of their shapes are broadcast.

    Returns
    -------
    ndarray of shape (3, ...), float64
        Pairs in the same order in both less those in the opposite one; pairs that are not tied in
        x; pairs that are not tied in y. Counts of several samples may be summed.
    """
    first, second = np.triu_indices(x.shape[-1], 1)
    order_x = np.sign(x[..., first] - x[..., second])
    order_y = np.sign(y[..., first] - y[..., second])
    counts = ((order_x * order_y).sum(-1), (order_x**2).sum(-1), (order_y**2).sum(-1))
    return np.stack(np.broadcast_arrays(*counts))


def tau_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return tau-b of `pair_counts`; 0 where it is undefined, as in `rank_quality`."""
    agreeing, untied_x, untied_y = counts
    scale = np.sqrt(untied_x * untied_y)
    return np.asarray(np.where(scale > 0, agreeing / np.where(scale > 0, scale, 1), 0.0))


def _tau(x: NDArray[np.float64], y: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Return tau-b along an axis, as scipy's bootstrap wants it."""
    return tau_of(pair_counts(np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)))


def _ranking_last(predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(predicted), predicted, np.inf)
