"""Figures of the winners' losses over their training."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from crossbreed.figures.style import plain
from crossbreed.gender.figures import words
from crossbreed.gender.figures.style import mean_with_band, seeds_label, styles, titled
from crossbreed.gender.results.outcome import by_seed


def curves_of(
    curves: pd.DataFrame, mode: str, metric: str, kept: set[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the learning curves of a mode's winners of the kept search seeds.

    Points where the metric, train_loss or validation_loss, was not estimated are left out.

    Returns
    -------
    tokens : ndarray of shape (points,), float64
        Characters seen, the mean over trainings, whose last batches end at slightly different
        places.
    losses : ndarray of shape (seeds, points), float64
        The mean over repeats.
    """
    own = curves[(curves["mode"] == mode) & curves["seed"].isin(kept)]
    own = own.assign(point=own.groupby(["seed", "repeat"]).cumcount()).dropna(subset=[metric])
    means = own.groupby(["seed", "point"])[metric].mean().unstack("point").dropna(axis=1)
    tokens = own.groupby("point")["tokens"].mean().loc[means.columns]
    return tokens.to_numpy(np.float64), means.to_numpy(np.float64)


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
    metric, loss_label
        train_loss or validation_loss, and what the axis calls it.
    labels
        The modes, in the order of the legend, and their names for readers.
    confidence, title
        Level of the bands; see `words`.
    """
    figure = Figure(figsize=(8, 5.4), layout="constrained")
    axes = figure.subplots()
    seeds = finals["seed"].nunique()
    sound = by_seed(finals).reset_index()
    lines = []
    for mode, style in styles(labels).items():
        kept = {int(seed) for seed in sound.loc[sound["mode"] == mode, "seed"]}
        label = seeds_label(labels[mode], len(kept), seeds)
        curve = curves_of(curves, mode, metric, kept)
        lines.append(mean_with_band(axes, *curve, confidence, style, label))
    axes.set_xlabel(words.CHARACTERS)
    axes.set_ylabel(loss_label)
    axes.margins(x=0.01)
    plain(axes)
    return titled(figure, title, lines)
