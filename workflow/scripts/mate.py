"""Judge a search's last generation, mate its best, and write the next generation."""

from pathlib import Path

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.gender import Evolution, Search
from crossbreed.jobs.job import run_job
from crossbreed.search.individual import save_individuals
from crossbreed.search.mating import next_generation
from crossbreed.search.trial_files import GenerationFiles, load_history


class Mate(Config):
    """Judge a search's last generation, mate its best, and write the next generation."""

    evolution: Evolution
    search: Search
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    history: list[GenerationFiles]
    """The generations so far, from the founders."""
    target: Path
    """Individuals to write (YAML)."""


def mate(settings: Mate) -> None:
    """Write the offspring to `target`."""
    offspring = next_generation(
        load_history(settings.history),
        settings.search,
        settings.evolution,
        settings.seed,
        settings.search_seed,
    )
    save_individuals(settings.target, offspring)


if __name__ == "__main__":
    run_job(Mate, mate)
