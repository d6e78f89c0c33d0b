"""How many epochs it takes to reach a loss; runs that never do are censored, not dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

# The loss that the reference arm ends with, counted from the start.
REFERENCE_FINAL = "reference_final"
# The loss that the best parent had at the first event, counted from the event.
PARENTS = "parents"
TIMES = ["target", "arm", "run", "loss", "epochs", "reached"]
REACHED = [
    *("target", "arm", "runs", "reached", "median_epochs"),
    *("share_in_half", "share_low", "share_high"),
]


def times_to_targets(
    by_epoch: pd.DataFrame, reference: str, events: Mapping[str, int]
) -> pd.DataFrame:
    """Return when the best training loss of each run of each arm reaches its targets.

    Parameters
    ----------
    by_epoch
        run, arm, epoch, best_train_loss, see `outcomes.outcomes_by_epoch`.
    reference
        The arm whose final loss, in the same run, is to be reached.
    events
        The epoch of the first event of each arm that has one.

    Returns
    -------
    DataFrame
        `TIMES`. target is `REFERENCE_FINAL` for all arms, the reference included, and `PARENTS`
        for those with events. epochs is the first at which the loss is at most the target's, or,
        where reached is false, the number of epochs for which it was not. A run without a target
        (all of the reference's networks have diverged) is left out, one that lost its networks
        itself is not: it had not reached the target when it did. Left out, too, is a run that was
        at the reference's final loss before its arm bred, up to when all arms are the same.
    """
    losses = by_epoch.pivot(index="epoch", columns=["arm", "run"], values="best_train_loss")
    rows = []
    for arm, run in dict.fromkeys(zip(by_epoch["arm"], by_epoch["run"], strict=True)):
        curve = pd.Series(losses[(arm, run)])
        if (reference, run) in losses.columns:
            target = losses[(reference, run)].iloc[-1]
            if not (curve[curve.index <= events.get(arm, 0)] <= target).any():
                rows.append((REFERENCE_FINAL, arm, run, *_time(curve, target, 0)))
        if arm in events:
            target = curve.get(events[arm], np.nan)
            rows.append((PARENTS, arm, run, *_time(curve, target, events[arm])))
    table = pd.DataFrame(rows, columns=TIMES)
    return table.dropna(subset=["loss"]).reset_index(drop=True)


def _time(curve: pd.Series[float], target: float, start: int) -> tuple[float, int, bool]:
    after = curve[curve.index > start]
    arrived = after.index[after <= target]
    if len(arrived):
        return target, int(arrived[0]) - start, True
    return target, len(after.dropna()), False


def reached(
    times: pd.DataFrame, events: Mapping[str, int], epochs: int, confidence: float
) -> pd.DataFrame:
    """Summarise how often and how fast the targets of `times_to_targets` are reached.

    Parameters
    ----------
    events
        The epoch of the first event of each arm that has one.
    epochs
        K, all epochs of the study.
    confidence
        Level of the intervals.

    Returns
    -------
    DataFrame
        `REACHED`: median_epochs is Kaplan and Meier's (1958, Journal of the American Statistical
        Association 53), empty where fewer than half of the runs reach the target; share_in_half the
        share of runs that reach it within half of the epochs that were left when the arm first
        bred (of all, where it never does), with its exact interval (Clopper and Pearson 1934,
        Biometrika 26). Arms are not tested against the reference: it reaches its own final loss in
        every run by definition, an arm that is no different in about half of them.
    """
    rows = []
    for (target, arm), group in times.groupby(["target", "arm"], sort=False):
        start = events.get(str(arm), 0)
        # Counted from the start of training, or, of the parents' loss, from the event.
        latest = (epochs - start) / 2 + (start if target == REFERENCE_FINAL else 0)
        in_half = int((group["reached"] & (group["epochs"] <= latest)).sum())
        share = stats.binomtest(in_half, len(group)).proportion_ci(confidence, method="exact")
        rows.append(
            (
                *(target, arm, len(group), int(group["reached"].sum()), median(group)),
                *(in_half / len(group), share.low, share.high),
            )
        )
    return pd.DataFrame(rows, columns=REACHED)


class Steps(NamedTuple):
    """Which share of runs had reached a target after so many epochs."""

    epochs: list[float]
    share: list[float]


def share_reached(group: pd.DataFrame) -> Steps:
    """Return Kaplan and Meier's share of runs that have reached their target, as steps from 0."""
    reached, epochs = group["reached"].to_numpy(bool), group["epochs"].to_numpy(np.float64)
    sample = stats.CensoredData(uncensored=epochs[reached], right=epochs[~reached])
    steps = stats.ecdf(sample).cdf
    return Steps([0.0, *map(float, steps.quantiles)], [0.0, *map(float, steps.probabilities)])


def median(group: pd.DataFrame) -> float:
    """Return the epochs after which half of the runs have reached their target, else NaN."""
    steps = share_reached(group)
    arrived = (epochs for epochs, share in zip(*steps, strict=True) if share >= 0.5 - 1e-12)
    return next(arrived, float("nan"))
