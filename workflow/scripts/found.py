"""Draw the founders of all searches with one search seed."""

from pathlib import Path

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.gender import PredictorSpace, SearchSpace
from crossbreed.jobs.job import run_job
from crossbreed.search.individual import save_individuals
from crossbreed.search.mating import newcomers


class Found(Config):
    """Draw the founders of all searches with one search seed."""

    individuals: Count
    space: SearchSpace
    predictor: PredictorSpace
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    target: Path
    """Individuals to write (YAML)."""


def found(settings: Found) -> None:
    """Write the founders to `target`."""
    founders = newcomers(
        settings.space,
        settings.predictor,
        settings.individuals,
        settings.seed,
        settings.search_seed,
        0,
    )
    save_individuals(settings.target, founders)


if __name__ == "__main__":
    run_job(Found, found)
