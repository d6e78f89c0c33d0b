"""How well predictions rank final losses: the fitness of a predictor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from crossbreed.search.features import bounded
from crossbreed.statistics.rank_agreement import kendall_tau, pair_orders

_DIGITS = 12


class RankQuality(NamedTuple):
    """How well predictions rank."""

    tau: float
    """Kendall's tau-b, from -1 to 1; 1 is the true order."""
    error: float
    """By how many places a prediction's rank is off, on average."""

    @property
    def order(self) -> tuple[float, float]:
        """A key that sorts the best first: by tau, ties by error."""
        return (-self.tau, self.error)


def rank_quality(predicted: NDArray[np.float64], actual: NDArray[np.float64]) -> RankQuality:
    """Compare the order of predictions with the true one.

    With fewer than two values, or where all predictions or all losses are alike, tau is not
    defined; it is 0 then, as of a random order on average, and not NaN, so that any two predictors
    can be compared and one that says the same of all earns nothing by it.

    Parameters
    ----------
    predicted
        Shape [n]: predicted losses; what is not finite ranks last.
    actual
        Shape [n]: losses in nats per character, bounded as `features.bounded` does.
    """
    if not len(predicted):
        return RankQuality(0.0, 0.0)
    orders, true_orders = pair_orders(_ranking_last(predicted)), pair_orders(bounded(actual))
    # A rank is half the sum of a row, but for what is the same of all.
    error = float(abs((orders - true_orders).sum(1, dtype=np.int64)).mean() / 2)
    # Rounded, so that the last digit breaks no ties.
    return RankQuality(round(kendall_tau(orders, true_orders), _DIGITS), error)


def top_k_regret(predicted: NDArray[np.float64], actual: NDArray[np.float64], k: int) -> float:
    """Return what it costs to train only the k predicted to be best, in nats per character.

    That is the lowest loss among them less the lowest of all; `predicted` and `actual` as of
    `rank_quality`, of at least one; of equal predictions the first is taken.
    """
    losses = bounded(actual)
    chosen = np.argsort(_ranking_last(predicted), kind="stable")[:k]
    return float(losses[chosen].min() - losses.min())


def ranks(predicted: NDArray[np.float64]) -> list[float]:
    """Return the place of each prediction among all, from 0, the lowest, to 1; equal ones share."""
    places = stats.rankdata(_ranking_last(predicted)) - 1
    return [float(place) for place in places / max(1, len(places) - 1)]


def _ranking_last(predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(predicted), predicted, np.inf)
