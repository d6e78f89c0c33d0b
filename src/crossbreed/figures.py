"""Figures of the crossover study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, PercentFormatter
from numpy.typing import NDArray
from scipy.special import stdtrit

from crossbreed.config.schema import Figures
from crossbreed.files import whole_file

# Okabe and Ito's colours, told apart by colour-blind readers; line styles tell them apart in grey.
# Seven and six, so that their pairs come round after 42 arms only.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))

# Multiples of the powers of ten that are marked on an axis of many or few of them.
_WIDE = (1, 2, 5)
_NARROW = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


def line_style(position: int) -> dict[str, Any]:
    """Return colour and line style of the arm or mode at a position of the legend."""
    return {
        "color": COLOURS[position % len(COLOURS)],
        "linestyle": STYLES[position % len(STYLES)],
    }


def learning_curves(
    best: pd.DataFrame,
    labels: Mapping[str, str],
    reference: str,
    events: Sequence[int],
    words: Figures,
    confidence: float,
) -> Figure:
    """Draw the best training loss over epochs, and its difference from the reference, per arm.

    Left: mean over runs with the t interval of the mean. Right: geometric mean of the paired ratio
    to the reference, less 1, with the t interval of its logarithm's mean; what varies from run to
    run alike in both arms cancels there. A run whose networks have all diverged at some epoch is
    left out of its arm altogether, and the legend says so: a mean over other runs before than
    after would jump.

    Parameters
    ----------
    best
        run, arm, epoch, train_loss; NaN where all networks have diverged.
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
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    losses = best.pivot(index="epoch", columns=["arm", "run"], values="train_loss")
    runs = best["run"].nunique()
    legend = []
    for position, (arm, label) in enumerate(labels.items()):
        ours, theirs = (pd.DataFrame(losses[name]).dropna(axis=1) for name in (arm, reference))
        kept = ours.shape[1]
        legend.append(label if kept == runs else f"{label} ({kept} of {runs} runs)")
        style = line_style(position) | {"label": legend[-1]}
        _band(left, ours, confidence, style)
        ratios = (ours / theirs).dropna(axis=1)
        _band(right, ratios.map(np.log), confidence, style, np.expm1)
    for axes in (left, right):
        for epoch in events:
            axes.axvline(epoch, color="0.6", linewidth=0.8, linestyle=":")
        axes.set_xlabel(words.epoch_label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    left.set_ylabel(words.loss_label)
    # Where every run has lost its networks there is nothing whose logarithm could be taken.
    if np.isfinite(left.dataLim.height):
        left.set_yscale("log")
        low, high = left.get_ylim()
        left.yaxis.set_major_locator(LogLocator(subs=_WIDE if high > 8 * low else _NARROW))
        left.yaxis.set_major_formatter("{x:g}")
        left.yaxis.set_minor_locator(NullLocator())
    right.set_ylabel(f"difference from {labels[reference]}")
    right.yaxis.set_major_formatter(PercentFormatter(1))
    figure.suptitle(words.title)
    # Named one by one: of its own accord a legend leaves out labels that start with "_".
    figure.legend(left.get_lines()[: len(legend)], legend, loc="outside lower center", ncols=3)
    # Words are drawn as they were given; a stray "$" would be an error in a formula.
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure whole, in the format of the path's suffix; the same figure, the same bytes."""
    with mpl.rc_context({"svg.hashsalt": "crossbreed"}), whole_file(path) as temporary:
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(temporary, dpi=200, metadata=metadata)


def _band(
    axes: Axes,
    values: pd.DataFrame,
    confidence: float,
    style: Mapping[str, Any],
    shown: Callable[[NDArray[np.float64]], NDArray[np.float64]] = np.asarray,
) -> None:
    """Draw the mean over columns and its t interval, both as `shown` transforms them."""
    epochs = values.index.to_numpy()
    mean = values.mean(axis=1).to_numpy()
    runs = values.count(axis=1).to_numpy()
    axes.plot(epochs, shown(mean), **style)
    if (runs > 1).all():
        half = stdtrit(runs - 1, (1 + confidence) / 2) * values.sem(axis=1).to_numpy()
        low, high = shown(mean - half), shown(mean + half)
        axes.fill_between(epochs, low, high, color=style["color"], alpha=0.15, lw=0)
    axes.margins(x=0.01)
