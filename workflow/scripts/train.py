"""Train a population from one epoch to a later one."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.schema import EngineName, Model, Population, SaveEvery, Trainer
from crossbreed.crossover.curves import save_curve
from crossbreed.crossover.progress import POPULATION_FORM, Saved
from crossbreed.crossover.training import train_epochs
from crossbreed.data.examples import Examples, load_examples
from crossbreed.jobs.fingerprint import fingerprint
from crossbreed.jobs.gpu_claim import claim_gpu
from crossbreed.jobs.job import run_job
from crossbreed.jobs.progress import Progress
from crossbreed.storage.arrays import digest
from crossbreed.training.checkpoint import load_population, pack_population, save_population
from crossbreed.training.engines import architecture_of, create_engine, identity
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population
from crossbreed.training.population import Population as Networks

log = logging.getLogger(__name__)


class Train(Config):
    """Train a population from one epoch to a later one.

    At epoch 0 (source=null) the population is drawn from the seed.
    """

    engine: EngineName
    model: Model
    trainer: Trainer
    population: Population
    classes: Count
    seed: Whole
    run: Count
    start: Whole
    """Epochs that the source has been trained."""
    stop: Count
    """Epochs that the target will have been trained."""
    save_every: SaveEvery
    threads: Count
    """CPU threads; another number may change the last digits."""
    examples: Path
    """File made by prepare.py."""
    source: Path | None
    """Population to go on from; null: drawn from the seed."""
    target: Path
    """Population to write (safetensors)."""
    curve: Path
    """Learning curve to write (CSV)."""


def train(settings: Train) -> None:
    """Write the trained population to `target` and its learning curve to `curve`."""
    claim_gpu(settings.trainer.device)
    training, validation = load_examples(settings.examples, "train", "validation")
    task = Task(
        settings.model,
        settings.trainer,
        training.images.shape[1:],
        settings.classes,
        settings.threads,
    )
    architecture = architecture_of(settings.engine, task)
    if settings.source is None:
        population = initial_population(
            architecture, settings.population.size, settings.seed, settings.run
        )
    else:
        population = load_population(settings.source, settings.start, architecture.shapes)
    decisive = _decisive(settings, population, training, validation)
    with Progress(
        settings.target, decisive, settings.save_every, POPULATION_FORM, settings.start
    ) as progress:
        population, records = progress.found() or Saved(population, [])
        if not population.size:
            log.warning("no networks are left to train")
            population = replace(population, epoch=settings.stop)
        elif population.epoch < settings.stop:
            engine = create_engine(settings.engine, task, population)
            for record in train_epochs(
                engine,
                training,
                validation,
                networks=population.size,
                start=population.epoch,
                stop=settings.stop,
                seed=settings.seed,
                run=settings.run,
            ):
                records.append(record)
                population = engine.population(record.epoch)
                progress.reached(Saved(population, list(records)))
        progress.save()
        save_population(settings.target, population)
        save_curve(settings.curve, records)


def _decisive(settings: Train, start: Networks, *examples: Examples) -> list[Any]:
    """Return all that decides the numbers: settings, code, what runs it, content of the inputs."""
    where = {"examples", "source", "target", "curve", "save_every"}
    inputs = {
        f"{n}/{key}": array for n, one in enumerate(examples) for key, array in vars(one).items()
    }
    return [
        settings.model_dump(mode="json", exclude=where),
        fingerprint(Path(__file__), engine=settings.engine),
        identity(settings.engine, settings.trainer),
        digest(*pack_population(start)),
        digest(inputs, {}),
    ]


if __name__ == "__main__":
    run_job(Train, train)
