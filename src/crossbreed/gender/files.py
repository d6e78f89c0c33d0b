"""Which files the gender study's searches, winners and table have.

A search is a chain of generations, each a folder. The founders are a generation that all searches
of a seed share. How many individuals a generation has is known beforehand, so all files are.
"""

from __future__ import annotations

from pathlib import Path

from crossbreed.config.gender import Newcomers, Search
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.config.schema import Study
from crossbreed.search.budget import finished_per_generation, individuals_per_generation
from crossbreed.search.genome import cells
from crossbreed.search.layout import (
    CHOSEN,
    EARLY,
    FINISHED,
    INDIVIDUALS,
    CellRows,
    Finals,
    GenerationFiles,
    ModeFiles,
    Searches,
    seed_folder,
)

# That of the founders alone, if no mode searches: it ends before its rule matters.
_NOBODY_BREEDS = Search(offspring=Newcomers(rule="newcomers"), finish="all")


class GenderFiles:
    """The files of a gender study.

    Parameters
    ----------
    study
        The resolved configuration.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.settings = study.gender
        self.results = f"results/{study.preset}"
        self.folder = f"{self.results}/gender"
        self.cells = cells(self.settings.space) if self.settings.table else []
        self.own_founders = [
            mode
            for mode in self.settings.modes
            if (search := study.mode[mode].search) and search.genes is not None
        ]
        self.searching = [mode for mode in self.settings.modes if study.mode[mode].search]

    def history(self, seed: str, mode: str, before: int) -> list[GenerationFiles]:
        """Return the generations before one; generation 0 is shared, but of modes of own genes."""
        return self._files(mode).history(seed_folder(Path(self.folder), int(seed)), before)

    def history_files(self, seed: str, mode: str, before: int) -> list[str]:
        """Return all files of the generations before one."""
        return [
            f"{files.folder}/{name}"
            for files in self.history(seed, mode, before)
            for name in (INDIVIDUALS, *trial_files(files.trials))
        ]

    def finals(self, name: str) -> list[str]:
        """Return a file of all final trainings."""
        return [f"{folder}/{name}" for folder in self._finals().folders()]

    def cell_rows(self) -> list[str]:
        """Return the rows of all cells of a table, a file for each job that trains some."""
        return [str(path) for path in self._cell_rows().paths()]

    def searched(self) -> list[str]:
        """Return every file of every search, and whom mothers and predictors chose."""
        searches = self._searches().files()
        files = {
            f"{generation.folder}/{name}"
            for search in searches
            for generation in search.history
            for name in (INDIVIDUALS, *trial_files(generation.trials))
        }
        chosen = {
            f"{generation.folder}/{CHOSEN}"
            for search in searches
            if search.chooses
            for generation in search.history[1:]
        }
        return sorted(files | chosen)

    def _searches(self) -> Searches:
        return Searches(
            folder=Path(self.folder),
            seeds=self.settings.seeds,
            modes=[self._files(mode) for mode in self._searched_modes()],
        )

    def _finals(self) -> Finals:
        settings = self.settings
        return Finals(
            folder=Path(self.folder),
            modes=settings.modes,
            seeds=settings.seeds,
            repeats=settings.final_seeds,
        )

    def _cell_rows(self) -> CellRows:
        table = self.settings.table
        assert table is not None
        batches = -(-len(self.cells) // table.cells_per_job)
        return CellRows(folder=Path(self.folder), seeds=table.seeds, batches=batches)

    def _files(self, mode: str) -> ModeFiles:
        return ModeFiles(
            mode=mode,
            founders=mode if mode in self.own_founders else FOUNDERS,
            generations=self._generations(mode),
            founders_batches=self._jobs(self.settings.individuals),
            early_batches=self._jobs(self._trained(mode, EARLY)) if self._chooses(mode) else 0,
            finished_batches=self._jobs(self._trained(mode, FINISHED)),
        )

    def _searched_modes(self) -> list[str]:
        """Return the modes that search; without any, founders are drawn all the same."""
        return self.searching or [FOUNDERS]

    def _jobs(self, individuals: int) -> int:
        return -(-individuals // self.settings.individuals_per_job)

    def _generations(self, mode: str) -> int:
        return 1 if mode == FOUNDERS else self.settings.generations

    def _search(self, mode: str) -> Search:
        if mode == FOUNDERS:
            return _NOBODY_BREEDS
        search = self.study.mode[mode].search
        assert search is not None
        return search

    def _chooses(self, mode: str) -> bool:
        return self._search(mode).finish != "all"

    def _trained(self, mode: str, stage: str) -> int:
        """Return how many of a generation after the founders are trained."""
        count = individuals_per_generation if stage == EARLY else finished_per_generation
        return count(self._search(mode), self.settings)


def trial_files(trials: list[str]) -> list[str]:
    """Return the names of files of trials, with those of their seconds."""
    return [f"{trial}{suffix}" for trial in trials for suffix in (".json", ".seconds.json")]
