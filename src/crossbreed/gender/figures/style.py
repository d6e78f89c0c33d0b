"""What the gender study's figures have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.special import stdtrit

from crossbreed.figures.style import line_style

# More lines than this hide each other.
FEW = 10


def styles(labels: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return colour and line style of each mode: the same in all figures."""
    return {mode: line_style(position) for position, mode in enumerate(labels)}


def seeds_label(label: str, known: int, seeds: int) -> str:
    """Return a mode's label, which says of how many seeds something is known, if not of all."""
    return label if known == seeds else f"{label} ({known} of {seeds})"


def mean_with_band(
    axes: Axes,
    x: NDArray[np.float64],
    values: NDArray[np.float64],
    confidence: float,
    style: Mapping[str, Any],
    label: str,
    steps: bool = False,
) -> Line2D:
    """Draw the mean over seeds with its t interval and, of two to ten, each seed, faint.

    The axes are made for the lines: of few seeds the interval may be wider than all that is drawn.

    Parameters
    ----------
    axes, style, label
        Where, and what the line looks like.
    x
        Shape [points].
    values
        Shape [seeds, points]; without any seed only the legend has a line.
    confidence
        Level of the band.
    steps
        Whether values hold until the next point.
    """
    seeds = len(values)
    if not seeds:
        return axes.plot([], [], label=label, **style)[0]
    mean = values.mean(axis=0)
    (line,) = axes.plot(
        x, mean, label=label, drawstyle="steps-post" if steps else "default", **style
    )
    if seeds > 1:
        for seed in values if seeds <= FEW else ():
            axes.plot(x, seed, drawstyle=line.get_drawstyle(), **style, alpha=0.3, lw=0.7)
        limits = axes.dataLim.frozen()
        half = stdtrit(seeds - 1, (1 + confidence) / 2) * values.std(axis=0, ddof=1) / seeds**0.5
        axes.fill_between(
            x,
            mean - half,
            mean + half,
            color=style["color"],
            alpha=0.08,
            lw=0,
            step="post" if steps else None,
        )
        axes.dataLim.set(limits)
    return line


def titled(figure: Figure, title: str, handles: Sequence[Any]) -> Figure:
    """Put title and legend."""
    figure.suptitle(title)
    if handles:
        names = [str(handle.get_label()) for handle in handles]
        figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure
