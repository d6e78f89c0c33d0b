"""What arms do under each condition, as a table and in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import pandas as pd

from crossbreed.crossover.results.contrasts import NO_CONTRAST, UNDEFINED
from crossbreed.crossover.results.summary import named, percent


class Mapped(NamedTuple):
    """A condition, what readers call it, and its comparisons (see `contrasts.as_table`)."""

    name: str
    label: str
    group: str
    comparison: pd.DataFrame


def load_comparison(path: Path | TextIO) -> pd.DataFrame:
    """Return the table that `contrasts.as_table` made, numbers of runs as they are there."""
    # Where few are given, pandas would take them for fractions: run 2 for 2.0.
    return pd.read_csv(path, dtype={"missing_runs": "string", "runs_needed": "Int64"})


def conditions_table(conditions: Sequence[Mapped]) -> pd.DataFrame:
    """Return the comparisons of all conditions at their last epoch.

    Returns
    -------
    DataFrame
        condition, label, group, then the columns of `contrasts.as_table`, then p_over_conditions:
        the p value of the paired t-test, corrected (Holm) for the number of conditions.
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
    families = table.groupby(["arm", "reference", "metric"])["p_paired_t"]
    table["p_over_conditions"] = families.transform(_holm)
    return table


def _holm(p_values: pd.Series[float]) -> pd.Series[float]:
    from statsmodels.stats.multitest import multipletests

    known = p_values.dropna()
    if known.empty:
        return p_values
    return pd.Series(multipletests(known, method="holm")[1], known.index).reindex(p_values.index)


def points_to(row: Mapping[Hashable, Any], margin: float, confidence: float) -> str:
    """Say in a word which way a difference of losses points.

    Parameters
    ----------
    row
        difference, interval_low, interval_high, p_over_conditions.
    margin
        Relative difference that counts as none.
    confidence
        Level: of the interval that must lie within the margin for "no difference", and of the
        test, corrected for the number of conditions, for "helps" and "hurts".
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
    if shown.empty:
        lines.append(f"  {NO_CONTRAST}")
    width = max((len(label) for label in shown["label"]), default=0)
    for (arm, reference), group in shown.groupby(["arm", "reference"], sort=False):
        lines.append(f"  {arm} against {reference}:")
        for row in group.to_dict("records"):
            lines.append(f"    {row['label']:{width}}  {_in_words(row, margin, confidence)}")
    return "\n".join(lines)


def _in_words(row: Mapping[Hashable, Any], margin: float, confidence: float) -> str:
    runs = f"{row['runs']} run{'' if row['runs'] == 1 else 's'}"
    if not pd.isna(row.get("missing_runs")):
        runs += f", missing: {row['missing_runs']}"
    if pd.isna(row["difference"]):
        return f"{UNDEFINED if row['runs'] else 'nothing to compare'} ({runs})"
    interval = "no interval"
    if not pd.isna(row["interval_low"]):
        interval = f"{percent(row['interval_low'])}% to {percent(row['interval_high'])}%"
    word = points_to(row, margin, confidence)
    return f"{percent(row['difference']):>6}%  ({interval}; {runs})  {word}"
