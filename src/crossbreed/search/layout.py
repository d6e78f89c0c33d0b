"""The files of a search, a folder for each generation; light, since the plan reads it, too."""

from __future__ import annotations

from pathlib import Path

from crossbreed.config.base import Config, Count, Name

INDIVIDUALS = "individuals.yaml"
# Which individuals of a generation are trained to the end.
CHOSEN = "chosen.yaml"
# How the names of files of trials begin: those of the early trainings, those of the full ones.
EARLY, FINISHED = "early", "finished"


class GenerationFiles(Config):
    """A generation's folder, and its files of trials, less their suffixes."""

    folder: Path
    trials: list[str]


class SearchFiles(Config):
    """A search: its seed, its mode, its generations from the founders."""

    seed: Count
    mode: Name
    history: list[GenerationFiles]
    chooses: bool
    """Whether only some of a generation are trained to the end."""
