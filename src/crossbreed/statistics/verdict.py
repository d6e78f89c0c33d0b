"""What was measured for a claim, and the verdict that its rule gives."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from crossbreed.config.claims import Region

Verdict = Literal["supported", "contradicted", "equivalent", "inconclusive"]


class Measured(NamedTuple):
    """A statistic with its interval and p value, NaN where there is none.

    `runs` are the independent repetitions that it is from: runs, search seeds, or published runs.
    `over` says what the interval is over, where there is a choice.
    """

    value: float
    low: float
    high: float
    runs: int
    p: float
    over: str = ""


NOTHING = Measured(math.nan, math.nan, math.nan, 0, math.nan)


def verdict(
    measured: Measured, holds: Region, least_runs: int = 0, margin: float | None = None
) -> Verdict:
    """Judge a claim by where the interval of its statistic lies.

    Equivalent if it lies within the margin on either side of 0, where there is a margin. Else
    supported if the whole interval lies in the region in which the claim `holds`, contradicted if
    none of it does; otherwise, or where there is no interval or fewer than `least_runs`,
    inconclusive.
    """
    low, high = measured.low, measured.high
    if math.isnan(low) or math.isnan(high) or measured.runs < least_runs:
        return "inconclusive"
    if margin is not None and -margin < low and high < margin:
        return "equivalent"
    above = -math.inf if holds.above is None else holds.above
    below = math.inf if holds.below is None else holds.below
    if above < low and high < below:
        return "supported"
    if high <= above or low >= below:
        return "contradicted"
    return "inconclusive"
