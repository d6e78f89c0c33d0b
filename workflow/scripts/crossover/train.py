"""Train a population from one epoch to a later one."""

import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from crossbreed.crossover.curves import save_curve
from crossbreed.crossover.jobs import Train
from crossbreed.crossover.progress import POPULATION_FORM, Saved
from crossbreed.crossover.training import train_epochs
from crossbreed.data.examples import Examples, load_examples
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.command_line import run_job
from crossbreed.jobs.fingerprint import fingerprint
from crossbreed.jobs.gpu_claim import claim_gpu
from crossbreed.jobs.progress import Progress
from crossbreed.storage.arrays import digest
from crossbreed.storage.files import write_json
from crossbreed.training.checkpoint import load_population, pack_population, save_population
from crossbreed.training.engines import architecture_of, create_engine, identity
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population
from crossbreed.training.population import Population

log = logging.getLogger(__name__)


def train(job: Train) -> None:
    """Write the trained population to `target`, its learning curve to `curve`, and the seconds."""
    if (job.source is None) != (job.start == 0):
        raise CrossbreedError(f"source = {job.source}: must be null at start = 0 and only there")
    claim_gpu(job.trainer.device)
    training, validation = load_examples(job.examples, "train", "validation")
    task = Task(
        job.model,
        job.trainer,
        training.images.shape[1:],
        job.classes,
        job.threads,
    )
    architecture = architecture_of(job.engine, task)
    if job.source is None:
        population = initial_population(architecture, job.population.size, job.seed, job.run)
    else:
        population = load_population(job.source, job.start, architecture.shapes)
    cache_key = _cache_key(job, population, training, validation)
    # Only now: what trains is imported.
    began = time.perf_counter()
    with Progress(job.target, cache_key, job.save_every, POPULATION_FORM, job.start) as progress:
        population, records = progress.load() or Saved(population, [])
        if not population.size:
            log.warning("no networks are left to train")
            population = replace(population, epoch=job.stop)
        elif population.epoch < job.stop:
            engine = create_engine(job.engine, task, population)
            for record in train_epochs(
                engine,
                training,
                validation,
                networks=population.size,
                start=population.epoch,
                stop=job.stop,
                seed=job.seed,
                run=job.run,
            ):
                records.append(record)
                population = engine.population(record.epoch)
                progress.record(Saved(population, list(records)))
        progress.save()
        save_population(job.target, population)
        save_curve(job.curve, records)
    write_json(job.seconds, {"seconds": time.perf_counter() - began})


def _cache_key(job: Train, start: Population, *examples: Examples) -> list[Any]:
    """Return all that decides the numbers: job, code, what runs it, content of the inputs."""
    where = {"examples", "source", "target", "curve", "seconds", "save_every"}
    inputs = {
        f"{n}/{key}": array for n, one in enumerate(examples) for key, array in vars(one).items()
    }
    return [
        job.model_dump(mode="json", exclude=where),
        fingerprint(Path(__file__), engine=job.engine),
        identity(job.engine, job.trainer),
        digest(*pack_population(start)),
        digest(inputs, {}),
    ]


if __name__ == "__main__":
    run_job(Train, train)
