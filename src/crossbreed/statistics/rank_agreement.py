"""Kendall's tau-b of two orders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Orders = NDArray[np.int8]


def pair_orders(values: NDArray[np.float64]) -> Orders:
    """Return how each pair of values, shape [n], is ordered: -1, 0 or 1; shape [n, n], int8."""
    above = values[:, None] > values
    return np.subtract(above, above.T, dtype=np.int8)


def kendall_tau(x: Orders, y: Orders) -> float:
    """Return tau-b of two `pair_orders`; 0 where all x, or all y, are alike.

    Several times as fast for few values as scipy's, which also computes a p value.
    """
    scale = np.sqrt(float(np.count_nonzero(x)) * float(np.count_nonzero(y)))
    return float((x * y).sum(dtype=np.int64) / scale) if scale > 0 else 0.0
