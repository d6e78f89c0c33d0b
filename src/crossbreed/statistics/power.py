"""How many runs show how large a difference: the power of the paired t-test."""

from __future__ import annotations

import math
import warnings
from functools import cache

import numpy as np

# More runs than this are not worth a number.
_MOST_RUNS = 1_000


@cache
def detectable_effect(runs: int, alpha: float, power: float) -> float | None:
    """Return the smallest effect size that a two-sided paired t-test finds with a given power.

    Parameters
    ----------
    runs
        Number of pairs.
    alpha
        Level of the test.
    power
        Wanted probability of finding the effect.

    Returns
    -------
    float or None
        Mean over standard deviation of the paired differences; None with fewer than two runs.
    """
    from statsmodels.stats.power import TTestPower

    if runs < 2:
        return None
    with warnings.catch_warnings():
        # With two runs the search for it does not always converge.
        warnings.simplefilter("ignore")
        found = TTestPower().solve_power(None, nobs=runs, alpha=alpha, power=power)
    effect = float(np.squeeze(found))
    return effect if math.isfinite(effect) else None


def runs_needed(effect: float, alpha: float, power: float) -> int | None:
    """Return how many runs a two-sided paired t-test needs to find an effect size.

    Parameters
    ----------
    effect
        Mean over standard deviation of the paired differences, positive.
    alpha, power
        As of `detectable_effect`.

    Returns
    -------
    int or None
        None where more than 1,000 are needed.
    """
    low, high = 2, _MOST_RUNS
    if _power(effect, high, alpha) < power:
        return None
    while low < high:
        middle = (low + high) // 2
        if _power(effect, middle, alpha) >= power:
            high = middle
        else:
            low = middle + 1
    return low


def _power(effect: float, runs: int, alpha: float) -> float:
    from statsmodels.stats.power import TTestPower

    found = float(TTestPower().power(effect, runs, alpha))
    # An effect beyond what the noncentral distribution is computed for is found for sure.
    return 1.0 if math.isnan(found) else found


def smallest_rank_p(runs: int) -> float:
    """Return the smallest p that an exact two-sided signed-rank test of so many runs can give."""
    return min(1.0, 2.0 ** (1 - runs))


def before_the_run(runs: int, confidence: float, power: float) -> str:
    """Say in a line what so many runs can show, before any of them is made."""
    alpha = 1 - confidence
    said = [f"{runs} run{'' if runs == 1 else 's'}"]
    effect = detectable_effect(runs, alpha, power)
    if effect is None:
        return f"{said[0]}: no difference can be told from chance."
    said.append(
        f"a paired t-test finds differences of {effect:.1f} times their spread over runs or more "
        f"(at {power:.0%} power)"
    )
    if smallest_rank_p(runs) >= alpha:
        said.append(
            f"an exact rank test cannot go below p = {smallest_rank_p(runs):.3f}, so it finds none"
        )
    return f"{said[0]}: {'; '.join(said[1:])}."
