"""Figures of both sexes' fitness, and of what predictors predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.figures.style import plain, say
from crossbreed.gender.figures import words
from crossbreed.gender.figures.style import styles, titled
from crossbreed.gender.results.evidence import EVOLVED
from crossbreed.gender.results.search_costs import searching_modes

# The predictors that are set side by side.
COMPARED = (EVOLVED, "last_loss")
# How far modes are drawn beside each other, in generations.
_BESIDE = 0.4
_MARKERS = "os^Dv*"
# Seeds whose individuals are shown one by one.
_SHOWN = 10


def fitness_figure(individuals: pd.DataFrame, labels: Mapping[str, str], title: str) -> Figure:
    """Draw the fitness of males and of females over the generations.

    Faint: individuals of the first ten seeds, the modes side by side. Lines: mean of each mode over
    the individuals of a seed, then over seeds; they begin at the founders.
    """
    figure = Figure(figsize=(10, 4.8), layout="constrained")
    panels = figure.subplots(1, 2)
    modes = searching_modes(individuals, list(labels))
    look = styles(labels)
    lines: list[Line2D] = []
    for axes, sex, fitness, label in zip(
        panels,
        ("male", "female"),
        ("speed", "tau"),
        (words.SPEED_AXIS, words.TAU_AXIS),
        strict=True,
    ):
        lines = []
        known = individuals[individuals["sex"] == sex].dropna(subset=[fitness])
        founders = known[known["mode"] == FOUNDERS]
        shown = known["seed"] <= _SHOWN
        axes.plot(
            *(founders.loc[shown, column] for column in ("generation", fitness)),
            ".",
            color="0.6",
            alpha=0.5,
        )
        for position, mode in enumerate(modes):
            own = known[known["mode"] == mode]
            beside = _BESIDE * ((position + 0.5) / len(modes) - 0.5)
            few = own[own["seed"] <= _SHOWN]
            axes.plot(
                few["generation"] + beside, few[fitness], ".", color=look[mode]["color"], alpha=0.3
            )
            shared = founders[~founders["seed"].isin(own.loc[own["generation"] == 0, "seed"])]
            history = pd.concat([shared, own]).groupby(["generation", "seed"])[fitness].mean()
            means = history.groupby("generation").mean()
            lines += axes.plot(
                means.index.to_numpy(), means.to_numpy(), label=labels[mode], **look[mode]
            )
        axes.set_xlabel(words.GENERATION)
        axes.set_ylabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        plain(axes)
    return titled(figure, title, lines)


def predictions_figure(
    predictions: pd.DataFrame, mode: str, names: Sequence[str], title: str
) -> Figure:
    """Draw what predictors predict of unseen architectures against their final loss.

    Predictions are shown as ranks among the unseen architectures of the search, since evolved
    predictors predict in units of their own. A perfect predictor's points of a seed would rise
    throughout. `predictions` are those of `evidence.prediction_evidence`; predictors of these
    names, of one mode, are set side by side.
    """
    figure = Figure(figsize=(4.5 * len(names), 4.8), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(names), sharey=True))
    unseen = predictions[predictions["mode"] == mode]
    look = styles({str(seed): "" for seed in sorted(unseen["seed"].unique())})
    points: list[Line2D] = []
    for axes, name in zip(panels, names, strict=True):
        points = []
        own = unseen[unseen["predictor"] == name]
        for position, (seed, group) in enumerate(own.groupby("seed")):
            points += axes.plot(
                group["final_loss"],
                group["foretold_rank"],
                _MARKERS[position % len(_MARKERS)],
                color=look[str(seed)]["color"],
                alpha=0.8,
                label=f"seed {seed}",
            )
        if not points:
            say(axes, words.NONE_UNSEEN)
        axes.set_title(name.replace("_", " "))
        axes.set_xlabel(words.FINAL_LOSS)
        plain(axes)
    panels[0].set_ylabel(words.PREDICTED_AXIS)
    return titled(figure, title, points)
