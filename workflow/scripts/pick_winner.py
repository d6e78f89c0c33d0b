"""Name the architecture that a search has found."""

from pathlib import Path

import yaml

from crossbreed.config.base import Config
from crossbreed.config.language import Transformer
from crossbreed.jobs.job import run_job
from crossbreed.search.search import winner
from crossbreed.search.trial_files import GenerationFiles, load_history
from crossbreed.storage.files import write_text


class PickWinner(Config):
    """Name the architecture that a search has found."""

    baseline: Transformer
    """The default architecture, where there was no search."""
    history: list[GenerationFiles]
    """The search's generations; none: there was no search."""
    target: Path
    """The winner, to write (YAML)."""


def pick_winner(settings: PickWinner) -> None:
    """Write the individual with the lowest final loss to `target`."""
    found = None
    architecture = settings.baseline
    if settings.history:
        best, loss = winner(load_history(settings.history))
        architecture = best.architecture
        found = {"generation": best.generation, "number": best.number, "final_loss": loss}
    content = {"architecture": architecture.model_dump(), "found": found}
    write_text(settings.target, yaml.safe_dump(content, sort_keys=False))


if __name__ == "__main__":
    run_job(PickWinner, pick_winner)
