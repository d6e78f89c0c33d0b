"""How many runs show how large a difference: the power of the paired t-test."""

from __future__ import annotations

import math
import warnings
from bisect import bisect_left
from functools import cache

import numpy as np

# More runs than this are not worth a number.
_MOST_RUNS = 1_000


@cache
def detectable_effect(runs: int, alpha: float, power: float) -> float:
    """Return the smallest effect size that a two-sided paired t-test finds with a given power.

    An effect size is the mean over the standard deviation of the paired differences. `runs` are
    pairs, `alpha` is the level of the test; NaN with fewer than two runs.
    """
    from statsmodels.stats.power import TTestPower

    if runs < 2:
        return math.nan
    with warnings.catch_warnings():
        # With two runs the search for it does not always converge.
        warnings.simplefilter("ignore")
        solved = TTestPower().solve_power(None, nobs=runs, alpha=alpha, power=power)
    effect = float(np.squeeze(solved))
    return effect if math.isfinite(effect) else math.nan


def runs_needed(effect: float, alpha: float, power: float) -> int | None:
    """Return how many runs a two-sided paired t-test needs to find a positive effect size.

    As `detectable_effect`; None where more than 1,000 are needed.
    """
    from statsmodels.stats.power import TTestPower

    def reached(runs: int) -> float:
        probability = float(TTestPower().power(effect, runs, alpha))
        # An effect beyond what the noncentral distribution is computed for is found for sure.
        return 1.0 if math.isnan(probability) else probability

    candidates = range(2, _MOST_RUNS + 1)
    place = bisect_left(candidates, power, key=reached)
    return candidates[place] if place < len(candidates) else None


def before_the_run(runs: int, confidence: float, power: float, unit: str = "runs") -> str:
    """Say what so many runs, or other units of the statistics, can show, before any is made."""
    alpha = 1 - confidence
    effect = detectable_effect(runs, alpha, power)
    if math.isnan(effect):
        return "no difference can be told from chance"
    said = (
        f"a paired t-test finds differences of {effect:.1f} times their spread over {unit} or more "
        f"(at {power:.0%} power)"
    )
    # The smallest p that an exact two-sided signed-rank test of so many runs can give.
    smallest = 2.0 ** (1 - runs)
    if smallest >= alpha:
        said += f"; an exact rank test cannot go below p = {smallest:.3f}, so it finds none"
    return said
