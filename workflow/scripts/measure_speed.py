"""Measure how long a population takes to train for an epoch, and a job to start."""

import time
from pathlib import Path

import psutil

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.schema import EngineName, Model, Population, Trainer
from crossbreed.data.examples import load_examples
from crossbreed.engines import architecture_of, create_engine, identity
from crossbreed.files import write_json
from crossbreed.gpu_claim import claim_gpu
from crossbreed.job import run_job
from crossbreed.models.architecture import Task
from crossbreed.models.initialisation import initial_population
from crossbreed.training import train_epochs

# The first warms up.
EPOCHS = 3


class MeasureSpeed(Config):
    """Measure how long a population takes to train for an epoch, and a job to start."""

    engine: EngineName
    model: Model
    trainer: Trainer
    population: Population
    classes: Count
    seed: Whole
    threads: Count
    examples: Path
    """File made by prepare.py."""
    target: Path
    """Seconds, to write (JSON)."""


def measure_speed(settings: MeasureSpeed) -> None:
    """Train the study's own population for some epochs, and forget it."""
    began = psutil.Process().create_time()
    claim_gpu(settings.trainer.device)
    training, validation = load_examples(settings.examples, "train", "validation")
    task = Task(
        settings.model,
        settings.trainer,
        training.images.shape[1:],
        settings.classes,
        settings.threads,
    )
    networks = settings.population.size
    architecture = architecture_of(settings.engine, task)
    population = initial_population(architecture, networks, settings.seed, run=1)
    ends = [
        time.time()
        for _ in train_epochs(
            create_engine(settings.engine, task, population),
            training,
            validation,
            networks=networks,
            start=0,
            stop=EPOCHS,
            seed=settings.seed,
            run=1,
        )
    ]
    epoch = (ends[-1] - ends[0]) / (EPOCHS - 1)
    write_json(
        settings.target,
        {
            "start": max(0.0, ends[0] - began - epoch),
            "unit": epoch,
            "device": identity(settings.engine, settings.trainer)["device"],
        },
    )


if __name__ == "__main__":
    run_job(MeasureSpeed, measure_speed)
