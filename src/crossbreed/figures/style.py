"""What all figures have in common: colours, line styles, axes, how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from crossbreed.statistics.intervals import half_width
from crossbreed.storage.files import whole_file

# Okabe and Ito's colours, told apart by colour-blind readers; line styles tell them apart in grey.
# Seven and six, so that their pairs come round after 42 arms only.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# What a user has set for other figures, in a matplotlibrc, is not for these.
mpl.rcdefaults()

# Multiples of the powers of ten that are marked on an axis of many or few of them.
_WIDE = (1, 2, 5)
_NARROW = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


def line_style(position: int) -> dict[str, Any]:
    """Return colour and line style of the arm or mode at a position of the legend."""
    return {
        "color": COLOURS[position % len(COLOURS)],
        "linestyle": STYLES[position % len(STYLES)],
    }


def marker(position: int) -> str:
    """Return the marker of the arm or mode at a position of the legend."""
    return MARKERS[position % len(MARKERS)]


def plain(axes: Axes) -> None:
    """Take off the frame's upper and right line."""
    axes.spines[["top", "right"]].set_visible(False)


def logarithmic(axes: Axes, losses: ArrayLike) -> None:
    """Give an axis of losses a logarithmic scale with plain numbers, if all have a logarithm."""
    values = np.asarray(losses, np.float64)
    known = values[np.isfinite(values)]
    # Not where every run has lost its networks, nor where a loss is 0, which would not be shown.
    if not len(known) or known.min() <= 0:
        return
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=_WIDE if high > 8 * low else _NARROW))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())


def mark_events(axes: Axes, epochs: Iterable[int]) -> None:
    """Draw a line at each epoch at which an arm breeds, named at its upper end."""
    for epoch in sorted(set(epochs)):
        axes.axvline(epoch, color="0.5", linewidth=0.8, linestyle=":")
        axes.annotate(
            "breeding",
            (epoch, 1),
            xycoords=("data", "axes fraction"),
            xytext=(2, -2),
            textcoords="offset points",
            va="top",
            fontsize=7,
            color="0.35",
        )


def band(
    axes: Axes,
    values: pd.DataFrame,
    confidence: float,
    style: Mapping[str, Any],
    shown: Callable[[NDArray[np.float64]], NDArray[np.float64]] = np.asarray,
    highest: float = np.inf,
) -> None:
    """Draw the mean over columns, its t interval and each column faintly, as `shown` transforms.

    No interval is drawn where it reaches beyond `highest`: nothing else could be read then.
    """
    across = values.index.to_numpy()
    mean = values.mean(axis=1).to_numpy()
    axes.plot(across, shown(mean), **style)
    faint = dict(style) | {"alpha": 0.25, "linewidth": 0.6, "label": "_run"}
    for column in values.to_numpy().T:
        axes.plot(across, shown(column), **faint)
    if values.shape[1] > 1:
        half = half_width(values, confidence)
        low, high = shown(mean - half), shown(mean + half)
        readable = np.abs(high) < highest
        axes.fill_between(across, low, high, where=readable, color=style["color"], alpha=0.15, lw=0)
    axes.margins(x=0.01)


def say(where: Figure | Axes, words: str) -> None:
    """Write in the middle of a figure or panel why it shows nothing."""
    across: dict[str, Any] = {} if isinstance(where, Figure) else {"transform": where.transAxes}
    where.text(0.5, 0.5, words, ha="center", va="center", **across)


def blank(words: str) -> Figure:
    """Return a figure that says why it shows nothing."""
    figure = Figure(figsize=(10, 2), layout="constrained")
    say(figure, words)
    return figure


def wrapped(label: str) -> str:
    """Break a label into short lines."""
    return fill(label, 16)


def save_figures(figures: Mapping[str, Figure], folder: Path) -> None:
    """Write figures, by the stems of their files, as SVG and PNG."""
    for name, figure in figures.items():
        for suffix in (".svg", ".png"):
            save_figure(figure, folder / f"{name}{suffix}")


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure whole, in the format of the path's suffix; the same figure, the same bytes.

    Words are drawn as they were given: a stray "$" would be an error in a formula.
    """
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
    with mpl.rc_context({"svg.hashsalt": "crossbreed"}), whole_file(path) as temporary:
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(temporary, dpi=200, metadata=metadata)
