"""Draw the founders of all searches with one search seed."""

from crossbreed.gender.jobs import InitPopulation
from crossbreed.jobs.command_line import run_job
from crossbreed.search.files import save_individuals
from crossbreed.search.next_generation import random_individuals


def init_population(job: InitPopulation) -> None:
    """Write the individuals to `target`."""
    individuals = random_individuals(
        job.space,
        job.predictor,
        job.individuals,
        job.seed,
        job.search_seed,
        0,
    )
    save_individuals(job.target, individuals)


if __name__ == "__main__":
    run_job(InitPopulation, init_population)
