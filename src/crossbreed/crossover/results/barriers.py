"""How high the barrier between two networks is."""

from __future__ import annotations

import numpy as np
import pandas as pd


def barriers(table: pd.DataFrame, metric: str = "train_loss") -> pd.Series[float]:
    """Return how high the barrier on each path is, by run and path.

    The largest excess of the loss over the straight line between those of the two ends (error
    barrier: Frankle et al. 2020, arXiv:1912.05671, section 2; Entezari et al. 2022,
    arXiv:2110.06296, equation 1).

    Parameters
    ----------
    table
        run and the columns of `loss_along_line`, without rows whose loss is not known.
    metric
        train_loss or test_loss.
    """
    heights = {}
    for (run, path), group in table.groupby(["run", "path"], sort=False):
        ordered = group.sort_values("fraction")
        fractions, losses = (ordered[name].to_numpy(np.float64) for name in ("fraction", metric))
        straight = np.interp(fractions, fractions[[0, -1]], losses[[0, -1]])
        heights[run, path] = float((losses - straight).max())
    index = pd.MultiIndex.from_tuples(heights, names=["run", "path"])
    return pd.Series(heights.values(), index, dtype=np.float64)
