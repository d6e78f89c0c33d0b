"""The poster's figure: the best training loss over epochs, with all arms and all runs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crossbreed.config.schema import Figures
from crossbreed.crossover.results.contrasts import UNDEFINED, logarithms_of_ratios
from crossbreed.crossover.results.summary import ENORMOUS
from crossbreed.figures.style import (
    band,
    line_style,
    logarithmic,
    mark_events,
    plain,
    say,
)
from crossbreed.statistics.intervals import as_relative


def learning_curves(
    by_epoch: pd.DataFrame,
    labels: Mapping[str, str],
    reference: str,
    events: list[int],
    words: Figures,
    confidence: float,
) -> Figure:
    """Draw the best training loss over epochs, and its difference from the reference, per arm.

    Left: mean over runs with the t interval of the mean. Right: geometric mean of the paired ratio
    to the reference, less 1, with the t interval of its logarithm's mean; what varies from run to
    run alike in both arms cancels there. Faint lines are single runs. A run whose networks have all
    diverged at some epoch is left out of its arm altogether, and the legend says so: a mean over
    other runs before than after would jump. Where a loss is 0 there is no ratio: lines break off.

    Parameters
    ----------
    by_epoch
        run, arm, epoch, best_train_loss; NaN where all networks have diverged.
    labels
        For each arm, in the order of the legend, its name for readers.
    reference
        The arm that differences are taken from.
    events
        Epochs at which an arm breeds.
    words
        Title and axis labels.
    confidence
        Level of the bands.
    """
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    losses = by_epoch.pivot(index="epoch", columns=["arm", "run"], values="best_train_loss")
    runs = by_epoch["run"].nunique()
    lines, legend, defined = [], [], False
    for position, (arm, label) in enumerate(labels.items()):
        ours, theirs = (pd.DataFrame(losses[name]).dropna(axis=1) for name in (arm, reference))
        kept = ours.shape[1]
        legend.append(label if kept == runs else f"{label} ({kept} of {runs} runs)")
        style = line_style(position) | {"label": legend[-1]}
        drawn = len(left.get_lines())
        band(left, ours, confidence, style)
        lines.append(left.get_lines()[drawn])
        ratios = logarithms_of_ratios(ours, theirs)
        defined = defined or bool(ratios.notna().any(axis=None))
        band(right, ratios, confidence, style, as_relative, highest=ENORMOUS)
    for axes in (left, right):
        axes.set_xlabel(words.epoch_label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        mark_events(axes, events)
        plain(axes)
    left.set_ylabel(words.loss_label)
    logarithmic(left, losses)
    right.set_ylabel(f"difference from {labels[reference]}")
    right.yaxis.set_major_formatter(PercentFormatter(1))
    if not defined:
        say(right, UNDEFINED if losses.notna().any(axis=None) else "all networks have diverged")
    figure.suptitle(words.title)
    # Named one by one: of its own accord a legend leaves out labels that start with "_".
    figure.legend(lines, legend, loc="outside lower center", ncols=3)
    return figure
