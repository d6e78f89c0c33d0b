"""Measure the loss along the straight line between the two parents of an event."""

import json
import logging

from crossbreed.crossover.barrier import loss_along_line, nothing_between
from crossbreed.crossover.jobs import MeasureBarrier
from crossbreed.data.examples import load_examples
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_csv
from crossbreed.training.checkpoint import load_population
from crossbreed.training.models.architecture import Task

log = logging.getLogger(__name__)


def measure_barrier(job: MeasureBarrier) -> None:
    """Write the losses between the first offspring's first two parents to `target`.

    Where there are no two, because the event was stopped, losses are empty.
    """
    event = json.loads(job.parents.read_text(encoding="utf-8"))
    families = event["parents"]
    table = nothing_between(job.points)
    if families and len(families[0]) > 1:
        training, test = load_examples(job.examples, "train", "test")
        population = load_population(job.source, job.epoch)
        first, second = (
            {name: array[number - 1] for name, array in population.weights.items()}
            for number in families[0][:2]
        )
        shape = training.images.shape[1:]
        task = Task(job.model, job.trainer, shape, job.classes, job.threads)
        table = loss_along_line(
            first,
            second,
            population.hidden_layers,
            task,
            training,
            test,
            job.points,
        )
    else:
        log.warning("no two parents: %s", event["stopped"] or "each of the offspring has one")
    table.insert(0, "run", job.run)
    write_csv(job.target, table)


if __name__ == "__main__":
    run_job(MeasureBarrier, measure_barrier)
