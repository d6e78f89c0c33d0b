"""Draw the learning curves of all arms."""

from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Count, Fraction, Name, Text
from crossbreed.config.schema import Figures
from crossbreed.evaluation import best_per_epoch
from crossbreed.figures import learning_curves, save_figure
from crossbreed.job import run_job


class Plot(Config):
    """Draw the learning curves of all arms."""

    labels: dict[Name, Text]
    """Each arm's name for readers."""
    reference: Name
    """Arm that differences are taken from."""
    events: list[Count]
    """Epochs at which an arm breeds."""
    figures: Figures
    confidence: Fraction
    """Level of the bands."""
    curves: Path
    """All networks' learning curves (CSV)."""
    targets: list[Path]
    """Figures to write; the suffix chooses the format."""


def plot(settings: Plot) -> None:
    """Write the figure to each of `targets`, in the format of its suffix."""
    curves = pd.read_csv(settings.curves)
    figure = learning_curves(
        best_per_epoch(curves),
        settings.labels,
        settings.reference,
        settings.events,
        settings.figures,
        settings.confidence,
    )
    for target in settings.targets:
        save_figure(figure, target)


if __name__ == "__main__":
    run_job(Plot, plot)
