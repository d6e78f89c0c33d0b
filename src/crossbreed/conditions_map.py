"""What arms do under each condition, as a table and in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from crossbreed.statistics.summary import named


class Mapped(NamedTuple):
    """A condition, what readers call it, and its comparisons (see `contrasts.as_table`)."""

    name: str
    label: str
    group: str
    comparison: pd.DataFrame


def load_comparison(path: Path) -> pd.DataFrame:
    """Return the table that `contrasts.as_table` made, numbers of runs as they are there."""
    # Where few are given, pandas would take them for fractions: run 2 for 2.0.
    return pd.read_csv(path, dtype={"missing_runs": "string", "runs_needed": "Int64"})


def conditions_table(conditions: Sequence[Mapped]) -> pd.DataFrame:
    """Return the comparisons of all conditions at their last epoch.

    Returns
    -------
    DataFrame
        condition, label, group, then the columns of `contrasts.as_table`.
    """
    frames = []
    for one in conditions:
        last = one.comparison[one.comparison["epoch"] == one.comparison["epoch"].max()].copy()
        for place, (column, value) in enumerate(
            {"condition": one.name, "label": one.label, "group": one.group}.items()
        ):
            last.insert(place, column, value)
        frames.append(last)
    table: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return table


def points_to(row: Mapping[Hashable, Any], margin: float) -> str:
    """Say in a word which way a difference of losses points, by its interval.

    Parameters
    ----------
    row
        interval_low, interval_high.
    margin
        Relative difference that counts as none.
    """
    low, high = row["interval_low"], row["interval_high"]
    if pd.isna(low):
        return "unknown"
    if high < 0:
        return "helps"
    if low > 0:
        return "hurts"
    return "no difference" if -margin < low and high < margin else "undecided"


def summary(table: pd.DataFrame, metric: str, margin: float, confidence: float) -> str:
    """Say in a line for each condition and contrast how large the difference is.

    Parameters
    ----------
    table
        See `conditions_table`.
    metric
        Which losses to tell.
    margin
        Relative difference that counts as none.
    confidence
        Level of the intervals.
    """
    shown = table[table["metric"] == metric]
    lines = [f"{named(metric)} at the last epoch, by condition ({confidence:.0%} t intervals):"]
    width = max((len(label) for label in shown["label"]), default=0)
    for (arm, reference), group in shown.groupby(["arm", "reference"], sort=False):
        lines.append(f"  {arm} against {reference}:")
        for row in group.to_dict("records"):
            lines.append(f"    {row['label']:{width}}  {_in_words(row, margin)}")
    lines.append(
        "These intervals are not corrected for how many there are: with no difference anywhere, "
        f"about {1 - confidence:.0%} of them would point one way. Conditions that share a baseline "
        "share its luck."
    )
    return "\n".join(lines)


def _in_words(row: Mapping[Hashable, Any], margin: float) -> str:
    runs = f"{row['runs']} run{'' if row['runs'] == 1 else 's'}"
    if not pd.isna(row.get("missing_runs")):
        runs += f", missing: {row['missing_runs']}"
    if pd.isna(row["difference"]):
        return f"nothing to compare ({runs})"
    interval = "no interval"
    if not pd.isna(row["interval_low"]):
        interval = f"{row['interval_low']:+.1%} to {row['interval_high']:+.1%}"
    return f"{row['difference']:+7.1%}  ({interval}; {runs})  {points_to(row, margin)}"
