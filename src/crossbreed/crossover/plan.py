"""The crossover study as files: which exist, what each is made from, what its script is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from crossbreed.breeding.lineage import TRUNK, Lineages, Segment, epoch_at, node
from crossbreed.config.base import Config
from crossbreed.config.overrides import override, overrides
from crossbreed.config.schema import Data, EngineName, Study, Trainer
from crossbreed.jobs.fingerprint import fingerprint
from crossbreed.training.checkpoint import POPULATION_FILE


class Wildcards(Protocol):
    """What Snakemake fills into a rule's paths, as text."""

    run: str
    lineage: str
    epoch: str


class Plan:
    """Everything that the rules of a study need to know.

    What a rule is told, and a digest of the code behind its script, are what Snakemake compares to
    decide whether a result is still valid; so a rule is told what decides its numbers, no more.

    Parameters
    ----------
    study
        The resolved configuration.
    root
        Folder of the checkout.
    place
        Folder of the study below the preset's results.
    """

    def __init__(self, study: Study, root: Path, place: str = "crossover") -> None:
        self.study = study
        self.root = root
        self.results = f"results/{study.preset}"
        self.folder = f"{self.results}/{place}"
        self.raw = f"results/data/{study.dataset.name}"
        self.examples = f"{self.folder}/data/{study.dataset.name}.safetensors"
        # Who owns the trunk, and whose trunks this plan's stands for.
        self._owner = self
        self._sharers = [self]
        self.runs = [f"{run:02d}" for run in range(1, study.runs + 1)]
        self.marks = [epoch_at(fraction, study.epochs) for fraction in study.evaluation.at]
        self.lineages = Lineages(
            epochs=study.epochs,
            events={
                name: [epoch_at(event.at, study.epochs) for event in study.arm[name].events]
                for name in study.arms
            },
            marks=self.marks,
            segment_epochs=study.segment_epochs,
        )

    def take_trunk_of(self, owner: Plan) -> None:
        """Let another plan, whose `trunk_told` is the same, hold this one's trunk."""
        self._owner = owner
        owner._sharers.append(self)

    def code(self, script: str, engine: EngineName | None = None) -> str:
        """Return the digest of a script and the library code behind it.

        Without the code of other engines than the given one; None: the study's.
        """
        path = self.root / f"workflow/scripts/{script}.py"
        return fingerprint(path, engine or self.study.engine)

    def raw_files(self) -> dict[str, str]:
        """Return the data set's files by what they hold."""
        files = self.study.dataset.files
        return {
            kind: f"{self.raw}/{getattr(files, kind).name}" for kind in type(files).model_fields
        }

    def node(self, run: str, lineage: str, epoch: int, file: str) -> str:
        """Return the path of a file of a lineage at an epoch."""
        folder = self._owner.folder if lineage == TRUNK else self.folder
        return f"{folder}/run-{run}/{node(lineage, epoch, file)}"

    def trunk_folder(self, wildcards: Wildcards) -> str:
        """Return the folder of a run that holds its trunk."""
        return f"{self._owner.folder}/run-{wildcards.run}"

    def populations(self) -> list[str]:
        """Return the populations at every mark, so that a deleted one is made again."""
        return [self._population(run, part) for run in self.runs for part in self._marked()]

    def train_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the examples and, after epoch 0, the population that training goes on from."""
        part = self._segment(wildcards)
        given = {"examples": self.examples}
        if part.bred:
            given["source"] = self.node(
                wildcards.run, part.lineage, part.start, "offspring.safetensors"
            )
        elif part.start:
            given["source"] = self.node(wildcards.run, part.source, part.start, POPULATION_FILE)
        return given

    def breed_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the population before an event and the learning curve that ends there."""
        before = self.lineages.until(wildcards.lineage, int(wildcards.epoch))[-1]
        return {
            "source": self._population(wildcards.run, before),
            "curve": self._curve(wildcards.run, before),
        }

    def evaluate_input(self, wildcards: Wildcards) -> dict[str, Any]:
        """Return all that a run's evaluation reads."""
        return {
            "examples": self.examples,
            "populations": [self._population(wildcards.run, part) for part in self._marked()],
            "curves": sorted(
                {
                    self._curve(wildcards.run, part)
                    for arm in self.study.arms
                    for part in self.lineages.chain(arm)
                }
            ),
        }

    def download_told(self) -> list[str]:
        """Return what fetching the data set depends on: the wanted content."""
        return told(files=self.study.dataset.files)

    def prepare_told(self) -> list[str]:
        """Return what the split of the data set depends on."""
        dataset = self.study.dataset
        return told(
            seed=self.study.seed,
            available=dataset.available,
            classes=dataset.classes,
            split=dataset.model_dump(include={"train", "validation", "test"}),
            files=dataset.files,
        )

    def train_told(self, wildcards: Wildcards) -> list[str]:
        """Return what a segment of training depends on."""
        part = self._segment(wildcards)
        return self._training_told() + told(
            run=int(wildcards.run), start=part.start, stop=part.stop
        )

    def _training_told(self) -> list[str]:
        study = self.study
        return told(
            engine=study.engine,
            # As a whole: which keys it has depends on the architecture.
            model=study.model.model_dump(),
            trainer=study.trainer,
            population=study.population,
            classes=study.dataset.classes,
            seed=study.seed,
        )

    def trunk_told(self) -> list[str]:
        """Return all that a trunk depends on besides its run, and where it is cut.

        But for the cuts of arms that breed elsewhere: those train the trunk from its last cut on
        once more for themselves.
        """
        cuts = self.lineages.common_cuts()
        return [*self._training_told(), *self.prepare_told(), *told(cuts=cuts)]

    def breed_told(self, wildcards: Wildcards) -> list[str]:
        """Return what an event depends on."""
        epoch = int(wildcards.epoch)
        index = self.lineages.event_index(wildcards.lineage, epoch)
        event = self.study.arm[wildcards.lineage].events[index]
        what = event.model_dump(mode="json", exclude={"at"})
        return told(event=what, seed=self.study.seed, run=int(wildcards.run), epoch=epoch)

    def evaluate_told(self, wildcards: Wildcards) -> list[str]:
        """Return what a run's evaluation depends on."""
        study = self.study
        return told(
            engine=study.engine,
            model=study.model.model_dump(),
            trainer=self._measuring_trainer(),
            classes=study.dataset.classes,
            run=int(wildcards.run),
            points=[
                {"arms": arms, "lineage": part.lineage, "epoch": part.stop}
                for part, arms in self._marked().items()
            ],
            chains=[
                {
                    "arm": arm,
                    "lineages": [part.lineage for part in self.lineages.chain(arm)],
                    "epochs": [part.stop for part in self.lineages.chain(arm)],
                }
                for arm in study.arms
            ],
        )

    def _measuring_trainer(self) -> Trainer:
        """Return the trainer for what is measured and not trained: too little for GPU, compiler."""
        return self.study.trainer.model_copy(
            update={"device": "cpu", "precision": "float32", "compile": False}
        )

    def compare_told(self) -> list[str]:
        """Return what the comparison of arms depends on."""
        return told(statistics=self.study.statistics, seed=self.study.seed)

    def measure_cost_told(self) -> list[str]:
        """Return what the cost of arms and the epochs to targets depend on."""
        study = self.study
        return told(
            reference=study.statistics.reference,
            confidence=study.statistics.confidence,
            epochs=study.epochs,
            events=self.first_events(),
            # Records of time and memory, by the pattern of their names over runs.
            records={arm: self._records(arm) for arm in study.arms},
        )

    def first_events(self) -> dict[str, int]:
        """Return the epoch of the first event of each arm that has one."""
        return {arm: epochs[0] for arm, epochs in self.lineages.events.items() if epochs}

    def _records(self, arm: str) -> list[str]:
        steps = []
        for part in self.lineages.chain(arm):
            if part.bred:
                steps.append(f"breed/run-*.{part.lineage}.epoch-{part.start:04d}.tsv")
            steps.append(f"train/run-*.{part.lineage}.epoch-{part.stop:04d}.tsv")
        return steps

    def plot_told(self) -> list[str]:
        """Return what the figures depend on."""
        study = self.study
        return told(
            labels={name: study.arm[name].label for name in study.arms},
            reference=study.statistics.reference,
            events=sorted({epoch for epochs in self.lineages.events.values() for epoch in epochs}),
            figures=study.figures,
            confidence=study.statistics.confidence,
            margin=study.statistics.margin,
            epochs=study.epochs,
        )

    def map_conditions_told(self, plans: Iterable[str]) -> list[str]:
        """Return what the map of conditions depends on.

        Parameters
        ----------
        plans
            The places of the conditions, in order.
        """
        study = self.study
        conditions = [
            {
                "name": name,
                "label": one.label,
                "group": one.group,
                "table": f"{self.results}/{place}/comparison.csv",
            }
            for place, (name, one) in zip(plans, study.conditions.items(), strict=False)
        ]
        return told(
            conditions=conditions,
            labels={name: study.arm[name].label for name in study.arms},
            metrics=[study.statistics.primary.metric, "test_loss"],
            margin=study.statistics.margin.relative,
            confidence=study.statistics.confidence,
        )

    def measures_barrier(self) -> bool:
        """Tell whether there are two parents to measure the loss between."""
        arm = self.study.barrier.arm
        events = self.study.arm[arm].events if arm in self.study.arms else []
        return bool(events) and events[0].merge.rule != "copy"

    def barrier_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the population that the parents are in, who they are, and the examples."""
        arm = self.study.barrier.arm
        epoch = self.lineages.events[arm][0]
        before = self.lineages.until(arm, epoch)[-1]
        return {
            "examples": self.examples,
            "source": self._population(wildcards.run, before),
            "parents": self.node(wildcards.run, arm, epoch, "parents.json"),
        }

    def barrier_told(self, wildcards: Wildcards) -> list[str]:
        """Return what the loss between two parents depends on."""
        study = self.study
        return told(
            model=study.model.model_dump(),
            trainer=self._measuring_trainer(),
            classes=study.dataset.classes,
            run=int(wildcards.run),
            epoch=self.lineages.events[study.barrier.arm][0],
            points=study.barrier.points,
        )

    def judge_told(self, tables: Mapping[str, Mapping[str, str]]) -> list[str]:
        """Return what the ledger of claims depends on.

        Parameters
        ----------
        tables
            By study, the paths of its tables by their names.
        """
        study = self.study
        return told(
            claims={name: one.model_dump(mode="json") for name, one in study.claims.items()},
            confidence=study.statistics.confidence,
            events=self.first_events(),
            tables={
                name: dict(paths) if name in study.studies else None
                for name, paths in tables.items()
            },
        )

    def provenance_told(self, origins: Iterable[str]) -> list[str]:
        """Return what the record of the study depends on: all of it, and where data came from."""
        # Without the mirror: the study is the same wherever its data were found.
        study = self.study.model_copy(update={"data": Data(mirror=None)})
        return told(study=study.model_dump(mode="json"), origins=list(origins))

    def _segment(self, wildcards: Wildcards) -> Segment:
        if wildcards.lineage != TRUNK:
            return self.lineages.segment(wildcards.lineage, int(wildcards.epoch))
        for plan in self._sharers:
            with suppress(ValueError):
                return plan.lineages.segment(TRUNK, int(wildcards.epoch))
        raise ValueError(f"no trunk ends at epoch {wildcards.epoch}")

    def _population(self, run: str, part: Segment) -> str:
        return self.node(run, part.lineage, part.stop, POPULATION_FILE)

    def _curve(self, run: str, part: Segment) -> str:
        return self.node(run, part.lineage, part.stop, "curve.csv")

    def _marked(self) -> dict[Segment, list[str]]:
        """Return the segments that end where the best network is wanted, each with its arms."""
        arms: dict[Segment, list[str]] = {}
        for mark in self.marks:
            for arm in self.study.arms:
                arms.setdefault(self.lineages.until(arm, mark)[-1], []).append(arm)
        return arms


def told(**values: Any) -> list[str]:
    """Return values as Hydra overrides: a configuration key by key, anything else as a whole."""
    written: list[str] = []
    for key, value in values.items():
        if isinstance(value, Config):
            written += overrides({key: value.model_dump(mode="json")})
        else:
            written.append(override(key, value))
    return written
