"""The crossover study as files: which exist, what each is made from, what its job is."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from crossbreed.config.arms import TRUNK, Breeding, epoch_at
from crossbreed.config.schema import Split, Study, Trainer
from crossbreed.crossover.jobs import (
    Breed,
    Chain,
    Collect,
    Compare,
    Evaluate,
    Evaluated,
    MeasureBarrier,
    MeasureCost,
    Plot,
    Train,
)
from crossbreed.crossover.lineage import Lineages, Segment, node
from crossbreed.data.jobs import Prepare
from crossbreed.training.checkpoint import POPULATION_FILE

OFFSPRING_FILE = "offspring.safetensors"
# How long the two jobs that make a population took.
TRAINING_SECONDS, BREEDING_SECONDS = "train.seconds.json", "breed.seconds.json"
# Seconds of a core in which the poster's network trains on an image; how fast a machine or another
# model is shows when the first jobs are done.
_PER_IMAGE = 1e-5
# The figures and the tables that the page shows, with their titles.
FIGURES = {
    "learning_curves": "Learning curves",
    "effects": "Differences of arms",
    "paired_runs": "Every run",
    "all_networks": "Every network",
    "time_to_target": "How fast a loss is reached",
}
BARRIER_FIGURE = {"loss_barrier": "Loss between the parents"}
TABLES = {
    "comparison": "Comparison of arms, paired by run",
    "targets": "Epochs until a loss is reached",
    "cost": "What arms cost a run, and their loss at equal cost",
}


class Wildcards(Protocol):
    """What Snakemake fills into a rule's paths, as text."""

    run: str
    lineage: str
    epoch: str


class CrossoverPlan:
    """Everything that the rules of the study need to know.

    What decides a job, and a digest of the code behind its script, are what Snakemake compares to
    tell whether a result is still valid.

    Parameters
    ----------
    study
        The resolved configuration.
    experiment
        Folder of the study below the preset's results.
    """

    def __init__(self, study: Study, experiment: str = "crossover") -> None:
        self.study = study
        self.results = f"results/{study.preset}"
        self.folder = f"{self.results}/{experiment}"
        self.raw = f"results/data/{study.dataset.name}"
        self.examples = f"{self.folder}/data/{study.dataset.name}.safetensors"
        # Who owns the trunk, and whose trunks this plan's stands for.
        self._owner = self
        self._sharers = [self]
        self.figures = FIGURES | (BARRIER_FIGURE if self.measures_barrier() else {})
        self.tables = TABLES
        self.runs = [f"{run:02d}" for run in range(1, study.runs + 1)]
        self.evaluation_epochs = [epoch_at(share, study.epochs) for share in study.evaluation.at]
        self.lineages = Lineages(
            epochs=study.epochs,
            events={
                name: [epoch_at(event.at, study.epochs) for event in study.arm[name].events]
                for name in study.arms
            },
            evaluation_epochs=self.evaluation_epochs,
            segment_epochs=study.segment_epochs,
        )

    def share_trunk(self, owner: CrossoverPlan) -> None:
        """Let another plan, whose `trunk_key` is the same, hold this one's trunk."""
        self._owner = owner
        owner._sharers.append(self)

    def node(self, run: str, lineage: str, epoch: int, file: str) -> str:
        """Return the path of a file of a lineage at an epoch."""
        folder = self._owner.folder if lineage == TRUNK else self.folder
        return f"{folder}/run-{run}/{node(lineage, epoch, file)}"

    def trunk_folder(self, wildcards: Wildcards) -> str:
        """Return the folder of a run that holds its trunk."""
        return f"{self._owner.folder}/run-{wildcards.run}"

    def populations(self) -> list[str]:
        """Return the populations at every evaluation epoch, so that a deleted one is made again."""
        return [self._population(run, part) for run in self.runs for part in self._evaluated()]

    def train_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the examples and, after epoch 0, the population that training goes on from."""
        part = self._segment(wildcards)
        files = {"examples": self.examples}
        if part.bred:
            files["source"] = self.node(wildcards.run, part.lineage, part.start, OFFSPRING_FILE)
        elif part.start:
            files["source"] = self.node(wildcards.run, part.source, part.start, POPULATION_FILE)
        return files

    def breed_input(self, wildcards: Wildcards) -> dict[str, str]:
        """Return the population before an event and the learning curve that ends there."""
        before = self.lineages.until(wildcards.lineage, int(wildcards.epoch))[-1]
        return {
            "source": self._population(wildcards.run, before),
            "curve": self._curve(wildcards.run, before),
        }

    def evaluate_input(self, wildcards: Wildcards) -> list[str]:
        """Return the populations and learning curves that a run's evaluation reads."""
        populations = [self._population(wildcards.run, part) for part in self._evaluated()]
        curves = {
            self._curve(wildcards.run, part)
            for arm in self.study.arms
            for part in self.lineages.chain(arm)
        }
        return populations + sorted(curves)

    def prepare(self) -> Prepare:
        """Return the split of the data set."""
        dataset = self.study.dataset
        split = Split(train=dataset.train, validation=dataset.validation, test=dataset.test)
        return Prepare(
            seed=self.study.seed,
            available=dataset.available,
            classes=dataset.classes,
            split=split,
            contents=dataset.files,
        )

    def train(self, wildcards: Wildcards) -> Train:
        """Return a segment of training."""
        part = self._segment(wildcards)
        return self._training(run=int(wildcards.run), start=part.start, stop=part.stop)

    def training_seconds(self, wildcards: Wildcards) -> float:
        """Return how long a segment of training is expected to take, in seconds of a core."""
        part = self._segment(wildcards)
        images = self.study.dataset.train or self.study.dataset.available.train
        return (part.stop - part.start) * self.study.population.size * images * _PER_IMAGE

    def _training(self, **segment: int) -> Train:
        return Train.of(self.study, classes=self.study.dataset.classes, **segment)

    def trunk_key(self) -> list[str]:
        """Return all that a trunk depends on besides its run, and where it is cut.

        But for the cuts of arms that breed elsewhere: those train the trunk from its last cut on
        once more for themselves.
        """
        training = self._training(run=1, start=0, stop=self.study.epochs)
        cuts = ",".join(map(str, self.lineages.common_cuts()))
        return [*training.decided(), *self.prepare().decided(), cuts]

    def breed(self, wildcards: Wildcards) -> Breed:
        """Return an event."""
        epoch = int(wildcards.epoch)
        index = self.lineages.event_index(wildcards.lineage, epoch)
        event = self.study.arm[wildcards.lineage].events[index]
        breeding = Breeding.model_validate(event.model_dump(exclude={"at"}))
        return Breed.of(self.study, event=breeding, run=int(wildcards.run), epoch=epoch)

    def evaluate(self, wildcards: Wildcards) -> Evaluate:
        """Return a run's evaluation."""
        return Evaluate.of(
            self.study,
            trainer=self._measuring_trainer(),
            classes=self.study.dataset.classes,
            run=int(wildcards.run),
            points=[
                Evaluated(arms=arms, lineage=part.lineage, epoch=part.stop)
                for part, arms in self._evaluated().items()
            ],
            chains=[
                Chain(
                    arm=arm,
                    lineages=[part.lineage for part in self.lineages.chain(arm)],
                    epochs=[part.stop for part in self.lineages.chain(arm)],
                )
                for arm in self.study.arms
            ],
        )

    def _measuring_trainer(self) -> Trainer:
        """Return the trainer for what is measured and not trained: too little for GPU, compiler."""
        return self.study.trainer.model_copy(
            update={"device": "cpu", "precision": "float32", "compile": False}
        )

    def collect(self) -> Collect:
        """Return the collection of a table: nothing but the tables of the runs decides it."""
        return Collect()

    def compare(self) -> Compare:
        """Return the comparison of arms."""
        return Compare.of(self.study)

    def measure_cost(self) -> MeasureCost:
        """Return the measurement of what arms cost and when they reach targets."""
        return MeasureCost.of(
            self.study,
            reference=self.study.statistics.reference,
            confidence=self.study.statistics.confidence,
            events=self.first_events(),
            timings={arm: self._timings(arm) for arm in self.study.arms},
        )

    def first_events(self) -> dict[str, int]:
        """Return the epoch of the first event of each arm that has one."""
        return {arm: epochs[0] for arm, epochs in self.lineages.events.items() if epochs}

    def _timings(self, arm: str) -> list[str]:
        """Return the files with the times of an arm's steps, in the folder of a run."""
        steps = []
        for part in self.lineages.chain(arm):
            if part.bred:
                steps.append(node(part.lineage, part.start, BREEDING_SECONDS))
            steps.append(node(part.lineage, part.stop, TRAINING_SECONDS))
        return steps

    def plot(self) -> Plot:
        """Return the drawing of the figures."""
        statistics = self.study.statistics
        return Plot.of(
            self.study,
            labels={name: self.study.arm[name].label for name in self.study.arms},
            reference=statistics.reference,
            events=sorted({epoch for epochs in self.lineages.events.values() for epoch in epochs}),
            confidence=statistics.confidence,
            margin=statistics.margin,
        )

    def before_the_run(self) -> str:
        """Say in a line what the study can show."""
        # Loaded where it is needed: it takes a second.
        from crossbreed.statistics.power import before_the_run

        declared, runs = self.study.statistics, self.study.runs
        can = before_the_run(runs, declared.confidence, declared.power)
        made = f"{runs} run{'' if runs == 1 else 's'} of {len(self.study.arms)} arms"
        return f"Crossover study, {made}: {can}."

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

    def measure_barrier(self, wildcards: Wildcards) -> MeasureBarrier:
        """Return the measurement of the loss between two parents."""
        return MeasureBarrier.of(
            self.study,
            trainer=self._measuring_trainer(),
            classes=self.study.dataset.classes,
            run=int(wildcards.run),
            epoch=self.lineages.events[self.study.barrier.arm][0],
            points=self.study.barrier.points,
        )

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

    def _evaluated(self) -> dict[Segment, list[str]]:
        """Return the segments that end where the best network is wanted, each with its arms."""
        arms: dict[Segment, list[str]] = {}
        for epoch in self.evaluation_epochs:
            for arm in self.study.arms:
                arms.setdefault(self.lineages.until(arm, epoch)[-1], []).append(arm)
        return arms
