"""Draw the figures of the crossover study."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from crossbreed.config.base import Config, Count, Fraction, Name, Text
from crossbreed.config.comparison import Margin
from crossbreed.config.schema import Figures
from crossbreed.figures.barrier import loss_barrier
from crossbreed.figures.effects import forest
from crossbreed.figures.learning_curves import learning_curves
from crossbreed.figures.reaching import time_to_target
from crossbreed.figures.runs import all_networks, paired_runs
from crossbreed.figures.style import SUFFIXES, save_figure
from crossbreed.jobs.job import run_job
from crossbreed.statistics.outcomes import outcomes_by_epoch


class Plot(Config):
    """Draw the figures of the crossover study."""

    labels: dict[Name, Text]
    """Each arm's name for readers."""
    reference: Name
    """Arm that differences are taken from."""
    events: list[Count]
    """Epochs at which an arm breeds."""
    figures: Figures
    confidence: Fraction
    """Level of the bands."""
    margin: Margin
    """Differences that count as none."""
    epochs: Count
    """K, the last epoch."""
    curves: Path
    """All networks' learning curves (CSV)."""
    networks: Path
    """All networks at the marked epochs (CSV)."""
    outcomes: Path
    """What each run of each arm comes to (CSV)."""
    comparison: Path
    """Comparisons of arms (CSV)."""
    times: Path
    """Epochs to targets of every run (CSV)."""
    barrier: Path | None
    """Losses between the parents (CSV); null: not measured."""
    folder: Path
    """Where to write the figures, each as SVG and PNG."""


def plot(settings: Plot) -> None:
    """Write all figures to `folder`."""
    for name, figure in figures(settings).items():
        for suffix in SUFFIXES:
            save_figure(figure, settings.folder / f"{name}{suffix}")


def figures(settings: Plot) -> dict[str, Figure]:
    """Draw all figures, by the name of their file."""
    labels, reference = settings.labels, settings.reference
    outcomes, times = pd.read_csv(settings.outcomes), pd.read_csv(settings.times)
    end = f"after epoch {settings.epochs}"
    drawn = {
        "learning_curves": learning_curves(
            outcomes_by_epoch(pd.read_csv(settings.curves)),
            labels,
            reference,
            settings.events,
            settings.figures,
            settings.confidence,
        ),
        "effects": forest(
            pd.read_csv(settings.comparison),
            labels,
            settings.margin.model_dump(),
            settings.confidence,
        ),
        "paired_runs": paired_runs(
            outcomes,
            labels,
            reference,
            f"Every run {end} (dashed: higher than {labels[reference]})",
        ),
        "all_networks": all_networks(
            pd.read_csv(settings.networks),
            labels,
            settings.epochs,
            f"Every network {end} (ringed: the best of its run; line: median)",
        ),
        "time_to_target": time_to_target(times, labels, reference, "How fast a loss is reached"),
    }
    if settings.barrier is not None:
        drawn["loss_barrier"] = loss_barrier(
            pd.read_csv(settings.barrier),
            settings.confidence,
            "Loss on the straight line between the two parents",
        )
    return drawn


if __name__ == "__main__":
    run_job(Plot, plot)
