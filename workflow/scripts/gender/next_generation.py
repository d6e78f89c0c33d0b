"""Rank a search's last generation, mate its best, and write the next generation."""

from crossbreed.gender.jobs import NextGeneration
from crossbreed.jobs.command_line import run_job
from crossbreed.search.files import load_history, save_individuals
from crossbreed.search.next_generation import next_generation as mate


def next_generation(job: NextGeneration) -> None:
    """Write the offspring to `target`."""
    offspring = mate(
        load_history(job.history),
        job.search,
        job.evolution,
        job.seed,
        job.search_seed,
    )
    save_individuals(job.target, offspring)


if __name__ == "__main__":
    run_job(NextGeneration, next_generation)
