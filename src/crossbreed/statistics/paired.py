"""All that is asked of one set of paired runs: how large a difference is, and how sure that is."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from crossbreed.config.comparison import Margin, Statistics
from crossbreed.statistics.intervals import (
    as_relative,
    as_relative_interval,
    log_ratios,
    spread,
)
from crossbreed.statistics.power import detectable_effect, runs_needed

Values = NDArray[np.float64]
# Fewer pairs than this give no bootstrap interval worth the name.
MINIMUM_RUNS = 3


@dataclass(frozen=True)
class Answer:
    """What paired runs say.

    NaN stands where there is nothing to tell it from: no pair, fewer than two (of bootstrap
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
    runs_better: int
    difference: float = math.nan
    interval_low: float = math.nan
    interval_high: float = math.nan
    bca_low: float = math.nan
    bca_high: float = math.nan
    effect_size: float = math.nan
    p_paired_t: float = math.nan
    p_wilcoxon: float = math.nan
    p_welch: float = math.nan
    p_equivalence: float = math.nan
    interquartile_mean: float = math.nan
    probability_of_improvement: float = math.nan
    smallest_detectable: float = math.nan
    runs_needed: int | None = None


def compare(
    arm: Values, reference: Values, relative: bool, declared: Statistics, seed: int
) -> Answer:
    """Compare paired runs.

    Parameters
    ----------
    arm, reference
        Values of the same runs, shape [n] each, finite. Relative ones are losses, of which less is
        better, at least 0; others accuracies, of which more is.
    relative
        Whether the difference is one of ratios.
    declared
        Levels, margins, resamples of the bootstrap; of no resamples there are no bootstrap
        intervals.
    seed
        Of the bootstrap.
    """
    shown = as_relative if relative else np.asarray
    ends = as_relative_interval if relative else _as_they_are
    better = -1 if relative else 1
    answer = Answer(len(arm), int((better * (arm - reference) > 0).sum()))
    if len(arm):
        improved = stats.mannwhitneyu(better * arm, better * reference).statistic / len(arm) ** 2
        answer = replace(answer, probability_of_improvement=float(improved))
    paired = log_ratios(arm, reference) if relative else arm - reference
    if len(paired):
        answer = replace(
            answer,
            difference=float(shown(paired.mean())),
            interquartile_mean=float(shown(stats.trim_mean(paired, 0.25))),
        )
    if not spread(paired):
        return answer
    deviation = float(paired.std(ddof=1))
    test = stats.ttest_1samp(paired, 0)
    interval_low, interval_high = ends(*test.confidence_interval(declared.confidence))
    bca_low, bca_high = ends(*_bootstrap(paired, declared, seed))
    alpha = 1 - declared.confidence
    wanted = math.log1p(declared.wanted_effect) / deviation
    return replace(
        answer,
        interval_low=float(interval_low),
        interval_high=float(interval_high),
        bca_low=float(bca_low),
        bca_high=float(bca_high),
        effect_size=float(paired.mean() / deviation),
        p_paired_t=float(test.pvalue),
        p_wilcoxon=float(stats.wilcoxon(paired).pvalue),
        p_welch=_welch(arm, reference, relative),
        p_equivalence=_equivalence(paired, relative, declared.margin),
        smallest_detectable=float(
            shown(detectable_effect(len(paired), alpha, declared.power) * deviation)
        ),
        runs_needed=runs_needed(wanted, alpha, declared.power) if relative else None,
    )


def _as_they_are(low: ArrayLike, high: ArrayLike) -> Values:
    return np.array([low, high], np.float64)


def _welch(arm: Values, reference: Values, relative: bool) -> float:
    samples = (np.log(arm), np.log(reference)) if relative else (arm, reference)
    with warnings.catch_warnings():
        # One of the two may be the same in all runs.
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(stats.ttest_ind(*samples, equal_var=False).pvalue)


def _equivalence(paired: Values, relative: bool, margin: Margin) -> float:
    low, high = -margin.absolute, margin.absolute
    if relative:
        low, high = math.log1p(-margin.relative), math.log1p(margin.relative)
    above = stats.ttest_1samp(paired, low, alternative="greater").pvalue
    below = stats.ttest_1samp(paired, high, alternative="less").pvalue
    return float(max(above, below))


def _bootstrap(paired: Values, declared: Statistics, seed: int) -> tuple[float, float]:
    if len(paired) < MINIMUM_RUNS or not declared.resamples:
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
            confidence_level=declared.confidence,
            n_resamples=declared.resamples,
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    if not np.isfinite([interval.low, interval.high]).all():
        return math.nan, math.nan
    return centre + float(interval.low), centre + float(interval.high)
