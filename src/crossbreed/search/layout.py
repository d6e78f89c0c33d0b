"""The files of searches and of a table, by rules; light, since the plan reads it, too.

Jobs that read many files are told the rule: a command's length is limited.
"""

from __future__ import annotations

from pathlib import Path

from crossbreed.config.base import Config, Count, Name, Whole

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


class ModeFiles(Config):
    """Where a mode's searches lie in the folders of their seeds."""

    mode: Name
    founders: Name
    """Whose first generation they begin with."""
    generations: Count
    """Generations of a search, the founders included."""
    founders_batches: Count
    """Jobs that train the founders, all of them to the end."""
    early_batches: Whole
    """Jobs that train a later generation early; 0: all of it is trained to the end at once."""
    finished_batches: Count
    """Jobs that train those of a later generation that are trained to the end."""

    def generation(self, seed_folder: Path, number: int) -> GenerationFiles:
        """Return a generation's files."""
        if not number:
            trials = _batches(FINISHED, self.founders_batches)
        else:
            trials = [
                *_batches(EARLY, self.early_batches),
                *_batches(FINISHED, self.finished_batches),
            ]
        whose = self.mode if number else self.founders
        return GenerationFiles(folder=seed_folder / whose / f"generation-{number}", trials=trials)

    def history(self, seed_folder: Path, before: int) -> list[GenerationFiles]:
        """Return the generations before one."""
        return [self.generation(seed_folder, number) for number in range(before)]


class Searches(Config):
    """All searches of a study."""

    folder: Path
    """Holds a folder for each seed."""
    seeds: Count
    """Repetitions of every search."""
    modes: list[ModeFiles]

    def files(self) -> list[SearchFiles]:
        """Return each search."""
        return [
            SearchFiles(
                seed=seed,
                mode=mode.mode,
                history=mode.history(seed_folder(self.folder, seed), mode.generations),
                chooses=mode.early_batches > 0,
            )
            for seed in range(1, self.seeds + 1)
            for mode in self.modes
        ]

    def with_founders(self, name: str) -> Searches:
        """Return the searches that begin with the founders of this name."""
        modes = [mode for mode in self.modes if mode.founders == name]
        return self.model_copy(update={"modes": modes})


class Finals(Config):
    """All trainings of the winners of searches."""

    folder: Path
    """Holds the folder `final`."""
    modes: list[Name]
    seeds: Count
    """Repetitions of every search."""
    repeats: Count
    """Trainings of each winner."""

    def folders(self) -> list[Path]:
        """Return the folder of each training."""
        return [
            self.folder / "final" / mode / f"seed-{seed:02d}-{repeat}"
            for mode in self.modes
            for seed in range(1, self.seeds + 1)
            for repeat in range(1, self.repeats + 1)
        ]


class CellRows(Config):
    """The rows of a table of trained architectures, a file for each job that trains some."""

    folder: Path
    """Holds the folder `table`."""
    seeds: Count
    """Trainings of each architecture."""
    batches: Count
    """Jobs that train all architectures once."""

    def paths(self) -> list[Path]:
        """Return each file (CSV)."""
        return [
            self.folder / "table" / f"seed-{seed}" / f"cells-{batch:03d}.csv"
            for seed in range(1, self.seeds + 1)
            for batch in range(1, self.batches + 1)
        ]


def seed_folder(folder: Path, seed: int) -> Path:
    """Return the folder of the searches with one seed."""
    return folder / f"seed-{seed:02d}"


def _batches(stage: str, count: int) -> list[str]:
    return [f"{stage}-{batch:02d}" for batch in range(1, count + 1)]
