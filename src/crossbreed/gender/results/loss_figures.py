"""Figures of the winners' losses over their training, and of what the searches found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from crossbreed.gender.results import words
from crossbreed.gender.results.cost import SearchCourse, search_course, searching_modes
from crossbreed.gender.results.drawing import finish, mean_with_band, styles, tidy
from crossbreed.gender.results.effects import BASELINE
from crossbreed.gender.results.outcome import by_seed

# Points at which several searches are averaged.
_GRID = 400


class Curves(NamedTuple):
    """Learning curves of a mode's winners.

    Parameters
    ----------
    tokens
        Shape [points]: characters seen, the mean over trainings, whose last batches end at
        slightly different places.
    losses
        Shape [seeds, points]: the mean over repeats.
    """

    tokens: NDArray[np.float64]
    losses: NDArray[np.float64]


def curves_of(curves: pd.DataFrame, mode: str, metric: str, kept: set[int]) -> Curves | None:
    """Return the curves of a mode's winners where there are any of the kept search seeds.

    Parameters
    ----------
    curves
        A row for each point of each training of a winner.
    mode
        Whose winners.
    metric
        train_loss or validation_loss; points where it was not estimated are left out.
    kept
        Search seeds none of whose trainings diverged.
    """
    own = curves[(curves["mode"] == mode) & curves["seed"].isin(kept)]
    own = own.assign(point=own.groupby(["seed", "repeat"]).cumcount()).dropna(subset=[metric])
    if own.empty:
        return None
    means = own.groupby(["seed", "point"])[metric].mean().unstack("point").dropna(axis=1)
    tokens = own.groupby("point")["tokens"].mean().loc[means.columns]
    return Curves(tokens.to_numpy(np.float64), means.to_numpy(np.float64))


def loss_figure(
    curves: pd.DataFrame,
    finals: pd.DataFrame,
    metric: str,
    labels: Mapping[str, str],
    confidence: float,
    title: str,
    loss_label: str,
) -> Figure:
    """Draw a loss of the winners over the characters seen, mean over search seeds with t band.

    Characters and not iterations, since the batch size evolves. A search seed of which any training
    diverged is left out of its mode altogether, and the legend says so.

    Parameters
    ----------
    curves, finals
        A row for each point, and for each training of a winner.
    metric
        train_loss or validation_loss.
    labels
        The modes, in the order of the legend, and their names for readers.
    confidence
        Level of the bands.
    title, loss_label
        See `words`.
    """
    figure = Figure(figsize=(8, 5.4), layout="constrained")
    axes = figure.subplots()
    seeds = finals["seed"].nunique()
    sound = by_seed(finals).reset_index()
    lines: list[Line2D] = []
    for mode, style in styles(labels).items():
        kept = {int(seed) for seed in sound.loc[sound["mode"] == mode, "seed"]}
        found = curves_of(curves, mode, metric, kept)
        label = labels[mode] if len(kept) == seeds else f"{labels[mode]} ({len(kept)} of {seeds})"
        if found is None:
            lines += axes.plot([], [], label=label, **style)
        else:
            lines.append(mean_with_band(axes, *found, confidence, style, label))
    axes.set_xlabel(words.CHARACTERS)
    axes.set_ylabel(loss_label)
    axes.margins(x=0.01)
    tidy(axes)
    return finish(figure, title, lines)


def on_grid(
    searches: list[SearchCourse], spent: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return some costs, and the best final loss of each search by then, shape [searches, costs].

    From where all searches have a final loss to where the first has spent all it spends.

    Parameters
    ----------
    searches
        Of one mode.
    spent
        tokens or flops.
    """
    costs = [np.asarray(getattr(search, spent)) for search in searches]
    starts = [
        cost[np.isfinite(search.best)].min(initial=np.inf)
        for cost, search in zip(costs, searches, strict=True)
    ]
    start, end = max(starts), min(cost[-1] for cost in costs)
    if start > end:
        return np.empty(0), np.empty((len(searches), 0))
    inside = np.concatenate([cost[(cost >= start) & (cost <= end)] for cost in costs])
    grid = np.unique([*inside, *np.linspace(start, end, _GRID)])
    places = [np.searchsorted(cost, grid, side="right") - 1 for cost in costs]
    best = [search.best[place] for search, place in zip(searches, places, strict=True)]
    return grid, np.stack(best)


def search_cost_figure(
    individuals: pd.DataFrame,
    finals: pd.DataFrame,
    labels: Mapping[str, str],
    confidence: float,
    title: str,
) -> Figure:
    """Draw the best final loss so far against characters and against operations spent.

    Mean over search seeds with t band. A horizontal line is the baseline's best validation loss,
    which no search was needed for.

    Parameters
    ----------
    individuals, finals
        A row for each individual, and for each training of a winner.
    labels, confidence, title
        As of `loss_figure`.
    """
    figure = Figure(figsize=(10, 4.8), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    look = styles(labels)
    seeds = sorted({int(seed) for seed in individuals["seed"]})
    sound = by_seed(finals).reset_index()
    default = sound.loc[sound["mode"] == BASELINE, "best_validation_loss"]
    lines: list[Line2D] = []
    for axes, spent, axis_label in zip(
        panels, ("tokens", "flops"), (words.SEARCH_TOKENS, words.SEARCH_FLOPS), strict=True
    ):
        lines = []
        if BASELINE in labels and len(default):
            lines.append(
                axes.axhline(default.mean(), label=labels[BASELINE], **look[BASELINE], lw=1)
            )
        for mode in searching_modes(individuals, list(labels)):
            searches = [search_course(individuals, mode, seed) for seed in seeds]
            # A search that found nothing has no place on the axes.
            kept = [search for search in searches if np.isfinite(search.best).any()]
            whole = len(kept) == len(seeds)
            label = labels[mode] if whole else f"{labels[mode]} ({len(kept)} of {len(seeds)})"
            if kept:
                found = on_grid(kept, spent)
                lines.append(
                    mean_with_band(axes, *found, confidence, look[mode], label, steps=True)
                )
            else:
                lines += axes.plot([], [], label=label, **look[mode])
        axes.set_xlabel(axis_label)
        tidy(axes)
    panels[0].set_ylabel(words.FINAL_LOSS)
    return finish(figure, title, lines)
