"""Choose whom of a generation to train to the end."""

from pathlib import Path

from crossbreed.config.base import Config, Count, Whole
from crossbreed.config.gender import Evolution, Search
from crossbreed.jobs.job import run_job
from crossbreed.search.choices import save_choices
from crossbreed.search.search import choose as choose_individuals
from crossbreed.search.trial_files import GenerationFiles, load_generation, load_history


class Choose(Config):
    """Choose whom of a generation to train to the end."""

    evolution: Evolution
    search: Search
    seed: Whole
    search_seed: Count
    """Which repetition of the searches."""
    newest: GenerationFiles
    """The generation, trained early."""
    history: list[GenerationFiles]
    """The generations before, from the founders."""
    target: Path
    """Choice to write (YAML)."""


def choose(settings: Choose) -> None:
    """Write the chosen individuals' numbers to `target`, the most promising first."""
    choices = choose_individuals(
        load_history(settings.history),
        load_generation(settings.newest),
        settings.search,
        settings.evolution,
        settings.seed,
        settings.search_seed,
    )
    save_choices(settings.target, choices)


if __name__ == "__main__":
    run_job(Choose, choose)
