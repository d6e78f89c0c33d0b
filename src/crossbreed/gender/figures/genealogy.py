"""The genealogy of a search."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from crossbreed.figures.style import COLOURS, plain
from crossbreed.gender.figures import words
from crossbreed.gender.figures.style import titled
from crossbreed.gender.results.search_costs import lineage

Place = tuple[int, int]
_MARKERS = {"male": "s", "female": "o"}
_LINES: dict[str, tuple[str, Literal["-", "--"]]] = {
    "father": (COLOURS[2], "-"),
    "mother": (COLOURS[1], "--"),
}


class Genealogy(NamedTuple):
    """All individuals of a search, by generation and number."""

    sex: dict[Place, str]
    finished: set[Place]
    """Those that were trained to the end."""
    parents: list[tuple[Place, Place, str]]
    """Pairs of child and parent, and whether that is the father or the mother."""
    winner: Place | None
    """Who has the lowest final loss; None if nobody has one."""
    ancestors: set[Place]
    """The winner and all of whom it descends."""


def genealogy(individuals: pd.DataFrame, mode: str, seed: int) -> Genealogy:
    """Return the genealogy of a search, from its founders."""
    own = lineage(individuals, mode, seed).sort_values(["generation", "number"])
    places = [
        (int(generation), int(number))
        for generation, number in zip(own["generation"], own["number"], strict=True)
    ]
    parents = [
        (child, _place(written), role)
        for role in ("father", "mother")
        for child, written in zip(places, own[role], strict=True)
        if isinstance(written, str) and written
    ]
    losses = own["final_loss"].to_numpy(np.float64)
    known = np.isfinite(losses)
    winner = places[int(np.where(known, losses, np.inf).argmin())] if known.any() else None
    ancestors = {winner} if winner else set()
    # Parents are older than their children, so one pass from the youngest finds all.
    for child, parent, _ in sorted(parents, reverse=True):
        if child in ancestors:
            ancestors.add(parent)
    return Genealogy(
        dict(zip(places, map(str, own["sex"]), strict=True)),
        {place for place, ended in zip(places, own["finished"], strict=True) if ended},
        parents,
        winner,
        ancestors,
    )


def genealogy_figure(tree: Genealogy, title: str) -> Figure:
    """Draw all individuals by generation, with lines to their parents.

    Squares are males, circles females, filled if they were trained to the end. The winner and its
    ancestors, and the lines between them, are bold.
    """
    figure = Figure(figsize=(8, 5.4), layout="constrained")
    axes = figure.subplots()
    for child, parent, role in tree.parents:
        colour, style = _LINES[role]
        bold = child in tree.ancestors
        axes.plot(
            [parent[1], child[1]],
            [parent[0], child[0]],
            color=colour,
            linestyle=style,
            linewidth=2 if bold else 0.6,
            alpha=1 if bold else 0.35,
            zorder=2 if bold else 1,
        )
    for (generation, number), sex in tree.sex.items():
        bold = (generation, number) in tree.ancestors
        axes.plot(
            number,
            generation,
            _MARKERS[sex],
            markersize=9,
            color="black",
            markerfacecolor="0.65" if (generation, number) in tree.finished else "white",
            markeredgewidth=2.2 if bold else 0.8,
            zorder=3,
        )
    if tree.winner:
        generation, number = tree.winner
        axes.plot(number, generation, "*", markersize=6, color="black", zorder=4)
    axes.set_xlabel(words.NUMBER)
    axes.set_ylabel(words.GENERATION)
    axes.invert_yaxis()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    plain(axes)
    return titled(figure, title, _legend())


def _legend() -> list[Line2D]:
    def marker(sign: str, fill: str, label: str) -> Line2D:
        return Line2D(
            [], [], marker=sign, linestyle="", color="black", markerfacecolor=fill, label=label
        )

    return [
        marker(_MARKERS["male"], "white", words.MALE),
        marker(_MARKERS["female"], "white", words.FEMALE),
        marker("o", "0.65", words.FINISHED),
        marker("*", "black", words.WINNER),
        *(
            Line2D([], [], color=colour, linestyle=style, label=words.PARENTS[role])
            for role, (colour, style) in _LINES.items()
        ),
    ]


def _place(written: str) -> Place:
    generation, number = written.split("-")
    return int(generation), int(number)
