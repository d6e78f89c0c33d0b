"""Single runs and single networks: what a mean does not show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crossbreed.crossover.results.contrasts import NO_CONTRAST, NO_PAIR
from crossbreed.figures.style import (
    COLOURS,
    blank,
    logarithmic,
    marker,
    plain,
    say,
    wrapped,
)

_METRICS = {"best_train_loss": "best training loss", "test_loss": "test loss of that network"}
# Of the line of a run, by the sign of its difference.
_LOOKS = {-1: ("-", COLOURS[2]), 0: ("-", "0.6"), 1: ("--", COLOURS[1])}
_NETWORK_METRICS = {"train_loss": "training loss", "test_loss": "test loss"}


def paired_runs(
    outcomes: pd.DataFrame, labels: Mapping[str, str], reference: str, words: str
) -> Figure:
    """Draw a line for each run from the reference to each other arm, at the last epoch.

    Solid where the arm is lower, dashed where it is higher, grey where it is the same. `outcomes`
    is the table of `results.outcomes.outcomes`, `labels` has each arm's name for readers, in order.
    """
    arms = [arm for arm in labels if arm != reference]
    if not arms:
        return blank(NO_CONTRAST)
    last = outcomes[outcomes["epoch"] == outcomes["epoch"].max()]
    figure = Figure(figsize=(1 + 1.9 * max(len(arms), 2), 5.4), layout="constrained")
    grid = figure.subplots(len(_METRICS), len(arms), sharey="row", squeeze=False)
    for row, (metric, name) in zip(grid, _METRICS.items(), strict=True):
        table = last.pivot(index="run", columns="arm", values=metric)
        for axes, arm in zip(row, arms, strict=True):
            pairs = table[[reference, arm]].dropna()
            for before, after in pairs.to_numpy():
                style, colour = _LOOKS[np.sign(after - before)]
                axes.plot((0, 1), (before, after), ls=style, color=colour, marker="o", ms=3, lw=1)
            if pairs.empty:
                say(axes, wrapped(NO_PAIR))
            axes.set_xlim(-0.25, 1.25)
            axes.set_xticks((0, 1), (wrapped(labels[reference]), wrapped(labels[arm])), fontsize=8)
            plain(axes)
        row[0].set_ylabel(name)
        logarithmic(row[0], table)
    figure.suptitle(words)
    return figure


def all_networks(
    networks: pd.DataFrame, labels: Mapping[str, str], epoch: int, words: str
) -> Figure:
    """Draw the losses of every network of every arm at an epoch, run beside run.

    The best network of a run, by its training loss, is ringed; a line marks the median over all.
    `networks` has run, arm, epoch, network, train_loss and test_loss, NaN where a network has
    diverged; `labels` has each arm's name for readers, in order.
    """
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    at = networks[networks["epoch"] == epoch].dropna(subset=["train_loss"])
    runs = sorted(networks["run"].unique())
    offsets = dict(zip(runs, np.linspace(-0.3, 0.3, len(runs)), strict=True))
    for axes, (metric, name) in zip(figure.subplots(1, 2), _NETWORK_METRICS.items(), strict=True):
        for position, arm in enumerate(labels):
            ours = at[at["arm"] == arm]
            across = position + ours["run"].map(offsets)
            colour = COLOURS[position % len(COLOURS)]
            axes.scatter(
                across, ours[metric], s=10, marker=marker(position), color=colour, alpha=0.5
            )
            best = ours.sort_values("train_loss", kind="stable").drop_duplicates("run")
            axes.scatter(
                position + best["run"].map(offsets),
                best[metric],
                s=45,
                facecolors="none",
                edgecolors=colour,
            )
            if len(ours):
                axes.hlines(
                    ours[metric].median(), position - 0.4, position + 0.4, color="0.3", lw=1
                )
        axes.set_xticks(range(len(labels)), list(labels.values()), fontsize=8)
        axes.tick_params(axis="x", labelrotation=25)
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
        axes.set_ylabel(f"{name} of every network")
        axes.yaxis.set_major_locator(MaxNLocator())
        logarithmic(axes, at[metric])
        if at.empty:
            say(axes, "all networks have diverged")
        plain(axes)
    figure.suptitle(words)
    return figure
