"""The gender study as files: which exist, what each is made from, what its job is.

A search is a chain of generations, each a folder. The founders are a generation that all searches
of a seed share. How many individuals a generation has is known beforehand, so all files are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from crossbreed.config.gender import Evolution, Search
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.config.schema import Study
from crossbreed.config.text import TextData
from crossbreed.data.jobs import PrepareText
from crossbreed.gender.jobs import (
    EvaluatePredictors,
    EvaluateTable,
    Gather,
    GatherTable,
    InitPopulation,
    NextGeneration,
    PickWinner,
    PlotGender,
    Replay,
    SelectSurvivors,
    TabulateModes,
    TrainCells,
    TrainIndividuals,
    TrainWinner,
)
from crossbreed.search.budget import finished_per_generation, individuals_per_generation
from crossbreed.search.genome import cells
from crossbreed.search.layout import (
    CHOSEN,
    EARLY,
    FINISHED,
    INDIVIDUALS,
    GenerationFiles,
    SearchFiles,
)

# The figures and the tables that the page shows, with their titles.
FIGURES = {
    "training_loss": "Training loss of the winners",
    "validation_loss": "Validation loss of the winners",
    "fitness": "Fitness over the generations",
    "predictions": "Predicted against final loss",
    "family_tree": "Family tree of a winner",
    "search_cost": "Quality against cost",
}
# Of a table of trained architectures alone.
TABLE_FIGURES = {"shares": "From which share of a training on predictors tell its end"}
TABLES = {
    "table": "Winners of each mode",
    "differences": "Differences of modes, paired by search seed",
    "winners": "The winners' architectures",
    "evidence": "Whether early speed and predictors tell the end",
    "published": "The paper's numbers",
}


class Wildcards(Protocol):
    """What Snakemake fills into a rule's paths, as text."""

    seed: str
    mode: str
    generation: str
    stage: str
    batch: str
    repeat: str


class GenderPlan:
    """Everything that the gender study's rules need to know.

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
        self.raw = f"results/data/{study.text.name}"
        self.text = f"{self.results}/data/{study.text.name}.safetensors"
        self.figures = FIGURES
        self.tables = TABLES
        if self.settings.table:
            self.figures = FIGURES | TABLE_FIGURES
        self.seeds = [f"{seed:02d}" for seed in range(1, self.settings.seeds + 1)]
        self.repeats = [str(repeat) for repeat in range(1, self.settings.final_seeds + 1)]
        self.cells = cells(self.settings.space) if self.settings.table else []
        self.own_founders = [
            mode
            for mode in self.settings.modes
            if (search := study.mode[mode].search) and search.genes is not None
        ]
        self.searching = [mode for mode in self.settings.modes if study.mode[mode].search]

    # Where files are.

    def generation(self, seed: str, mode: str, generation: int) -> str:
        """Return the folder of a generation; generation 0 is shared, but of modes of own genes."""
        shared = not generation and mode not in self.own_founders
        return f"{self.folder}/seed-{seed}/{FOUNDERS if shared else mode}/generation-{generation}"

    def history(self, seed: str, mode: str, before: int) -> list[GenerationFiles]:
        """Return the generations before one: each folder with the batches trained in it."""
        return [
            GenerationFiles(
                folder=Path(self.generation(seed, mode, generation)),
                trials=self._trials(mode, generation),
            )
            for generation in range(before)
        ]

    def history_files(self, seed: str, mode: str, before: int) -> list[str]:
        """Return all files of the generations before one."""
        return [
            f"{files.folder}/{name}"
            for files in self.history(seed, mode, before)
            for name in (INDIVIDUALS, *_files(files.trials))
        ]

    def finals(self, name: str) -> list[str]:
        """Return a file of all final trainings."""
        return [
            f"{self.folder}/final/{mode}/seed-{seed}-{repeat}/{name}"
            for mode in self.settings.modes
            for seed in self.seeds
            for repeat in self.repeats
        ]

    def cell_rows(self) -> list[str]:
        """Return the rows of all cells of a table, a file for each job that trains some."""
        assert self.settings.table is not None
        jobs = -(-len(self.cells) // self.settings.table.cells_per_job)
        return [
            f"{self.folder}/table/seed-{seed}/cells-{batch:03d}.csv"
            for seed in range(1, self.settings.table.seeds + 1)
            for batch in range(1, jobs + 1)
        ]

    # What rules read.

    def train_cells_input(self) -> dict[str, str]:
        """Return the text and, if there is one, the table that rows are taken from."""
        table = self.settings.table
        known = {"known": table.rows_from} if table and table.rows_from else {}
        return {"text": self.text, **known}

    def train_individuals_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the text, the individuals and, if only some are trained, who was chosen."""
        folder = self._folder(wildcards)
        files = {"text": self.text, "individuals": f"{folder}/{INDIVIDUALS}"}
        if wildcards.stage == FINISHED and self._chooses(wildcards.mode):
            files["chosen"] = f"{folder}/{CHOSEN}"
        return files

    def select_survivors_input(self, wildcards: Wildcards) -> list[str]:
        """Return the generation as trained early, and all before."""
        folder, generation = self._folder(wildcards), int(wildcards.generation)
        return [
            f"{folder}/{INDIVIDUALS}",
            *(f"{folder}/{name}" for name in _files(self._early(wildcards.mode, generation))),
            *self.history_files(wildcards.seed, wildcards.mode, generation),
        ]

    def next_generation_input(self, wildcards: Wildcards) -> list[str]:
        """Return all generations before."""
        return self.history_files(wildcards.seed, wildcards.mode, int(wildcards.generation))

    def pick_winner_input(self, wildcards: Wildcards) -> list[str]:
        """Return a search's whole history; nothing of a mode that does not search."""
        if wildcards.mode not in self.searching:
            return []
        return self.history_files(wildcards.seed, wildcards.mode, self.settings.generations)

    def searched(self) -> list[str]:
        """Return every file of every search, and whom mothers and predictors chose."""
        files = [
            file
            for seed in self.seeds
            for mode in self.searching or [FOUNDERS]
            for file in self.history_files(seed, mode, self._generations(mode))
        ]
        chosen = [
            f"{self.generation(seed, mode, generation)}/{CHOSEN}"
            for seed in self.seeds
            for mode in self.searching
            if self._chooses(mode)
            for generation in range(1, self.settings.generations)
        ]
        return sorted({*files, *chosen})

    # What jobs there are.

    def prepare_text(self) -> PrepareText:
        """Return the split of the text."""
        return PrepareText(
            train_share=self.study.text.train_share,
            block_size=self.study.language.block_size,
            digests=text_digests(self.study.text),
        )

    def init_population(self, wildcards: Wildcards) -> InitPopulation:
        """Return the drawing of the first generation."""
        return InitPopulation.of(
            self.study,
            individuals=self.settings.individuals,
            space=self._evolution(wildcards.mode).space,
            predictor=self.settings.predictor,
            search_seed=int(wildcards.seed),
        )

    def train_individuals(self, wildcards: Wildcards) -> TrainIndividuals:
        """Return the training of a batch of individuals."""
        first = (int(wildcards.batch) - 1) * self.settings.individuals_per_job
        count = self._trained(wildcards.mode, int(wildcards.generation), wildcards.stage)
        return TrainIndividuals.of(
            self.study,
            early=self.settings.early,
            finish=wildcards.stage == FINISHED,
            search_seed=int(wildcards.seed),
            first=first,
            count=min(self.settings.individuals_per_job, count - first),
        )

    def train_cells(self, wildcards: Wildcards) -> TrainCells:
        """Return the training of a batch of a table's cells."""
        assert self.settings.table is not None
        size = self.settings.table.cells_per_job
        first = (int(wildcards.batch) - 1) * size
        return TrainCells.of(
            self.study,
            sampling=self.settings.sampling,
            table_seed=int(wildcards.seed),
            cells=self.cells[first : first + size],
        )

    def gather_table(self) -> GatherTable:
        """Return the gathering of the table's rows."""
        return GatherTable(batches=[Path(path) for path in self.cell_rows()])

    def trained_table(self) -> dict[str, str]:
        """Return the table that searches look trainings up in, if there is one."""
        return {"trained": f"{self.folder}/table.csv.gz"} if self.settings.table else {}

    def by_share(self) -> dict[str, str]:
        """Return the table of predictors after shares of a training, if there is one."""
        return {"by_share": f"{self.folder}/by_share.csv"} if self.settings.table else {}

    def select_survivors(self, wildcards: Wildcards) -> SelectSurvivors:
        """Return the selection of those to be trained to the end."""
        generation = int(wildcards.generation)
        return SelectSurvivors.of(
            self.study,
            evolution=self._evolution(wildcards.mode),
            search=self._search(wildcards.mode),
            search_seed=int(wildcards.seed),
            newest=GenerationFiles(
                folder=Path(self._folder(wildcards)), trials=self._early(wildcards.mode, generation)
            ),
            history=self.history(wildcards.seed, wildcards.mode, generation),
        )

    def next_generation(self, wildcards: Wildcards) -> NextGeneration:
        """Return the mating that makes a generation."""
        return NextGeneration.of(
            self.study,
            evolution=self._evolution(wildcards.mode),
            search=self._search(wildcards.mode),
            search_seed=int(wildcards.seed),
            history=self.history(wildcards.seed, wildcards.mode, int(wildcards.generation)),
        )

    def pick_winner(self, wildcards: Wildcards) -> PickWinner:
        """Return the choice of a winner."""
        history = (
            self.history(wildcards.seed, wildcards.mode, self.settings.generations)
            if wildcards.mode in self.searching
            else []
        )
        return PickWinner(baseline=self.settings.baseline, history=history)

    def train_winner(self, wildcards: Wildcards) -> TrainWinner:
        """Return the training of a winner anew."""
        return TrainWinner.of(
            self.study,
            sampling=self.settings.sampling,
            mode=wildcards.mode,
            search_seed=int(wildcards.seed),
            repeat=int(wildcards.repeat),
        )

    def replay(self) -> Replay:
        """Return all searches on the table."""
        return Replay.of(
            self.study,
            evolutions={mode: self._evolution(mode) for mode in self.searching},
            searches={mode: self._search(mode) for mode in self.searching},
            unsearched=[mode for mode in self.settings.modes if mode not in self.searching],
            generations=self.settings.generations,
            seeds=self.settings.seeds,
            baseline=self.settings.baseline,
        )

    def evaluate_table(self) -> EvaluateTable:
        """Return the tests of both assumptions over the table."""
        assert self.settings.table is not None
        return EvaluateTable.of(
            self.study,
            evolution=self.settings.evolution(),
            shares=self.settings.table.shares,
            confidence=self.study.statistics.confidence,
        )

    def gather(self) -> Gather:
        """Return the gathering of all searches and final trainings."""
        return Gather.of(
            self.study,
            evolution=self.settings.evolution(),
            own_founders=self.own_founders,
            searches=self._searches(),
            finals=[Path(path).parent for path in self.finals("result.json")],
        )

    def evaluate_predictors(self) -> EvaluatePredictors:
        """Return the tests of both assumptions."""
        return EvaluatePredictors.of(
            self.study,
            evolution=self.settings.evolution(),
            searches=self._searches(),
            confidence=self.study.statistics.confidence,
        )

    def tabulate_modes(self) -> TabulateModes:
        """Return the comparison of modes."""
        return TabulateModes.of(
            self.study,
            labels=self._labels(),
            confidence=self.study.statistics.confidence,
            paper=self.study.published,
            reference=self.settings.reference,
            main=self.settings.main,
            contrasts=self.settings.contrasts,
        )

    def plot_gender(self) -> PlotGender:
        """Return the drawing of the figures."""
        return PlotGender(
            labels=self._labels(),
            reference=self.settings.reference,
            main=self.settings.main,
            early=self.settings.early,
            confidence=self.study.statistics.confidence,
        )

    def _labels(self) -> dict[str, str]:
        return {mode: self.study.mode[mode].label for mode in self.settings.modes}

    def batches(self, count: int) -> list[str]:
        """Return the numbers of the jobs that train so many individuals."""
        jobs = -(-count // self.settings.individuals_per_job)
        return [f"{job:02d}" for job in range(1, jobs + 1)]

    def _searches(self) -> list[SearchFiles]:
        return [
            SearchFiles(
                seed=int(seed),
                mode=mode,
                history=self.history(seed, mode, self._generations(mode)),
                chooses=self._chooses(mode),
            )
            for seed in self.seeds
            for mode in self.searching or [FOUNDERS]
        ]

    def _generations(self, mode: str) -> int:
        return 1 if mode == FOUNDERS else self.settings.generations

    def _search(self, mode: str) -> Search:
        search = self.study.mode[mode].search
        assert search is not None
        return search

    def _evolution(self, mode: str) -> Evolution:
        return self.settings.evolution(None if mode == FOUNDERS else self._search(mode))

    def _chooses(self, mode: str) -> bool:
        return mode != FOUNDERS and self._search(mode).finish != "all"

    def _folder(self, wildcards: Wildcards) -> str:
        return self.generation(wildcards.seed, wildcards.mode, int(wildcards.generation))

    def _trained(self, mode: str, generation: int, stage: str) -> int:
        if not generation:
            return self.settings.individuals
        count = individuals_per_generation if stage == EARLY else finished_per_generation
        return count(self._search(mode), self.settings)

    def _early(self, mode: str, generation: int) -> list[str]:
        return [name for name in self._trials(mode, generation) if name.startswith(EARLY)]

    def _trials(self, mode: str, generation: int) -> list[str]:
        """Return the names, less their suffixes, of a generation's files of trials."""
        stages = [EARLY, FINISHED] if generation and self._chooses(mode) else [FINISHED]
        return [
            f"{stage}-{batch}"
            for stage in stages
            for batch in self.batches(self._trained(mode, generation, stage))
        ]


def _files(trials: list[str]) -> list[str]:
    return [f"{trial}{suffix}" for trial in trials for suffix in (".json", ".seconds.json")]


def text_digests(text: TextData) -> dict[str, str]:
    """Return the digests of the editions that are wanted, the most wanted first."""
    return {name: text.editions[name].sha256 for name in text.prefer}
