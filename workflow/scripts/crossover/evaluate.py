"""Evaluate the networks of each arm of a run and join the run's learning curves."""

from pathlib import Path

from crossbreed.config.arms import TRUNK
from crossbreed.crossover.evaluation import best_networks, evaluate_networks, join_curves
from crossbreed.crossover.jobs import Evaluate
from crossbreed.data.examples import load_examples
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_csv
from crossbreed.training.engines import Engine, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.population import Population


def evaluate(job: Evaluate) -> None:
    """Write all networks' losses to `networks`, the best ones' to `best`, curves to `curves`."""
    (test,) = load_examples(job.examples, "test")
    task = Task(
        job.model,
        job.trainer,
        test.images.shape[1:],
        job.classes,
        job.threads,
    )

    def engine_for(population: Population) -> Engine:
        return create_engine(job.engine, task, population)

    def folder_of(lineage: str) -> Path:
        return job.trunk if lineage == TRUNK else job.networks.parent

    networks = evaluate_networks(folder_of, job.points, engine_for, test)
    best = best_networks(networks, job.points)
    curves = join_curves(
        folder_of,
        [
            (chain.arm, lineage, epoch)
            for chain in job.chains
            for lineage, epoch in zip(chain.lineages, chain.epochs, strict=True)
        ],
    )
    for table, path in (
        (networks, job.networks),
        (best, job.best),
        (curves, job.curves),
    ):
        table.insert(0, "run", job.run)
        write_csv(path, table)


if __name__ == "__main__":
    run_job(Evaluate, evaluate)
