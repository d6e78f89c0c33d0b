"""What arms cost, and what they reach at the same cost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crossbreed.statistics.intervals import estimate, log_ratios, relative_estimate

COSTS = [
    *("arm", "network_epochs", "seconds", "budget", "epoch_at_budget"),
    *("best_train_loss", "difference", "interval_low", "interval_high", "runs"),
]


def cost_of_arms(
    curves: pd.DataFrame,
    by_epoch: pd.DataFrame,
    seconds: Mapping[str, float],
    reference: str,
    confidence: float,
) -> pd.DataFrame:
    """Return what each arm costs a run, and its loss where all arms have cost the same.

    Parameters
    ----------
    curves
        run, arm, epoch, network: a row for every network and epoch that was trained.
    by_epoch
        run, arm, epoch, best_train_loss.
    seconds
        By arm, the wall time of a run's training and breeding, without the start of Python, as
        if the arm had been alone; mean over runs, NaN where it is not known.
    reference
        The arm that differences are from.
    confidence
        Level of the t intervals.

    Returns
    -------
    DataFrame
        `COSTS`: network_epochs and seconds per run, the shared trunk counted for every arm. budget
        is the least that any arm spends in all; epoch_at_budget the last epoch that an arm has
        finished by then, best_train_loss its mean over runs there, and difference that from the
        reference at the same budget, paired by run; NaN where one of these losses is 0.
    """
    spent = curves.groupby(["arm", "run", "epoch"], sort=False).size().groupby(["arm", "run"])
    running = spent.cumsum().rename("spent").reset_index()
    budget = int(running.groupby(["arm", "run"])["spent"].max().min())
    within = running[running["spent"] <= budget].groupby(["arm", "run"])["epoch"].max()
    total = running.groupby(["arm", "run"])["spent"].max()
    there = within.reset_index().merge(by_epoch, on=["arm", "run", "epoch"], how="left")
    reached = there.pivot(index="run", columns="arm", values="best_train_loss")
    rows = []
    for arm in curves["arm"].unique():
        kept = reached[arm].notna() & reached[reference].notna()
        ours, theirs = (reached.loc[kept, name].to_numpy(np.float64) for name in (arm, reference))
        difference = relative_estimate(estimate(log_ratios(ours, theirs), confidence))
        rows.append(
            (
                *(arm, total[arm].mean(), seconds.get(arm, np.nan)),
                *(budget, within[arm].max(), reached[arm].mean()),
                *(difference.mean, difference.low, difference.high, len(ours)),
            )
        )
    return pd.DataFrame(rows, columns=COSTS)
