"""Map where breeding helps and where it hurts."""

import logging
from pathlib import Path

from crossbreed.config.base import Config, Fraction, Name, Text
from crossbreed.config.comparison import Outcome
from crossbreed.crossover.conditions_map import Mapped, conditions_table, load_comparison, summary
from crossbreed.figures.conditions import conditions_map
from crossbreed.figures.style import save_figure
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_csv, write_text

log = logging.getLogger(__name__)


class Condition(Config):
    """A condition and its comparisons (CSV)."""

    name: Name
    label: Text
    group: Text
    table: Path


class MapConditions(Config):
    """Map where breeding helps and where it hurts."""

    conditions: list[Condition]
    """{name, label, group, table}, in the order of the rows."""
    labels: dict[Name, Text]
    """Each arm's name for readers."""
    metrics: list[Outcome]
    """Losses to show, the first in words, too."""
    margin: Fraction
    """Relative difference that counts as none."""
    confidence: Fraction
    """Level of the intervals."""
    table: Path
    """All comparisons to write (CSV)."""
    figures: list[Path]
    """Maps to write; the suffix chooses the format."""
    summary: Path
    """The map in words, to write (text)."""


def map_conditions(settings: MapConditions) -> None:
    """Write the table, the map and the summary."""
    table = conditions_table(
        [
            Mapped(one.name, one.label, one.group, load_comparison(one.table))
            for one in settings.conditions
        ]
    )
    write_csv(settings.table, table)
    figure = conditions_map(
        table, settings.labels, settings.metrics, settings.margin, settings.confidence
    )
    for path in settings.figures:
        save_figure(figure, path)
    text = summary(table, settings.metrics[0], settings.margin, settings.confidence)
    write_text(settings.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(MapConditions, map_conditions)
