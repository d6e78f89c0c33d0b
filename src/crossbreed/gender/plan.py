"""The gender study as files: which exist, what each is made from, what its script is told.

A search is a chain of generations, each a folder. The founders are a generation that all searches
of a seed share. How many individuals a generation has is known beforehand, so all files are.
"""

from __future__ import annotations

from typing import Any, Protocol

from crossbreed.config.gender import Search
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.config.overrides import override
from crossbreed.config.schema import Study
from crossbreed.crossover.plan import told
from crossbreed.search.budget import finished_per_generation, individuals_per_generation


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
        self.seeds = [f"{seed:02d}" for seed in range(1, self.settings.seeds + 1)]
        self.repeats = [str(repeat) for repeat in range(1, self.settings.final_seeds + 1)]
        self.searching = [mode for mode in self.settings.modes if study.mode[mode].search]

    # Where files are.

    def generation(self, seed: str, mode: str, generation: int) -> str:
        """Return the folder of a generation; generation 0 is the founders', whatever the mode."""
        return (
            f"{self.folder}/seed-{seed}/{mode if generation else FOUNDERS}/generation-{generation}"
        )

    def history(self, seed: str, mode: str, before: int) -> list[dict[str, Any]]:
        """Return the generations before one: each folder with the batches trained in it."""
        return [
            {
                "folder": self.generation(seed, mode, generation),
                "trials": self._trials(mode, generation),
            }
            for generation in range(before)
        ]

    def history_files(self, seed: str, mode: str, before: int) -> list[str]:
        """Return all files that tell of the generations before one."""
        return [
            f"{part['folder']}/{name}"
            for part in self.history(seed, mode, before)
            for name in ("individuals.yaml", *(trial for trial in _files(part["trials"])))
        ]

    def winner(self, seed: str, mode: str) -> str:
        """Return the file that names a search's winner."""
        return f"{self.folder}/seed-{seed}/{mode}/winner.yaml"

    def finals(self, name: str) -> list[str]:
        """Return a file of all final trainings."""
        return [
            f"{self.folder}/final/{mode}/seed-{seed}-{repeat}/{name}"
            for mode in self.settings.modes
            for seed in self.seeds
            for repeat in self.repeats
        ]

    # What rules read.

    def train_individuals_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the text, the individuals and, if only some are trained, who was chosen."""
        folder = self._folder(wildcards)
        given = {"text": self.text, "individuals": f"{folder}/individuals.yaml"}
        if wildcards.stage == "finished" and self._chooses(wildcards.mode):
            given["chosen"] = f"{folder}/chosen.yaml"
        return given

    def choose_input(self, wildcards: Wildcards) -> list[str]:
        """Return the generation as trained early, and all before."""
        folder, generation = self._folder(wildcards), int(wildcards.generation)
        early = [name for name in self._trials(wildcards.mode, generation) if "early" in name]
        return [
            f"{folder}/individuals.yaml",
            *(f"{folder}/{name}" for name in _files(early)),
            *self.history_files(wildcards.seed, wildcards.mode, generation),
        ]

    def mate_input(self, wildcards: Wildcards) -> list[str]:
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
            f"{self.generation(seed, mode, generation)}/chosen.yaml"
            for seed in self.seeds
            for mode in self.searching
            if self._chooses(mode)
            for generation in range(1, self.settings.generations)
        ]
        return sorted({*files, *chosen})

    # What scripts are told.

    def download_text_told(self) -> list[str]:
        """Return which editions of the text are wanted, the most wanted first."""
        return [override("text.prefer", self.study.text.prefer)]

    def text_content(self) -> dict[str, str]:
        """Return the digests of the wanted editions."""
        text = self.study.text
        return {name: text.editions[name].sha256 for name in text.prefer}

    def prepare_text_told(self) -> list[str]:
        """Return what splitting the text depends on."""
        return told(
            train_share=self.study.text.train_share,
            block_size=self.study.language.block_size,
            editions=self.text_content(),
        )

    def found_told(self, wildcards: Wildcards) -> list[str]:
        """Return what drawing the founders depends on."""
        settings = self.settings
        return told(
            individuals=settings.individuals,
            space=settings.space.model_dump(),
            predictor=settings.predictor,
            seed=self.study.seed,
            search_seed=int(wildcards.seed),
        )

    def train_individuals_told(self, wildcards: Wildcards) -> list[str]:
        """Return what training a batch of individuals depends on."""
        first = (int(wildcards.batch) - 1) * self.settings.individuals_per_job
        count = self._trained(wildcards.mode, int(wildcards.generation), wildcards.stage)
        return told(
            language=self.study.language,
            early=self.settings.early,
            finish=wildcards.stage == "finished",
            seed=self.study.seed,
            search_seed=int(wildcards.seed),
            first=first,
            count=min(self.settings.individuals_per_job, count - first),
        )

    def choose_told(self, wildcards: Wildcards) -> list[str]:
        """Return what the choice of those to be trained to the end depends on."""
        generation = int(wildcards.generation)
        return self._search_told(wildcards) + told(
            newest={
                "folder": self._folder(wildcards),
                "trials": [
                    name for name in self._trials(wildcards.mode, generation) if "early" in name
                ],
            },
            history=self.history(wildcards.seed, wildcards.mode, generation),
        )

    def mate_told(self, wildcards: Wildcards) -> list[str]:
        """Return what the next generation depends on."""
        return self._search_told(wildcards) + told(
            history=self.history(wildcards.seed, wildcards.mode, int(wildcards.generation))
        )

    def pick_winner_told(self, wildcards: Wildcards) -> list[str]:
        """Return what the choice of a winner depends on."""
        history = (
            self.history(wildcards.seed, wildcards.mode, self.settings.generations)
            if wildcards.mode in self.searching
            else []
        )
        return told(baseline=self.settings.baseline, history=history)

    def train_winner_told(self, wildcards: Wildcards) -> list[str]:
        """Return what training a winner anew depends on."""
        return told(
            language=self.study.language,
            sampling=self.settings.sampling,
            mode=wildcards.mode,
            seed=self.study.seed,
            search_seed=int(wildcards.seed),
            repeat=int(wildcards.repeat),
        )

    def gather_told(self) -> list[str]:
        """Return where all searches and final trainings are, and what judges them."""
        return [
            *self._judging_told(),
            *told(
                searches=self._searches(),
                finals=[path.removesuffix("/result.json") for path in self.finals("result.json")],
            ),
        ]

    def weigh_evidence_told(self) -> list[str]:
        """Return what the evidence about both assumptions depends on."""
        statistics = self.study.statistics
        return [
            *self._judging_told(),
            *told(
                searches=self._searches(),
                confidence=statistics.confidence,
                resamples=statistics.resamples,
            ),
        ]

    def tabulate_told(self) -> list[str]:
        """Return what the tables depend on."""
        return self.plot_told() + told(paper=self.study.published.model_dump(mode="json"))

    def plot_told(self) -> list[str]:
        """Return what the figures depend on."""
        return told(
            labels={mode: self.study.mode[mode].label for mode in self.settings.modes},
            confidence=self.study.statistics.confidence,
        )

    def batches(self, count: int) -> list[str]:
        """Return the numbers of the jobs that train so many individuals."""
        jobs = -(-count // self.settings.individuals_per_job)
        return [f"{job:02d}" for job in range(1, jobs + 1)]

    def _searches(self) -> list[dict[str, Any]]:
        return [
            {
                "seed": int(seed),
                "mode": mode,
                "history": self.history(seed, mode, self._generations(mode)),
                "chooses": self._chooses(mode),
            }
            for seed in self.seeds
            for mode in self.searching or [FOUNDERS]
        ]

    def _generations(self, mode: str) -> int:
        return 1 if mode == FOUNDERS else self.settings.generations

    def _judging_told(self) -> list[str]:
        return told(evolution=self.settings.evolution().model_dump(), seed=self.study.seed)

    def _search_told(self, wildcards: Wildcards) -> list[str]:
        return [
            *self._judging_told(),
            *told(
                search=self._search(wildcards.mode).model_dump(),
                search_seed=int(wildcards.seed),
            ),
        ]

    def _search(self, mode: str) -> Search:
        search = self.study.mode[mode].search
        assert search is not None
        return search

    def _chooses(self, mode: str) -> bool:
        return mode != FOUNDERS and self._search(mode).finish != "all"

    def _folder(self, wildcards: Wildcards) -> str:
        return self.generation(wildcards.seed, wildcards.mode, int(wildcards.generation))

    def _trained(self, mode: str, generation: int, stage: str) -> int:
        if not generation:
            return self.settings.individuals
        count = individuals_per_generation if stage == "early" else finished_per_generation
        return count(self._search(mode), self.settings)

    def _trials(self, mode: str, generation: int) -> list[str]:
        """Return the names, less their suffixes, of a generation's files of trials."""
        stages = ["early", "finished"] if generation and self._chooses(mode) else ["finished"]
        return [
            f"{stage}-{batch}"
            for stage in stages
            for batch in self.batches(self._trained(mode, generation, stage))
        ]


def _files(trials: list[str]) -> list[str]:
    return [f"{trial}{suffix}" for trial in trials for suffix in (".json", ".seconds.json")]
