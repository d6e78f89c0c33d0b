"""All that is asked of one set of paired runs: how large a difference is, and how sure that is."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from crossbreed.statistics.intervals import (
    as_relative,
    as_relative_interval,
    has_ratios,
    spread,
)
from crossbreed.statistics.power import detectable_effect, runs_needed

Values = NDArray[np.float64]
# Fewer pairs than this give no bootstrap interval worth the name.
MINIMUM_RUNS = 3


class Question(NamedTuple):
    """What is asked of every pair of arms.

    Parameters
    ----------
    confidence
        Level of the intervals, between 0 and 1.
    power
        Of the smallest detectable difference and the number of runs needed.
    wanted
        Relative difference of losses for which the number of runs needed is told.
    margin_relative, margin_absolute
        Differences of losses (as a share) and of accuracies that count as none.
    resamples, seed
        Of the bootstrap; of no resamples there are no bootstrap intervals.
    """

    confidence: float
    power: float
    wanted: float
    margin_relative: float
    margin_absolute: float
    resamples: int
    seed: int


@dataclass(frozen=True)
class Answer:
    """What paired runs say.

    None stands where there is nothing to tell it from: no pair, fewer than two (of bootstrap
    intervals: three), or pairs that all differ by the same. Of losses one of which is 0 only what
    ranks and counts is told; what exceeds the largest float64 is not.

    Parameters
    ----------
    runs
        Number of pairs.
    difference
        Of losses the geometric mean of arm / reference, less 1; of accuracies the mean of
        arm - reference. Negative is lower than the reference.
    interval_low, interval_high
        Student's t interval of the difference (of losses, on logarithms).
    bca_low, bca_high
        Bootstrap interval of the same (BCa, Efron 1987, Journal of the American Statistical
        Association 82); with so few runs it is too narrow.
    effect_size
        Mean over standard deviation of the paired differences (Cohen's d for pairs).
    p_paired_t
        Two-sided paired t-test, of losses on logarithms.
    p_wilcoxon
        Two-sided Wilcoxon signed-rank test of the same, exact for few runs.
    p_welch
        Two-sided test of Welch of the same, as if runs were not paired.
    p_equivalence
        Two one-sided paired t-tests (Schuirmann 1987, Journal of Pharmacokinetics and
        Biopharmaceutics 15): small where the difference lies within the margin.
    interquartile_mean
        As `difference`, of the middle half of the pairs (Agarwal et al. 2021, arXiv:2108.13264).
    probability_of_improvement
        That a run of the arm is better than one of the reference, any two runs being compared,
        ties counting half (same source): Mann and Whitney's U over all pairs of runs.
    runs_better
        How many pairs the arm is better in.
    smallest_detectable
        Difference, as a positive number, that a paired t-test of as many runs with this spread
        finds at the wanted power.
    runs_needed
        For the wanted effect at this spread; of losses only. None, too, where more than 1,000.
    """

    runs: int
    difference: float | None
    interval_low: float | None
    interval_high: float | None
    bca_low: float | None
    bca_high: float | None
    effect_size: float | None
    p_paired_t: float | None
    p_wilcoxon: float | None
    p_welch: float | None
    p_equivalence: float | None
    interquartile_mean: float | None
    probability_of_improvement: float | None
    runs_better: int
    smallest_detectable: float | None
    runs_needed: int | None


def compare(arm: Values, reference: Values, relative: bool, asked: Question) -> Answer:
    """Compare paired runs.

    Parameters
    ----------
    arm, reference
        Values of the same runs, shape [n] each, finite. Relative ones are losses, of which less is
        better, at least 0; others accuracies, of which more is.
    relative
        Whether the difference is one of ratios.
    asked
        Levels, margins, resamples.
    """
    shown = as_relative if relative else np.asarray
    ends = as_relative_interval if relative else _as_they_are
    better = -1 if relative else 1
    found: dict[str, float | None] = {}
    if len(arm):
        found["probability_of_improvement"] = float(
            stats.mannwhitneyu(better * arm, better * reference).statistic / len(arm) ** 2
        )
    if not relative:
        paired = arm - reference
    else:
        paired = np.log(arm / reference) if has_ratios(arm, reference) else np.empty(0)
    if len(paired):
        found |= {
            "difference": float(shown(paired.mean())),
            "interquartile_mean": float(shown(stats.trim_mean(paired, 0.25))),
        }
    needed = None
    if spread(paired):
        deviation = float(paired.std(ddof=1))
        test = stats.ttest_1samp(paired, 0)
        low, high = ends(*test.confidence_interval(asked.confidence))
        found |= {
            "interval_low": float(low),
            "interval_high": float(high),
            "effect_size": float(paired.mean() / deviation),
            "p_paired_t": float(test.pvalue),
            "p_wilcoxon": float(stats.wilcoxon(paired).pvalue),
            "p_welch": _welch(arm, reference, relative),
            "p_equivalence": _equivalence(paired, relative, asked),
        }
        found["bca_low"], found["bca_high"] = map(float, ends(*_bootstrap(paired, asked)))
        alpha = 1 - asked.confidence
        effect = detectable_effect(len(paired), alpha, asked.power)
        if effect is not None:
            found["smallest_detectable"] = float(shown(effect * deviation))
        if relative:
            needed = runs_needed(float(np.log1p(asked.wanted)) / deviation, alpha, asked.power)
    return Answer(
        runs=len(arm),
        runs_better=int((better * (arm - reference) > 0).sum()),
        runs_needed=needed,
        **{name: _known(found.get(name)) for name in _MEASURED},
    )


_MEASURED = tuple(
    name for name in Answer.__annotations__ if name not in ("runs", "runs_better", "runs_needed")
)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _as_they_are(low: ArrayLike, high: ArrayLike) -> Values:
    return np.array([low, high], np.float64)


def _welch(arm: Values, reference: Values, relative: bool) -> float:
    samples = (np.log(arm), np.log(reference)) if relative else (arm, reference)
    with warnings.catch_warnings():
        # One of the two may be the same in all runs.
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(stats.ttest_ind(*samples, equal_var=False).pvalue)


def _equivalence(paired: Values, relative: bool, asked: Question) -> float:
    low, high = -asked.margin_absolute, asked.margin_absolute
    if relative:
        low, high = math.log1p(-asked.margin_relative), math.log1p(asked.margin_relative)
    above = stats.ttest_1samp(paired, low, alternative="greater").pvalue
    below = stats.ttest_1samp(paired, high, alternative="less").pvalue
    return float(max(above, below))


def _bootstrap(paired: Values, asked: Question) -> tuple[float, float]:
    if len(paired) < MINIMUM_RUNS or not asked.resamples:
        return math.nan, math.nan
    # BCa counts the resamples whose mean is the sample's: of five runs, one in 26 holds each once.
    # Sums in another order differ in their last digit, so that is rounded away; as differences from
    # the sample's mean, so that this is 0, which does not lie where rounding goes either way.
    centre = float(paired.mean())
    decimals = 14 - math.ceil(math.log10(float(np.abs(paired).max())))

    def mean(sample: Values, axis: int) -> Values:
        return np.asarray(np.round(sample.mean(axis=axis), decimals))

    with warnings.catch_warnings():
        # A degenerate resampling distribution gives NaN, which is reported as no interval.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        interval = stats.bootstrap(
            (paired - centre,),
            mean,
            confidence_level=asked.confidence,
            n_resamples=asked.resamples,
            method="BCa",
            rng=np.random.default_rng(asked.seed),
        ).confidence_interval
    if not np.isfinite([interval.low, interval.high]).all():
        return math.nan, math.nan
    return centre + float(interval.low), centre + float(interval.high)
