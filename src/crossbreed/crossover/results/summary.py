"""The crossover study's comparisons in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from crossbreed.config.comparison import Statistics
from crossbreed.crossover.results.contrasts import MISSING, UNDEFINED

# From here on digits would fill lines, and axes be drawn for an interval alone: two runs can have
# such ones.
ENORMOUS = 1e6
Row = Mapping[Hashable, Any]


def summary(comparisons: pd.DataFrame, declared: Statistics) -> str:
    """Say in lines of text how arms compare at the last epoch; see `contrasts.compare_arms`.

    In the primary metric, and in the test loss: who fits the training images better may do worse
    on others.
    """
    final = comparisons[comparisons["epoch"] == comparisons["epoch"].max()]
    lines = []
    for metric in dict.fromkeys((declared.primary.metric, "test_loss")):
        rows = final[final["metric"] == metric].to_dict("records")
        if not rows:
            continue
        lines.append(
            f"{named(metric)} at epoch {rows[0]['epoch']} ({declared.confidence:.0%} t interval):"
        )
        names = [
            f"{row['arm']} against {row['reference']}" + (" (primary)" if row["primary"] else "")
            for row in rows
        ]
        width = max(map(len, names))
        for name, row in zip(names, rows, strict=True):
            lines.append(f"  {name:{width}}  {difference_in_words(row, _certainty(row))}")
    primary = final[final["primary"].astype(bool)].to_dict("records")
    if primary:
        lines += _resolution(primary[0], declared)
    else:
        lines.append(
            f"The primary comparison, {declared.primary.arm} against {declared.primary.reference}, "
            "was not run."
        )
    if final["missing_runs"].any():
        lines.append(MISSING)
    return "\n".join(lines)


def named(metric: str) -> str:
    """Return a metric's name for readers."""
    words = metric.removeprefix("whole_").replace("_", " ").replace("train ", "training ")
    where = " over the whole split" if metric.startswith("whole_") else ""
    return words[0].upper() + words[1:] + where


def percent(share: float, sign: str = "+") -> str:
    """Write a share in per cent without the unit; an enormous one by its power of ten."""
    form = ".1f" if abs(share) < ENORMOUS else ".0e"
    return f"{100 * share:{sign}{form}}"


def difference_in_words(row: Row, certainty: str) -> str:
    """Say how large the difference of a comparison is, how certain, and of how many runs."""
    runs = f"{row['runs']} run{'' if row['runs'] == 1 else 's'}"
    missing = row.get("missing_runs")
    if not pd.isna(missing) and missing:
        runs += f", missing: {missing}"
    if pd.isna(row["difference"]):
        return f"{UNDEFINED if row['runs'] else 'nothing to compare'} ({runs})"
    return f"{percent(row['difference']):>6}%  ({certainty}; {runs})"


def interval_in_words(row: Row) -> str:
    """Write the interval of a comparison's difference."""
    return f"{percent(row['interval_low'])}% to {percent(row['interval_high'])}%"


def _certainty(row: Row) -> str:
    if pd.isna(row["interval_low"]):
        why = "too few runs" if row["runs"] < 2 else "all pairs differ by the same"
        if not pd.isna(row["p_paired_t"]):
            why = "too wide to be written"
        return f"no interval: {why}"
    p, correction = row["p_holm"], ", corrected"
    if row["primary"]:
        p, correction = row["p_paired_t"], ""
    return f"{interval_in_words(row)}; paired t p = {p:.2g}{correction}"


def _resolution(row: Row, declared: Statistics) -> list[str]:
    if pd.isna(row["smallest_detectable"]):
        return []
    needed = "more than 1000" if pd.isna(row["runs_needed"]) else row["runs_needed"]
    return [
        f"With the spread of these {row['runs']} runs the primary comparison finds differences of "
        f"{percent(row['smallest_detectable'], '')}% or more at {declared.power:.0%} power; for "
        f"one of {declared.wanted_effect:.0%} it needs {needed} runs."
    ]
