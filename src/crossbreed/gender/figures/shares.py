"""Figure of how well predictors rank, by the share of a training that they have seen."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from crossbreed.figures.style import plain
from crossbreed.gender.figures import words
from crossbreed.gender.figures.style import styles, titled


def shares_figure(shares: pd.DataFrame, early: float, title: str) -> Figure:
    """Draw Kendall's tau, with the interval over the table, and the regret of each predictor.

    `shares` are those of `results.shares.shares_table`; a vertical line is the share at which
    searches select.
    """
    figure = Figure(figsize=(10, 5.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    look = styles({str(name): "" for name in shares["predictor"].unique()})
    lines: list[Line2D] = []
    for name, own in shares.groupby("predictor", sort=False):
        label, style = str(name).replace("_", " "), look[str(name)]
        x = own["share"].to_numpy()
        lines += left.plot(x, own["tau"].to_numpy(), label=label, **style)
        left.fill_between(
            x, own["table_low"], own["table_high"], color=style["color"], alpha=0.06, lw=0
        )
        right.plot(x, own["regret_1"].to_numpy(), **style)
    for axes, label in ((left, words.SHARE_TAU_AXIS), (right, words.REGRET_AXIS)):
        axes.axvline(early, color="0.6", lw=0.8)
        axes.set_xlabel(words.SHARE_AXIS)
        axes.set_ylabel(label)
        plain(axes)
    return titled(figure, title, lines)
