"""How fast arms reach a loss, as the share of runs that have reached it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crossbreed.crossover.results.time_to_target import PARENTS, REFERENCE_FINAL, share_reached
from crossbreed.figures.style import line_style, plain, say

_PANELS = {
    PARENTS: "epochs after breeding until the best\noffspring is back at the best parent's loss",
    REFERENCE_FINAL: "epochs until the loss that {reference}\nends with in the same run",
}


def time_to_target(
    times: pd.DataFrame, labels: Mapping[str, str], reference: str, words: str
) -> Figure:
    """Draw which share of runs has reached its target after so many epochs (Kaplan and Meier).

    A line that ends below 100 % has runs that never did. `times` is the table of
    `results.time_to_target.times_to_targets`, `labels` has each arm's name for readers, in order.
    """
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    lines = {}
    for axes, (target, name) in zip(figure.subplots(1, 2), _PANELS.items(), strict=True):
        shown = times[times["target"] == target]
        end = shown["epochs"].max() if len(shown) else 1
        if shown.empty:
            say(axes, "no run has such a loss")
        for position, (arm, label) in enumerate(labels.items()):
            group = shown[shown["arm"] == arm]
            if group.empty:
                continue
            steps = share_reached(group)
            # A little apart, so that lines that coincide can be told.
            shift = 0.004 * (position - len(labels) / 2)
            heights = [share + shift for share in steps.share]
            (lines[label],) = axes.step(
                [*steps.epochs, end], [*heights, heights[-1]], where="post", **line_style(position)
            )
        axes.set_ylim(-0.04, 1.06)
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(name.format(reference=labels.get(reference, reference)))
        axes.set_ylabel("runs that have reached it")
        plain(axes)
    if lines:
        figure.legend(list(lines.values()), list(lines), loc="outside lower center", ncols=3)
    figure.suptitle(words)
    return figure
