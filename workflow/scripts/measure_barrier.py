"""Measure the loss along the straight line between the two parents of an event."""

import json
import logging
from pathlib import Path

from crossbreed.config.base import Config, Count
from crossbreed.config.schema import Model, Trainer
from crossbreed.crossover.barrier import loss_along_line, nothing_between
from crossbreed.data.examples import load_examples
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_csv
from crossbreed.training.checkpoint import load_population
from crossbreed.training.models.architecture import Task

log = logging.getLogger(__name__)


class MeasureBarrier(Config):
    """Measure the loss along the straight line between the two parents of an event."""

    model: Model
    trainer: Trainer
    classes: Count
    run: Count
    epoch: Count
    """Epoch of the event."""
    points: Count
    """Points on the line, both parents among them."""
    threads: Count
    examples: Path
    """File made by prepare.py."""
    source: Path
    """Population before the event."""
    parents: Path
    """Who bred (JSON)."""
    target: Path
    """Losses to write (CSV)."""


def measure_barrier(settings: MeasureBarrier) -> None:
    """Write the losses between the first offspring's first two parents to `target`.

    Where there are no two, because the event was stopped, losses are empty.
    """
    event = json.loads(settings.parents.read_text(encoding="utf-8"))
    families = event["parents"]
    table = nothing_between(settings.points)
    if families and len(families[0]) > 1:
        training, test = load_examples(settings.examples, "train", "test")
        population = load_population(settings.source, settings.epoch)
        first, second = (
            {name: array[number - 1] for name, array in population.weights.items()}
            for number in families[0][:2]
        )
        shape = training.images.shape[1:]
        task = Task(settings.model, settings.trainer, shape, settings.classes, settings.threads)
        table = loss_along_line(
            first,
            second,
            population.hidden_layers,
            task,
            training,
            test,
            settings.points,
        )
    else:
        log.warning("no two parents: %s", event["stopped"] or "each of the offspring has one")
    table.insert(0, "run", settings.run)
    write_csv(settings.target, table)


if __name__ == "__main__":
    run_job(MeasureBarrier, measure_barrier)
