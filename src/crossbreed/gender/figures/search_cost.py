"""Figure of what the searches found against what they spent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from crossbreed.figures.style import plain
from crossbreed.gender.figures import words
from crossbreed.gender.figures.style import FEW, mean_with_band, seeds_label, styles, titled
from crossbreed.gender.results.outcome import by_seed
from crossbreed.gender.results.search_costs import SearchCourse, search_course, searching_modes

# Points at which several searches are averaged.
_GRID = 100


def on_grid(
    searches: list[SearchCourse], spent: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return some costs, and the best's loss of each search by then, shape [searches, costs].

    From where all searches, of one mode, have a final loss to where the first has spent all it
    spends: tokens or flops.
    """
    if not searches:
        return np.empty(0), np.empty((0, 0))
    costs = [np.asarray(getattr(search, spent)) for search in searches]
    starts = [
        cost[np.isfinite(search.best)].min() for cost, search in zip(costs, searches, strict=True)
    ]
    start, end = max(starts), min(cost[-1] for cost in costs)
    if start > end:
        return np.empty(0), np.empty((len(searches), 0))
    grid = np.linspace(start, end, _GRID)
    if len(searches) <= FEW:
        # Where each of them has found something better.
        inside = np.concatenate([cost[(cost >= start) & (cost <= end)] for cost in costs])
        grid = np.unique([*inside, *grid])
    places = [np.searchsorted(cost, grid, side="right") - 1 for cost in costs]
    best = [search.shown[place] for search, place in zip(searches, places, strict=True)]
    return grid, np.stack(best)


def search_cost_figure(
    individuals: pd.DataFrame,
    finals: pd.DataFrame,
    labels: Mapping[str, str],
    reference: str,
    confidence: float,
    title: str,
) -> Figure:
    """Draw the loss of the best architecture so far against characters and operations spent.

    Mean over search seeds with t band. On a table it is the loss of trainings that the search has
    not seen, else the best final loss that it has seen. A horizontal line is the reference's, which
    no search was needed for. Parameters are as of `losses.loss_figure`, `individuals` a row for
    each individual.
    """
    figure = Figure(figsize=(10, 4.8), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    look = styles(labels)
    seeds = sorted({int(seed) for seed in individuals["seed"]})
    sound = by_seed(finals).reset_index()
    held_out = "held_out_loss" in individuals
    metric = "final_validation_loss" if held_out else "best_validation_loss"
    default = sound.loc[sound["mode"] == reference, metric]
    of_seed = {seed: individuals[individuals["seed"] == seed] for seed in seeds}
    lines: list[Line2D] = []
    for axes, spent, axis_label in zip(
        panels, ("tokens", "flops"), (words.SEARCH_TOKENS, words.SEARCH_FLOPS), strict=True
    ):
        lines = []
        if reference in labels and len(default):
            lines.append(
                axes.axhline(default.mean(), label=labels[reference], **look[reference], lw=1)
            )
        for mode in searching_modes(individuals, list(labels)):
            searches = [search_course(of_seed[seed], mode, seed) for seed in seeds]
            # A search that found nothing has no place on the axes.
            kept = [search for search in searches if np.isfinite(search.best).any()]
            label = seeds_label(labels[mode], len(kept), len(seeds))
            course = on_grid(kept, spent)
            lines.append(mean_with_band(axes, *course, confidence, look[mode], label, steps=True))
        axes.set_xlabel(axis_label)
        plain(axes)
    panels[0].set_ylabel(words.HELD_OUT_LOSS if held_out else words.FINAL_LOSS)
    return titled(figure, title, lines)
