"""How high the hill between two networks is."""

from __future__ import annotations

import numpy as np
import pandas as pd


def barriers(table: pd.DataFrame) -> pd.DataFrame:
    """Return how high the hill on each path is.

    Parameters
    ----------
    table
        run and the columns of `loss_along_line`.

    Returns
    -------
    DataFrame
        run, path, metric (train_loss or test_loss), midpoint: the loss half way, and barrier: the
        largest excess of the loss over the straight line between those of the two ends (error
        barrier: Frankle et al. 2020, arXiv:1912.05671, section 2; Entezari et al. 2022,
        arXiv:2110.06296, equation 1); NaN if a loss on the path is. Paths of which no loss is
        known, see `nothing_between`, are left out.
    """
    rows = []
    for (run, path), group in table.groupby(["run", "path"], sort=False):
        if group["train_loss"].isna().all():
            continue
        ordered = group.sort_values("fraction")
        fractions = ordered["fraction"].to_numpy(np.float64)
        for metric in ("train_loss", "test_loss"):
            losses = ordered[metric].to_numpy(np.float64)
            straight = np.interp(fractions, fractions[[0, -1]], losses[[0, -1]])
            midpoint = losses[np.argmin(np.abs(fractions - 0.5))]
            rows.append((run, path, metric, float(midpoint), float((losses - straight).max())))
    return pd.DataFrame(rows, columns=["run", "path", "metric", "midpoint", "barrier"])
