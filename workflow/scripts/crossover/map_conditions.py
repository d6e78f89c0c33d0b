"""Map where breeding helps and where it hurts."""

import logging

from crossbreed.crossover.figures.conditions import conditions_map
from crossbreed.crossover.jobs import MapConditions
from crossbreed.crossover.results.conditions import (
    Mapped,
    conditions_table,
    load_comparison,
    summary,
)
from crossbreed.figures.style import save_figure
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_csv, write_text

log = logging.getLogger(__name__)


def map_conditions(job: MapConditions) -> None:
    """Write the table, the map and the summary."""
    mapped = [
        Mapped(part.name, part.label, part.group, load_comparison(part.table))
        for part in job.conditions
    ]
    table = conditions_table(mapped)
    write_csv(job.table, table)
    figure = conditions_map(table, job.labels, job.metrics, job.margin, job.confidence)
    for path in job.figures:
        save_figure(figure, path)
    text = summary(table, job.metrics[0], job.margin, job.confidence)
    write_text(job.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(MapConditions, map_conditions)
