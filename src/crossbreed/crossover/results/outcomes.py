"""What each run of each arm comes to: the values that all comparisons are made of."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from crossbreed.config.comparison import Loss, Outcome

KEY = ["run", "arm", "epoch"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
# Compared by their ratio; the others, accuracies, by their difference.
LOSSES: tuple[Loss, ...] = get_args(Loss)

_OF_BEST = {
    "train_loss": "best_train_loss",
    "validation_loss": "validation_loss",
    "test_loss": "test_loss",
    "test_accuracy": "test_accuracy",
}
_OF_ALL = {"train_loss": "mean_train_loss", "test_loss": "mean_test_loss"}


def outcomes(best: pd.DataFrame, networks: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each run, arm and marked epoch.

    Parameters
    ----------
    best
        run, arm, epoch and the metrics of the network with the lowest training loss.
    networks
        run, arm, epoch, network and the metrics of all networks.

    Returns
    -------
    DataFrame
        run, arm, epoch and `OUTCOMES`; NaN where a metric was not measured or nothing is left that
        has not diverged. A mean is NaN, too, where any network of the population has diverged: the
        mean of the others would look better than the population is.
    """
    of_best = best.set_index(KEY)[list(_OF_BEST)].rename(columns=_OF_BEST)
    table = of_best.join(mean_of_networks(networks, _OF_ALL), how="left")
    finite = table.where(np.isfinite(table.astype(np.float64)))
    return finite.reset_index()[[*KEY, *OUTCOMES]]


def outcomes_by_epoch(curves: pd.DataFrame) -> pd.DataFrame:
    """Return what learning curves tell of the outcomes, after every epoch.

    Parameters
    ----------
    curves
        run, arm, epoch, network, train_loss, validation_loss.

    Returns
    -------
    DataFrame
        run, arm, epoch, best_train_loss, mean_train_loss, validation_loss (of the network with the
        lowest training loss), as `outcomes`.
    """
    ranked = curves.assign(train_loss=curves["train_loss"].where(np.isfinite(curves["train_loss"])))
    ranked = ranked.sort_values([*KEY, "train_loss"], kind="stable")
    best = ranked.groupby(KEY, sort=True).head(1).set_index(KEY)
    table = pd.DataFrame(
        {"best_train_loss": best["train_loss"], "validation_loss": best["validation_loss"]}
    )
    table = table.join(mean_of_networks(curves, {"train_loss": "mean_train_loss"}), how="left")
    finite = table.where(np.isfinite(table))
    return finite.reset_index()[[*KEY, "best_train_loss", "mean_train_loss", "validation_loss"]]


def mean_of_networks(networks: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return means over networks under other names; NaN where any network has diverged."""
    values = networks[list(names)].where(np.isfinite(networks[list(names)]))
    grouped = values.assign(**networks[KEY]).groupby(KEY)
    complete = grouped.count().eq(grouped.size(), axis=0)
    return grouped.mean().where(complete).rename(columns=names)
