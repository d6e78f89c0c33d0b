"""Kendall's tau-b of two orders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def kendall_tau(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return tau-b of paired values, shape [n]; 0 where all x, or all y, are alike.

    Several times as fast for few values as scipy's, which also computes a p value.
    """
    first, second = np.triu_indices(len(x), 1)
    order_x, order_y = np.sign(x[first] - x[second]), np.sign(y[first] - y[second])
    scale = np.sqrt((order_x**2).sum() * (order_y**2).sum())
    return float((order_x * order_y).sum() / scale) if scale > 0 else 0.0
