"""The gender study as jobs: what each file is made from, and how."""

from __future__ import annotations

from typing import Protocol

from crossbreed.config.gender import Evolution
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.config.schema import Study
from crossbreed.config.text import TextData
from crossbreed.data.jobs import PrepareText
from crossbreed.gender import expected_seconds
from crossbreed.gender.files import GenderFiles, trial_files
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
from crossbreed.search.layout import CHOSEN, EARLY, FINISHED, INDIVIDUALS, GenerationFiles

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


class GenderPlan(GenderFiles):
    """Everything that the gender study's rules need to know.

    Parameters
    ----------
    study
        The resolved configuration.
    """

    def __init__(self, study: Study) -> None:
        super().__init__(study)
        self.raw = f"results/data/{study.text.name}"
        self.text = f"{self.results}/data/{study.text.name}.safetensors"
        self.figures = FIGURES
        self.tables = TABLES
        if self.settings.table:
            self.figures = FIGURES | TABLE_FIGURES

    # What rules read.

    def train_cells_input(self) -> dict[str, str]:
        """Return the text and, if there is one, the table that rows are taken from."""
        table = self.settings.table
        known = {"known": table.rows_from} if table and table.rows_from else {}
        return {"text": self.text, **known}

    def train_individuals_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the text, the individuals and, if only some are trained, who was chosen."""
        folder = self._generation(wildcards).folder
        files = {"text": self.text, "individuals": f"{folder}/{INDIVIDUALS}"}
        # All founders are trained to the end.
        chosen = int(wildcards.generation) and self._chooses(wildcards.mode)
        if wildcards.stage == FINISHED and chosen:
            files["chosen"] = f"{folder}/{CHOSEN}"
        return files

    def select_survivors_input(self, wildcards: Wildcards) -> list[str]:
        """Return the generation as trained early, and all before."""
        newest = self._newest(wildcards)
        return [
            f"{newest.folder}/{INDIVIDUALS}",
            *(f"{newest.folder}/{name}" for name in trial_files(newest.trials)),
            *self.history_files(wildcards.seed, wildcards.mode, int(wildcards.generation)),
        ]

    def next_generation_input(self, wildcards: Wildcards) -> list[str]:
        """Return all generations before."""
        return self.history_files(wildcards.seed, wildcards.mode, int(wildcards.generation))

    def pick_winner_input(self, wildcards: Wildcards) -> list[str]:
        """Return a search's whole history; nothing of a mode that does not search."""
        if wildcards.mode not in self.searching:
            return []
        return self.history_files(wildcards.seed, wildcards.mode, self.settings.generations)

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
        count = self.settings.individuals
        if int(wildcards.generation):
            count = self._trained(wildcards.mode, wildcards.stage)
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

    def before_the_run(self) -> str:
        """Say in a line what the study can show."""
        # Loaded where it is needed: it takes a second.
        from crossbreed.statistics.power import before_the_run

        declared, seeds = self.study.statistics, self.settings.seeds
        can = before_the_run(seeds, declared.confidence, declared.power, "searches")
        made = (
            f"{_counted(seeds, 'search', 'es')} by each of {_counted(len(self.searching), 'mode')}"
        )
        if self.settings.table:
            times = _counted(self.settings.table.seeds, "time")
            made += f" in {_counted(len(self.cells), 'architecture')}, trained {times}"
            can += "; intervals count as well what so few architectures leave open"
        return f"Gender study, {made}: {can}."

    # How long jobs are expected to take, in seconds of a core.

    def cells_seconds(self, wildcards: Wildcards) -> list[float]:
        """Return those of each of a batch of cells."""
        return [
            expected_seconds.of_training(self.study.language, cell)
            for cell in self.train_cells(wildcards).cells
        ]

    def individuals_seconds(self, wildcards: Wildcards) -> float:
        """Return those of a batch of individuals, were they all like the default."""
        job, early = self.train_individuals(wildcards), self.settings.early
        share = early if not job.finish else 1.0 if int(wildcards.generation) == 0 else 1.0 - early
        return job.count * share * self.winner_seconds()

    def winner_seconds(self) -> float:
        """Return those of a training of the default architecture."""
        return expected_seconds.of_training(self.study.language, self.settings.baseline)

    def replay_seconds(self) -> float:
        """Return those of all searches on the table."""
        individuals = self.settings.generations * self.settings.individuals
        return expected_seconds.of_replay(self._search_count(), individuals)

    def evaluation_seconds(self) -> float:
        """Return those of the tests of predictors over the table."""
        assert self.settings.table is not None
        shares = len(self.settings.table.shares)
        return expected_seconds.of_table_evaluation(shares, len(self.cells))

    def comparison_seconds(self) -> float:
        """Return those of the comparison of modes."""
        return expected_seconds.of_comparison(self._search_count())

    def drawing_seconds(self) -> float:
        """Return those of the drawing of the figures."""
        return expected_seconds.of_drawing(self._search_count())

    def _search_count(self) -> int:
        return self.settings.seeds * len(self.searching)

    def gather_table(self) -> GatherTable:
        """Return the gathering of the table's rows."""
        return GatherTable(rows=self._cell_rows())

    def trained_table(self) -> dict[str, str]:
        """Return the table that searches look trainings up in, if there is one."""
        return {"trained": f"{self.folder}/table.csv.gz"} if self.settings.table else {}

    def by_share(self) -> dict[str, str]:
        """Return the table of predictors after shares of a training, if there is one."""
        return {"by_share": f"{self.folder}/by_share.csv"} if self.settings.table else {}

    def select_survivors(self, wildcards: Wildcards) -> SelectSurvivors:
        """Return the selection of those to be trained to the end."""
        return SelectSurvivors.of(
            self.study,
            evolution=self._evolution(wildcards.mode),
            search=self._search(wildcards.mode),
            search_seed=int(wildcards.seed),
            newest=self._newest(wildcards),
            history=self.history(wildcards.seed, wildcards.mode, int(wildcards.generation)),
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
        modes = self._searched_modes()
        return Replay.of(
            self.study,
            evolutions={mode: self._evolution(mode) for mode in modes},
            searches={mode: self._search(mode) for mode in modes},
            unsearched=[mode for mode in self.settings.modes if mode not in self.searching],
            generations=self._generations(modes[0]),
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
            finals=self._finals(),
        )

    def evaluate_predictors(self) -> EvaluatePredictors:
        """Return the tests of both assumptions."""
        return EvaluatePredictors.of(
            self.study,
            evolution=self.settings.evolution(),
            searches=self._searches().with_founders(FOUNDERS),
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

    def _evolution(self, mode: str) -> Evolution:
        return self.settings.evolution(self._search(mode))

    def _generation(self, wildcards: Wildcards) -> GenerationFiles:
        """Return the generation that a rule's paths are of."""
        number = int(wildcards.generation)
        return self.history(wildcards.seed, wildcards.mode, number + 1)[number]

    def _newest(self, wildcards: Wildcards) -> GenerationFiles:
        """Return a generation as far as it is trained early."""
        generation = self._generation(wildcards)
        early = [name for name in generation.trials if name.startswith(EARLY)]
        return generation.model_copy(update={"trials": early})


def text_digests(text: TextData) -> dict[str, str]:
    """Return the digests of the editions that are wanted, the most wanted first."""
    return {name: text.editions[name].sha256 for name in text.prefer}


def _counted(number: int, noun: str, ending: str = "s") -> str:
    return f"{number} {noun}{'' if number == 1 else ending}"
