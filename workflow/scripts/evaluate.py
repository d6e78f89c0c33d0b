"""Evaluate the best network of each arm of a run and gather the run's learning curves."""

from pathlib import Path

import torch

from crossbreed.config.arms import Metric
from crossbreed.config.base import Config, Count, Name
from crossbreed.config.schema import Model, Trainer
from crossbreed.data.examples import load_examples
from crossbreed.engines import Engine, EngineName, create_engine
from crossbreed.evaluation import Point, evaluate_best, join_curves
from crossbreed.files import write_csv
from crossbreed.job import run_job
from crossbreed.population import Population


class Piece(Config):
    """A piece of an arm's learning curve."""

    arm: Name
    curve: Path


class Evaluated(Config):
    """A population to evaluate, shared by some arms, and the learning curve that ends there."""

    arms: list[Name]
    epoch: Count
    population: Path
    curve: Path


class Evaluate(Config):
    """Evaluate the best network of each arm of a run and gather the run's learning curves."""

    engine: EngineName
    model: Model
    trainer: Trainer
    metric: Metric
    """Which network is the best."""
    classes: Count
    run: Count
    threads: Count
    examples: Path
    points: list[Evaluated]
    """Populations to evaluate: {arms, epoch, population, curve}."""
    pieces: list[Piece]
    """Pieces of learning curves, in order: {arm, curve}."""
    best: Path
    """Best networks, to write (CSV)."""
    curves: Path
    """All networks' curves, to write (CSV)."""


def evaluate(settings: Evaluate) -> None:
    """Write the best networks' losses to `best` and all networks' curves to `curves`."""
    torch.set_num_threads(settings.threads)
    (test,) = load_examples(settings.examples, "test")

    def engine_for(population: Population) -> Engine:
        return create_engine(
            settings.engine,
            settings.model,
            settings.trainer,
            population,
            test.images.shape[1:],
            settings.classes,
        )

    points = [Point(p.arms, p.epoch, p.population, p.curve) for p in settings.points]
    best = evaluate_best(points, settings.metric, engine_for, test)
    curves = join_curves([(piece.arm, piece.curve) for piece in settings.pieces])
    for table, path in ((best, settings.best), (curves, settings.curves)):
        table.insert(0, "run", settings.run)
        write_csv(path, table)


if __name__ == "__main__":
    run_job(Evaluate, evaluate)
