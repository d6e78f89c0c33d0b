"""Evaluate the networks of each arm of a run and gather the run's learning curves."""

from pathlib import Path

from crossbreed.breeding.lineage import TRUNK
from crossbreed.config.base import Config, Count, Name
from crossbreed.config.schema import EngineName, Model, Trainer
from crossbreed.crossover.evaluation import Point, best_networks, evaluate_networks, join_curves
from crossbreed.data.examples import load_examples
from crossbreed.jobs.job import run_job
from crossbreed.jobs.progress import forget_progress
from crossbreed.storage.files import write_csv
from crossbreed.training.checkpoint import POPULATION_FILE
from crossbreed.training.engines import Engine, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.population import Population


class Chain(Config):
    """The lineages through which an arm goes, and the epochs up to which it does."""

    arm: Name
    lineages: list[Name]
    epochs: list[Count]


class Marked(Config):
    """A population to evaluate, shared by some arms."""

    arms: list[Name]
    lineage: Name
    epoch: Count


class Evaluate(Config):
    """Evaluate the networks of each arm of a run and gather the run's learning curves."""

    engine: EngineName
    model: Model
    trainer: Trainer
    classes: Count
    run: Count
    threads: Count
    examples: Path
    points: list[Marked]
    """Populations to evaluate: {arms, lineage, epoch}."""
    chains: list[Chain]
    """Whose learning curves to gather: {arm, lineages, epochs}."""
    folder: Path
    """The run's folder, which holds its lineages."""
    trunk: Path
    """The folder that holds the run's trunk: another one where several studies share it."""
    networks: Path
    """All networks, to write (CSV)."""
    best: Path
    """Best networks, to write (CSV)."""
    curves: Path
    """All networks' curves, to write (CSV)."""


def evaluate(settings: Evaluate) -> None:
    """Write all networks' losses to `networks`, the best ones' to `best`, curves to `curves`."""
    (test,) = load_examples(settings.examples, "test")
    task = Task(
        settings.model,
        settings.trainer,
        test.images.shape[1:],
        settings.classes,
        settings.threads,
    )

    def engine_for(population: Population) -> Engine:
        return create_engine(settings.engine, task, population)

    def folder_of(lineage: str) -> Path:
        return settings.trunk if lineage == TRUNK else settings.folder

    points = [Point(point.arms, point.lineage, point.epoch) for point in settings.points]
    networks = evaluate_networks(folder_of, points, engine_for, test)
    best = best_networks(networks, points)
    curves = join_curves(
        folder_of,
        [
            (chain.arm, lineage, epoch)
            for chain in settings.chains
            for lineage, epoch in zip(chain.lineages, chain.epochs, strict=True)
        ],
    )
    for table, path in (
        (networks, settings.networks),
        (best, settings.best),
        (curves, settings.curves),
    ):
        table.insert(0, "run", settings.run)
        write_csv(path, table)
    # Snakemake has noted all training that led here as done.
    for folder in {settings.folder, settings.trunk}:
        forget_progress(folder, POPULATION_FILE)


if __name__ == "__main__":
    run_job(Evaluate, evaluate)
