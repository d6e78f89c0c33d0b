"""Train a population from one epoch to a later one."""

from pathlib import Path

import torch

from crossbreed.checkpoint import load_population, save_population
from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.schema import Model, Population, Trainer
from crossbreed.curves import save_curve
from crossbreed.data.examples import load_examples
from crossbreed.engines import EngineName, create_engine
from crossbreed.job import run_job
from crossbreed.models import build
from crossbreed.models.initialisation import initial_population
from crossbreed.training import train_epochs


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
    torch.set_num_threads(settings.threads)
    training, validation = load_examples(settings.examples, "train", "validation")
    image_shape = training.images.shape[1:]
    if settings.source is None:
        module = build(settings.model, image_shape, settings.classes)
        population = initial_population(
            module, settings.population.size, settings.seed, settings.run
        )
    else:
        population = load_population(settings.source)
    engine = create_engine(
        settings.engine,
        settings.model,
        settings.trainer,
        population,
        image_shape,
        settings.classes,
    )
    records = train_epochs(
        engine,
        training,
        validation,
        networks=population.size,
        start=settings.start,
        stop=settings.stop,
        seed=settings.seed,
        run=settings.run,
    )
    save_population(settings.target, engine.population(settings.stop))
    save_curve(settings.curve, records)


if __name__ == "__main__":
    run_job(Train, train)
