"""The paper's numbers, and which of their differences are more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, get_args

import pandas as pd
from scipy import stats

from crossbreed.config.published import Published, PublishedMetric

PUBLISHED_METRICS: tuple[str, ...] = get_args(PublishedMetric)
_COLUMNS = [
    *("metric", "mode", "published", "reference", "published_reference"),
    *("difference", "smallest_credible_difference", "within_noise", "text_says"),
]


def published_value(published: Published, mode: str, metric: str) -> float:
    """Return a published number; NaN if it is not known."""
    numbers: Mapping[Any, float] = published.runs.get(mode, {})
    return numbers.get(metric, math.nan)


def credible_difference(published: Published, metric: PublishedMetric, confidence: float) -> float:
    """Return how much two single runs of one setting differ by at most, at a level.

    Their difference has the standard deviation sd sqrt(2), and sd is itself an estimate from few
    runs, hence Student's t with count - 1 degrees of freedom. NaN where sd is not known.
    """
    spread = published.spread
    t = float(stats.t.ppf((1 + confidence) / 2, spread.count - 1))
    return t * math.sqrt(2) * spread.standard_deviation.get(metric, math.nan)


def published_differences(published: Published, confidence: float) -> pd.DataFrame:
    """Say of each published difference from the reference whether two single runs differ as much.

    A row for each metric and mode with a published number, the reference apart. within_noise is
    empty where the spread of single runs, or the reference's number, is not known; text_says where
    the text says nothing.
    """
    rows = []
    for mode, numbers in published.runs.items():
        if mode == published.reference:
            continue
        for metric, value in numbers.items():
            reference = published_value(published, published.reference, metric)
            difference = value - reference
            noise = credible_difference(published, metric, confidence)
            known = math.isfinite(difference) and math.isfinite(noise)
            within = abs(difference) <= noise if known else None
            said = published.text_says.get(mode, {}).get(metric)
            rows.append(
                (
                    *(metric, mode, value, published.reference, reference),
                    *(difference, noise, within, said),
                )
            )
    return pd.DataFrame(rows, columns=_COLUMNS)
