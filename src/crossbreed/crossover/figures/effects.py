"""Effects with their intervals, as a forest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crossbreed.crossover.results.contrasts import NO_CONTRAST, NO_PAIR, UNDEFINED
from crossbreed.crossover.results.summary import ENORMOUS, named
from crossbreed.figures.style import COLOURS, blank, plain

_COLUMNS = 3


def forest(
    comparison: pd.DataFrame,
    labels: Mapping[str, str],
    margins: Mapping[str, float],
    confidence: float,
) -> Figure:
    """Draw every contrast at the last epoch with its interval, a panel for each metric.

    The primary comparison is filled. The grey band holds the differences that count as none. What
    has no difference is named as such.

    Parameters
    ----------
    comparison
        See `results.contrasts.compare_arms`.
    labels
        Each arm's name for readers.
    margins
        By kind ("relative", "absolute"), the differences that count as none.
    confidence
        Level of the intervals, for the title.
    """
    last = comparison[comparison["epoch"] == comparison["epoch"].max()]
    metrics = list(last["metric"].unique())
    contrasts = list(dict.fromkeys(zip(last["arm"], last["reference"], strict=True)))
    if not contrasts:
        return blank(NO_CONTRAST)
    rows = -(-len(metrics) // _COLUMNS)
    height = 0.9 + rows * (0.8 + 0.33 * len(contrasts))
    figure = Figure(figsize=(11, height), layout="constrained")
    grid = figure.subplots(rows, min(_COLUMNS, len(metrics)), sharey=True, squeeze=False)
    names = [
        f"{labels.get(arm, arm)}\nagainst {labels.get(reference, reference)}"
        for arm, reference in contrasts
    ]
    places = {contrast: -place for place, contrast in enumerate(contrasts)}
    for axes in grid.flat[len(metrics) :]:
        axes.set_visible(False)
    for axes, metric in zip(grid.flat, metrics, strict=False):
        shown = last[last["metric"] == metric]
        margin = margins[shown["kind"].iloc[0]]
        axes.axvspan(-margin, margin, color="0.92", lw=0)
        axes.axvline(0, color="0.5", linewidth=0.8)
        for row in shown.to_dict("records"):
            place = places[row["arm"], row["reference"]]
            ends = np.array([row["interval_low"], row["interval_high"]], np.float64)
            if np.isfinite(ends).all() and ends.max() < ENORMOUS:
                axes.plot(ends, (place, place), color=COLOURS[2], linewidth=1.4)
            if np.isnan(row["difference"]):
                words = UNDEFINED if row["runs"] else NO_PAIR
                axes.annotate(words, (0, place), fontsize=7, ha="center", va="bottom")
                # So that the axis has room for its row.
                axes.plot(0, place, ls="")
                continue
            axes.plot(
                row["difference"],
                place,
                marker="D" if row["primary"] else "o",
                markersize=6,
                color=COLOURS[2],
                markerfacecolor=COLOURS[2] if row["primary"] else "white",
            )
        axes.set_title(named(metric), fontsize=10)
        axes.set_yticks(list(places.values()), names, fontsize=7)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        if shown["kind"].iloc[0] == "absolute":
            axes.set_xlabel("percentage points", fontsize=8)
        plain(axes)
    figure.suptitle(
        f"Differences after epoch {last['epoch'].iloc[0]}, with {100 * confidence:g} % intervals"
    )
    return figure
