"""Compare arms with a reference, paired by run. The run is the unit; its networks are not."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

# Fewer pairs than this give no bootstrap interval worth the name.
MINIMUM_RUNS = 3
# Losses are compared by their ratio, accuracies by their difference.
RATIO_METRICS = ("train_loss", "validation_loss", "test_loss")
DIFFERENCE_METRICS = ("test_accuracy",)

MISSING = (
    "A run is missing where too few of its networks had not diverged. Runs that diverge are the "
    "worst ones: an arm that lost some looks better here than it is."
)


@dataclass(frozen=True)
class Comparison:
    """One arm against the reference in one metric at one epoch, over paired runs.

    Parameters
    ----------
    arm, metric, epoch
        What is compared.
    kind
        "relative": the geometric mean of arm / reference, less 1. "absolute": mean of
        arm - reference.
    runs
        Number of pairs.
    missing_runs
        Runs that are no pair: in the arm or the reference, no network is left that has not
        diverged.
    reference_mean, arm_mean
        Arithmetic means over the pairs; None without any.
    difference
        The effect, as `kind` says; negative is lower than the reference. None without any pair.
    interval_low, interval_high
        Bootstrap interval of the effect (BCa, Efron 1987); None with fewer than three runs or
        where all pairs differ by the same.
    p_paired_t
        Two-sided paired t-test, on logarithms where relative; None where pairs do not differ.
    p_wilcoxon
        Two-sided Wilcoxon signed-rank test, exact for few runs; None where pairs do not differ.
    """

    arm: str
    metric: str
    epoch: int
    kind: str
    runs: int
    missing_runs: list[int]
    reference_mean: float | None
    arm_mean: float | None
    difference: float | None
    interval_low: float | None
    interval_high: float | None
    p_paired_t: float | None
    p_wilcoxon: float | None


def compare_arms(
    best: pd.DataFrame, reference: str, confidence: float, resamples: int, seed: int
) -> list[Comparison]:
    """Compare every arm with the reference in every metric and epoch.

    Parameters
    ----------
    best
        run, arm, epoch and the metrics of the best network; a metric that was not measured is NaN.
    reference
        The arm compared with.
    confidence
        Level of the intervals, between 0 and 1.
    resamples
        Bootstrap resamples.
    seed
        Of the bootstrap.
    """
    comparisons = []
    arms = [arm for arm in best["arm"].unique() if arm != reference]
    metrics = [
        metric for metric in (*RATIO_METRICS, *DIFFERENCE_METRICS) if best[metric].notna().any()
    ] or ["train_loss"]
    for epoch in sorted(best["epoch"].unique()):
        for metric in metrics:
            table = best[best["epoch"] == epoch].pivot(index="run", columns="arm", values=metric)
            table = table.where(np.isfinite(table))
            comparisons += [
                _compare(
                    (arm, metric, int(epoch)),
                    table[[reference, arm]].set_axis(["reference", "arm"], axis=1),
                    confidence,
                    resamples,
                    seed,
                )
                for arm in arms
                if {reference, arm} <= set(table.columns)
            ]
    return comparisons


def _compare(
    what: tuple[str, str, int],
    runs: pd.DataFrame,
    confidence: float,
    resamples: int,
    seed: int,
) -> Comparison:
    name, metric, epoch = what
    relative = metric in RATIO_METRICS
    pairs = runs.dropna()
    reference, arm = pairs["reference"].to_numpy(), pairs["arm"].to_numpy()
    paired = np.log(arm / reference) if relative else arm - reference
    low, high = _interval(paired, confidence, resamples, seed)
    differ = len(paired) > 1 and np.ptp(paired) > 0
    effect = np.expm1 if relative else np.asarray
    some = len(paired) > 0
    return Comparison(
        arm=name,
        metric=metric,
        epoch=epoch,
        kind="relative" if relative else "absolute",
        runs=len(paired),
        missing_runs=[int(run) for run in runs.index.difference(pairs.index)],
        reference_mean=float(reference.mean()) if some else None,
        arm_mean=float(arm.mean()) if some else None,
        difference=float(effect(paired.mean())) if some else None,
        interval_low=None if low is None else float(effect(low)),
        interval_high=None if high is None else float(effect(high)),
        p_paired_t=float(stats.ttest_1samp(paired, 0).pvalue) if differ else None,
        p_wilcoxon=float(stats.wilcoxon(paired).pvalue) if differ else None,
    )


def _interval(
    paired: NDArray[np.float64], confidence: float, resamples: int, seed: int
) -> tuple[float | None, float | None]:
    if len(paired) < MINIMUM_RUNS or np.ptp(paired) == 0:
        return None, None
    with warnings.catch_warnings():
        # A degenerate resampling distribution gives NaN, which is reported as no interval.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        interval = stats.bootstrap(
            (paired,),
            np.mean,
            confidence_level=confidence,
            n_resamples=resamples,
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    if not np.isfinite([interval.low, interval.high]).all():
        return None, None
    return float(interval.low), float(interval.high)


def as_table(comparisons: list[Comparison]) -> pd.DataFrame:
    """Return comparisons as a table, one row each; missing runs as numbers with spaces between."""
    rows = [asdict(one) | {"missing_runs": listed(one.missing_runs)} for one in comparisons]
    return pd.DataFrame(rows)


def listed(runs: Sequence[int]) -> str:
    """Write the numbers of runs with spaces between."""
    return " ".join(map(str, runs))


def summary(comparisons: list[Comparison], reference: str, metric: str) -> str:
    """Say in lines of text how each arm's metric at the last epoch compares with the reference."""
    last = max((comparison.epoch for comparison in comparisons), default=0)
    shown = [one for one in comparisons if (one.metric, one.epoch) == (metric, last)]
    lines = [f"{metric} of the best network at epoch {last}, against {reference}:"]
    lines += [f"  {one.arm:20} {_in_words(one)}" for one in shown]
    if any(one.missing_runs for one in shown):
        lines.append(MISSING)
    return "\n".join(lines)


def _in_words(one: Comparison) -> str:
    runs = f"{one.runs} run{'' if one.runs == 1 else 's'}"
    if one.missing_runs:
        runs += f", missing: {listed(one.missing_runs)}"
    if one.difference is None:
        return f"nothing to compare ({runs})"
    interval = "too few runs for an interval"
    if one.interval_low is not None and one.interval_high is not None:
        interval = f"{one.interval_low:+.1%} to {one.interval_high:+.1%}"
    p_value = "none" if one.p_paired_t is None else f"{one.p_paired_t:.2g}"
    return f"{one.difference:+7.1%}  ({interval}; paired t p = {p_value}; {runs})"
