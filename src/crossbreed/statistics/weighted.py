"""How sure a result is of the items that it was made of: a Bayesian bootstrap over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossbreed.randomness import Purpose, generator
from crossbreed.statistics.rank_agreement import pair_orders

# Enough for the ends of a 95 % interval to be steady in their second digit.
RESAMPLES = 1_000
_ROUNDING = 1e-9


def item_weights(items: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """Return weights of items for a Bayesian bootstrap (Rubin 1981), shape [resamples, items].

    Each row is drawn evenly from all weights that sum to 1. In a plain bootstrap an item may be
    missing, and with it all results that are of it alone.
    """
    draws = generator(seed, Purpose.BOOTSTRAP, 0)
    return draws.dirichlet(np.ones(items), size=resamples)


def weighted_tau(
    predicted: NDArray[np.float64], losses: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Kendall's tau-b of weighted items, whose pairs count as the product of their weights.

    Parameters
    ----------
    predicted, losses
        Shape [n], finite.
    weights
        Shape [resamples, n].

    Returns
    -------
    ndarray of shape (resamples,), float64
        0 where all that was predicted, or all losses, are alike.
    """
    order_x, order_y = (pair_orders(values).astype(np.float64) for values in (predicted, losses))
    agreeing, untied_x, untied_y = (
        ((weights @ order) * weights).sum(1)
        for order in (order_x * order_y, abs(order_x), abs(order_y))
    )
    scale = np.sqrt(untied_x * untied_y)
    return np.asarray(np.where(scale > 0, agreeing / np.where(scale > 0, scale, 1), 0.0))


def percentiles(values: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return the ends of the interval of resampled values, shape [resamples].

    NaN where all are alike but for what rounding leaves of a sum that is 0.
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return (float(low), float(high)) if high - low > _ROUNDING else (np.nan, np.nan)
