"""The loss along the straight line between the two parents."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from crossbreed.crossover.results.barriers import barriers
from crossbreed.figures.style import band, line_style, plain, say

_PATHS = {
    "plain": "as they are",
    "aligned": "hidden units matched",
    "repaired": "matched, with REPAIR",
}
_METRICS = {"train_loss": "loss on the training images", "test_loss": "loss on the test images"}


def loss_barrier(table: pd.DataFrame, confidence: float, words: str) -> Figure:
    """Draw the loss over the way from the first parent to the second, mean and t interval of runs.

    The legend tells how high the barrier in the training loss is, mean over runs. `table` has run,
    path, fraction, train_loss and test_loss, empty where there were no two parents.
    """
    known = table.dropna(subset=["train_loss"])
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    hills = barriers(known).groupby("path").mean()
    lines = {}
    for axes, (metric, name) in zip(figure.subplots(1, 2), _METRICS.items(), strict=True):
        for position, (path, label) in enumerate(_PATHS.items()):
            shown = known[known["path"] == path]
            if shown.empty:
                continue
            losses = shown.pivot(index="fraction", columns="run", values=metric)
            drawn = len(axes.get_lines())
            band(axes, losses, confidence, line_style(position))
            height = hills.get(path, float("nan"))
            lines[f"{label} (barrier {height:.2f})"] = axes.get_lines()[drawn]
        axes.set_xticks((0, 0.5, 1), ("best parent", "their mean", "second parent"))
        axes.set_ylabel(name)
        axes.set_ylim(bottom=0)
        plain(axes)
    if lines:
        figure.legend(list(lines.values()), list(lines), loc="outside lower center", ncols=3)
    else:
        say(figure, "no event has merged two parents")
    figure.suptitle(words)
    return figure
