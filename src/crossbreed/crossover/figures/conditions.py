"""A map of where breeding half way helps and where it hurts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, PercentFormatter

from crossbreed.crossover.results.contrasts import NO_CONTRAST, NO_PAIR, UNDEFINED
from crossbreed.crossover.results.summary import named
from crossbreed.figures.style import COLOURS, blank, marker, plain

# Where the largest of a panel's differences and interval ends is so many times the middle one of
# its differences, a linear axis would press most conditions against 0.
_FAR = 10


def conditions_map(
    table: pd.DataFrame,
    labels: Mapping[str, str],
    metrics: Sequence[str],
    margin: float,
    confidence: float,
) -> Figure:
    """Draw the relative difference of every contrast under every condition.

    Conditions are rows, grouped by what they change; a panel for each metric, a loss.

    Parameters
    ----------
    table
        See `results.conditions.conditions_table`.
    labels
        Each arm's name for readers.
    metrics
        Losses to show.
    margin
        Relative difference that counts as none.
    confidence
        Level of the intervals, for the title.
    """
    conditions = table.drop_duplicates("condition")
    contrasts = list(dict.fromkeys(zip(table["arm"], table["reference"], strict=True)))
    places, lines = _rows(conditions)
    if not contrasts:
        return blank(NO_CONTRAST)
    figure = Figure(figsize=(10, 1.6 + 0.34 * (len(places) + len(lines))), layout="constrained")
    grid = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    drawn = {}
    for axes, metric in zip(grid, metrics, strict=True):
        shown = table[table["metric"] == metric]
        axes.axvspan(-margin, margin, color="0.92", lw=0)
        axes.axvline(0, color="0.5", linewidth=0.8)
        for line in lines:
            axes.axhline(line, color="0.85", linewidth=0.8)
        for row in shown.to_dict("records"):
            position = contrasts.index((row["arm"], row["reference"]))
            height = places[row["condition"]] + 0.5 * (0.5 - (position + 0.5) / len(contrasts))
            ends = np.array([row["interval_low"], row["interval_high"]], np.float64)
            colour = COLOURS[(position + 1) % len(COLOURS)]
            if np.isfinite(ends).all():
                axes.plot(ends, (height, height), color=colour, linewidth=1.2)
            if np.isnan(row["difference"]):
                words = UNDEFINED if row["runs"] else NO_PAIR
                axes.annotate(words, (0, height), fontsize=6, ha="center", va="center")
            (drawn[position],) = axes.plot(
                row["difference"], height, marker=marker(position), color=colour, ms=5, ls=""
            )
        axes.set_title(named(metric), fontsize=10)
        axes.set_yticks(
            [places[name] for name in conditions["condition"]], conditions["label"], fontsize=8
        )
        words = "helps  ←  difference  →  hurts"
        if _far_apart(shown, margin):
            _both_ways_logarithmic(axes, margin)
            words += f"\n(logarithmic outside the grey band, ±{100 * margin:g} %)"
        else:
            axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel(words, fontsize=8)
        plain(axes)
    names = [
        f"{labels.get(arm, arm)} against {labels.get(reference, reference)}"
        for arm, reference in contrasts
    ]
    figure.legend(
        [drawn[place] for place in sorted(drawn)],
        [names[place] for place in sorted(drawn)],
        loc="outside lower center",
        ncols=1 if len(contrasts) < 3 else 2,
        fontsize=8,
    )
    figure.suptitle(f"Breeding under each condition, with {100 * confidence:g} % intervals")
    return figure


def _far_apart(shown: pd.DataFrame, margin: float) -> bool:
    """Tell whether differences are too unlike in size for a linear axis."""
    middle = max(shown["difference"].abs().median(), margin)
    ends = shown[["difference", "interval_low", "interval_high"]].to_numpy(np.float64)
    return bool(np.nanmax(np.abs(ends), initial=0) > _FAR * middle)


def _both_ways_logarithmic(axes: Axes, margin: float) -> None:
    """Give an axis of differences a scale that is linear up to `margin` and logarithmic beyond."""
    low, high = axes.get_xlim()
    axes.set_xscale("symlog", linthresh=margin, linscale=0.5)
    axes.set_xlim(low, high)
    powers = 10.0 ** np.arange(np.floor(np.log10(margin)), np.ceil(np.log10(max(-low, high))) + 1)
    # At 1 and 3 times each power while there are few.
    sizes = [power * digit for power in powers for digit in ((1, 3) if len(powers) < 4 else (1,))]
    ends = [size for size in sizes if size > margin]
    axes.xaxis.set_major_locator(FixedLocator([*(-size for size in ends), 0, *ends]))
    axes.xaxis.set_minor_locator(NullLocator())


def _rows(conditions: pd.DataFrame) -> tuple[dict[str, float], list[float]]:
    """Return the height of each condition, top down, and those of the lines between groups."""
    places: dict[str, float] = {}
    lines = []
    height, before = 0.0, None
    for name, group in zip(conditions["condition"], conditions["group"], strict=True):
        if before is not None and group != before:
            height -= 0.4
            lines.append(height - 0.3)
            height -= 0.4
        places[name] = height = height - (before is not None) * 0.6
        before = group
    return places, lines
