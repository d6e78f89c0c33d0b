"""What arms do under each condition, as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

import pandas as pd

from crossbreed.crossover.results.contrasts import NO_CONTRAST
from crossbreed.crossover.results.summary import (
    Row,
    difference_in_words,
    interval_in_words,
    named,
)
from crossbreed.statistics.intervals import holm


class Mapped(NamedTuple):
    """A condition, what readers call it, and its comparisons (see `contrasts.compare_arms`)."""

    name: str
    label: str
    group: str
    comparison: pd.DataFrame


def load_comparison(path: Path | TextIO) -> pd.DataFrame:
    """Return the table that `contrasts.compare_arms` made, numbers of runs as they are there."""
    # Where few are given, pandas would take them for fractions: run 2 for 2.0.
    return pd.read_csv(path, dtype={"missing_runs": "string", "runs_needed": "Int64"})


def conditions_table(conditions: Sequence[Mapped]) -> pd.DataFrame:
    """Return the comparisons of all conditions at their last epoch.

    Returns
    -------
    DataFrame
        condition, label, group, the columns of `contrasts.compare_arms`, then p_over_conditions:
        the p value of the paired t-test, corrected (Holm) for the number of conditions.
    """
    frames = []
    for name, label, group, comparison in conditions:
        last = comparison[comparison["epoch"] == comparison["epoch"].max()].copy()
        last.insert(0, "condition", name)
        last.insert(1, "label", label)
        last.insert(2, "group", group)
        frames.append(last)
    table: pd.DataFrame = pd.concat(frames, ignore_index=True)
    families = table.groupby(["arm", "reference", "metric"])["p_paired_t"]
    table["p_over_conditions"] = families.transform(holm)
    return table


def points_to(row: Row, margin: float, confidence: float) -> str:
    """Say in a word which way a difference of losses points.

    For "no difference" the interval must lie within the `margin`, a relative difference; for
    "helps" and "hurts" the test of level `confidence`, corrected for the number of conditions,
    decides.
    """
    low, high = row["interval_low"], row["interval_high"]
    if pd.isna(low):
        return "unknown"
    if -margin < low and high < margin:
        return "no difference"
    if row["p_over_conditions"] < 1 - confidence:
        return "helps" if row["difference"] < 0 else "hurts"
    return "undecided"


def summary(table: pd.DataFrame, metric: str, margin: float, confidence: float) -> str:
    """Say in a line for each condition and contrast how large the difference in a loss is.

    `table` is that of `conditions_table`, `margin` the relative difference that counts as none.
    """
    shown = table[table["metric"] == metric]
    lines = [f"{named(metric)} at the last epoch, by condition ({confidence:.0%} t intervals):"]
    if shown.empty:
        lines.append(f"  {NO_CONTRAST}")
    width = max((len(label) for label in shown["label"]), default=0)
    for (arm, reference), group in shown.groupby(["arm", "reference"], sort=False):
        lines.append(f"  {arm} against {reference}:")
        for row in group.to_dict("records"):
            lines.append(f"    {row['label']:{width}}  {_in_words(row, margin, confidence)}")
    return "\n".join(lines)


def _in_words(row: Row, margin: float, confidence: float) -> str:
    known = not pd.isna(row["interval_low"])
    interval = interval_in_words(row) if known else "no interval"
    words = difference_in_words(row, interval)
    return words if pd.isna(row["difference"]) else f"{words}  {points_to(row, margin, confidence)}"
