"""Compare arms with a reference, paired by run. The run is the unit; its networks are not."""

from __future__ import annotations

import warnings
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
    reference_mean, arm_mean
        Arithmetic means over the runs.
    difference
        The effect, as `kind` says; negative is lower than the reference.
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
    reference_mean: float
    arm_mean: float
    difference: float
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
    for epoch in sorted(best["epoch"].unique()):
        for metric in (*RATIO_METRICS, *DIFFERENCE_METRICS):
            table = best[best["epoch"] == epoch].pivot_table(
                index="run", columns="arm", values=metric
            )
            for arm in arms:
                if arm not in table or reference not in table:
                    continue
                pairs = table[[reference, arm]].dropna()
                if len(pairs):
                    comparisons.append(
                        _compare(
                            (arm, metric, int(epoch)),
                            pairs[reference].to_numpy(),
                            pairs[arm].to_numpy(),
                            confidence,
                            resamples,
                            seed,
                        )
                    )
    return comparisons


def _compare(
    what: tuple[str, str, int],
    reference: NDArray[np.float64],
    arm: NDArray[np.float64],
    confidence: float,
    resamples: int,
    seed: int,
) -> Comparison:
    name, metric, epoch = what
    relative = metric in RATIO_METRICS
    paired = np.log(arm / reference) if relative else arm - reference
    low, high = _interval(paired, confidence, resamples, seed)
    differ = len(paired) > 1 and np.ptp(paired) > 0
    effect = np.expm1 if relative else np.asarray
    return Comparison(
        arm=name,
        metric=metric,
        epoch=epoch,
        kind="relative" if relative else "absolute",
        runs=len(paired),
        reference_mean=float(reference.mean()),
        arm_mean=float(arm.mean()),
        difference=float(effect(paired.mean())),
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
    """Return comparisons as a table, one row each."""
    return pd.DataFrame([asdict(comparison) for comparison in comparisons])


def summary(comparisons: list[Comparison], reference: str, metric: str) -> str:
    """Say in lines of text how each arm's metric at the last epoch compares with the reference."""
    last = max((comparison.epoch for comparison in comparisons), default=0)
    lines = [f"{metric} of the best network at epoch {last}, against {reference}:"]
    for comparison in comparisons:
        if (comparison.metric, comparison.epoch) != (metric, last):
            continue
        interval = "too few runs for an interval"
        if comparison.interval_low is not None and comparison.interval_high is not None:
            interval = f"{comparison.interval_low:+.1%} to {comparison.interval_high:+.1%}"
        p_value = comparison.p_paired_t
        lines.append(
            f"  {comparison.arm:20} {comparison.difference:+7.1%}  ({interval}; "
            f"paired t p = {'none' if p_value is None else f'{p_value:.2g}'}; "
            f"{comparison.runs} runs)"
        )
    return "\n".join(lines)
