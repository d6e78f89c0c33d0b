"""What was measured for a claim, and the verdict that its rule gives."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from crossbreed.config.claims import Region

Verdict = Literal["supported", "contradicted", "inconclusive"]


class Measured(NamedTuple):
    """A statistic with its interval and p value, NaN where there is none.

    `runs` are the independent repetitions that it is from: runs, search seeds, or published runs.
    """

    value: float
    low: float
    high: float
    runs: int
    p: float


NOTHING = Measured(math.nan, math.nan, math.nan, 0, math.nan)


def verdict(measured: Measured, holds: Region, least_runs: int = 0) -> Verdict:
    """Judge a claim by where the interval of its statistic lies.

    Supported if the whole interval lies in the region in which the claim `holds`, contradicted if
    none of it does; else, or where there is no interval or fewer than `least_runs`, inconclusive.
    """
    low, high = measured.low, measured.high
    if math.isnan(low) or math.isnan(high) or measured.runs < least_runs:
        return "inconclusive"
    above = -math.inf if holds.above is None else holds.above
    below = math.inf if holds.below is None else holds.below
    if above < low and high < below:
        return "supported"
    if high <= above or low >= below:
        return "contradicted"
    return "inconclusive"
