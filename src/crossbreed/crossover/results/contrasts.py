"""Compare arms, paired by run: every declared contrast in every declared metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.comparison import Contrast, Outcome, Statistics
from crossbreed.crossover.results.outcomes import LOSSES
from crossbreed.statistics.intervals import (
    as_relative,
    as_relative_interval,
    half_width,
    holm,
)
from crossbreed.statistics.paired import compare

MISSING = (
    "A run is missing where too few of its networks had not diverged. Runs that diverge are the "
    "worst ones: an arm that lost some looks better here than it is."
)
# Where there are pairs of losses, but no difference.
UNDEFINED = "not defined, as a loss is 0"
NO_PAIR = "no pair of runs"
NO_CONTRAST = "no arm is compared with another"
# Of a table of comparisons; from `difference` on, but for p_holm, see `paired.Answer`.
COLUMNS = (
    *("arm", "reference", "metric", "epoch", "primary", "kind", "runs", "missing_runs"),
    *("reference_mean", "arm_mean", "difference", "interval_low", "interval_high"),
    *("bca_low", "bca_high", "effect_size", "p_paired_t", "p_holm", "p_wilcoxon", "p_welch"),
    *("p_equivalence", "interquartile_mean", "probability_of_improvement", "runs_better"),
    *("smallest_detectable", "runs_needed"),
)


def declared_contrasts(declared: Statistics, arms: Sequence[str]) -> list[Contrast]:
    """Return all contrasts of arms that were run: with the reference, then the further ones."""
    contrasts = [
        Contrast(arm=arm, reference=declared.reference) for arm in arms if arm != declared.reference
    ]
    for further in declared.contrasts:
        contrast = Contrast(arm=further.arm, reference=further.reference)
        if {contrast.arm, contrast.reference} <= set(arms) and contrast not in contrasts:
            contrasts.append(contrast)
    return contrasts


def compare_arms(outcomes: pd.DataFrame, declared: Statistics, seed: int) -> pd.DataFrame:
    """Make every declared comparison at every marked epoch.

    Parameters
    ----------
    outcomes
        See `outcomes.outcomes`. A metric that no run measured is left out.
    declared
        What is compared, and how.
    seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        `COLUMNS`, by epoch, then metric, then contrast. primary tells the one comparison that the
        study is made for; kind is relative or absolute, see `paired.Answer.difference`.
        missing_runs are the numbers, with spaces between, of runs that are no pair, since too few
        networks are left in one of the arms. Means are arithmetic, over the pairs. p_holm is the p
        value of the paired t-test, corrected for all secondary comparisons at the same epoch; none
        for the primary one, which needs no correction.
    """
    metrics = [metric for metric in declared.metrics if outcomes[metric].notna().any()]
    contrasts = declared_contrasts(declared, list(outcomes["arm"].unique()))
    primary, last = declared.primary, outcomes["epoch"].max()
    rows = []
    for epoch in sorted(outcomes["epoch"].unique()):
        at_epoch = outcomes[outcomes["epoch"] == epoch]
        for metric in metrics or ["best_train_loss"]:
            values = at_epoch.pivot(index="run", columns="arm", values=metric)
            for contrast in contrasts:
                row = _comparison(values, contrast, metric, declared, seed)
                is_primary = epoch == last and row["metric"] == primary.metric
                is_primary &= (contrast.arm, contrast.reference) == (primary.arm, primary.reference)
                rows.append(row | {"epoch": int(epoch), "primary": bool(is_primary)})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    secondary = table[~table["primary"].astype(bool)]
    table["p_holm"] = secondary.groupby("epoch")["p_paired_t"].transform(holm).astype(float)
    return table.astype({"runs_needed": "Int64"})


def _comparison(
    table: pd.DataFrame, contrast: Contrast, metric: Outcome, declared: Statistics, seed: int
) -> dict[str, Any]:
    values = table[[contrast.arm, contrast.reference]]
    pairs = values.dropna()
    arm, reference = (pairs[name].to_numpy(np.float64) for name in values.columns)
    relative = metric in LOSSES
    missing = values.index.difference(pairs.index)
    return {
        "arm": contrast.arm,
        "reference": contrast.reference,
        "metric": metric,
        "kind": "relative" if relative else "absolute",
        "missing_runs": " ".join(map(str, missing)),
        "reference_mean": reference.mean() if len(pairs) else np.nan,
        "arm_mean": arm.mean() if len(pairs) else np.nan,
        **asdict(compare(arm, reference, relative, declared, seed)),
    }


def as_records(comparisons: pd.DataFrame) -> list[dict[str, Any]]:
    """Return comparisons as JSON can hold them: None for NaN, missing runs as a list."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        | {"missing_runs": [int(run) for run in row["missing_runs"].split()]}
        for row in comparisons.to_dict("records")
    ]


def differences_by_epoch(
    by_epoch: pd.DataFrame, contrasts: Sequence[Contrast], confidence: float
) -> pd.DataFrame:
    """Return the relative difference of every contrast after every epoch, with its t interval.

    Parameters
    ----------
    by_epoch
        See `outcomes.outcomes_by_epoch`.

    Returns
    -------
    DataFrame
        arm, reference, metric, epoch, runs, difference, interval_low, interval_high, of the runs
        in which both arms have a value at every epoch: a mean over other runs before than after
        would jump. Empty where there are none; without difference at epochs at which one of the
        losses is 0.
    """
    frames = []
    for metric in by_epoch.columns.difference(["run", "arm", "epoch"], sort=False):
        table = by_epoch.pivot(index="epoch", columns=["arm", "run"], values=metric)
        for contrast in contrasts:
            ratio = logarithms_of_ratios(table[contrast.arm], table[contrast.reference])
            if ratio.empty:
                continue
            mean, half = ratio.mean(axis=1), half_width(ratio, confidence)
            low, high = as_relative_interval(mean - half, mean + half)
            frames.append(
                pd.DataFrame(
                    {
                        "arm": contrast.arm,
                        "reference": contrast.reference,
                        "metric": metric,
                        "epoch": ratio.index,
                        "runs": ratio.shape[1],
                        "difference": as_relative(mean),
                        "interval_low": low,
                        "interval_high": high,
                    }
                )
            )
    columns = ["arm", "reference", "metric", "epoch", "runs"]
    columns += ["difference", "interval_low", "interval_high"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def logarithms_of_ratios(
    arm: pd.DataFrame | pd.Series[float], reference: pd.DataFrame | pd.Series[float]
) -> pd.DataFrame:
    """Return logarithms of the ratios of losses by epoch (rows) and run (columns).

    Of the runs in which both have a loss at every epoch; NaN in all of them at epochs at which one
    of the losses is 0.
    """
    ours, theirs = pd.DataFrame(arm), pd.DataFrame(reference)
    runs = (ours + theirs).dropna(axis=1).columns
    ours, theirs = ours[runs], theirs[runs]
    positive = ((ours > 0) & (theirs > 0)).all(axis=1)
    return (ours / theirs).where(positive, np.nan).map(np.log)
