"""Parameters of the crossover study's jobs."""

from __future__ import annotations

from pathlib import Path

from crossbreed.config.arms import Breeding
from crossbreed.config.base import Config, Count, Fraction, Name, Text, Whole
from crossbreed.config.comparison import Margin, Outcome, Statistics
from crossbreed.config.schema import EngineName, Figures, Model, PopulationSize, SaveEvery, Trainer
from crossbreed.jobs.job import MISSING, Job


class Train(Job):
    """Train a population from one epoch to a later one.

    At epoch 0 (source=null) the population is drawn from the seed.
    """

    engine: EngineName
    model: Model
    trainer: Trainer
    population: PopulationSize
    classes: Count
    seed: Whole
    run: Count
    start: Whole
    """Epochs that the source has been trained."""
    stop: Count
    """Epochs that the target will have been trained."""
    save_every: SaveEvery = MISSING
    threads: Count = MISSING
    """CPU threads; another number may change the last digits."""
    examples: Path = MISSING
    """File made by prepare.py."""
    source: Path | None = MISSING
    """Population to go on from; null: drawn from the seed."""
    target: Path = MISSING
    """Population to write (safetensors)."""
    curve: Path = MISSING
    """Learning curve to write (CSV)."""
    seconds: Path = MISSING
    """How long it took since the last save that it went on from, to write (JSON)."""


class Breed(Job):
    """Replace a population by the offspring of some of its networks."""

    event: Breeding
    """What happens: select, merge, offspring."""
    seed: Whole
    run: Count
    epoch: Count
    """When it happens."""
    source: Path = MISSING
    """Population before the event."""
    curve: Path = MISSING
    """Learning curve that ends at the event's epoch."""
    target: Path = MISSING
    """Offspring to write (safetensors)."""
    parents: Path = MISSING
    """Who bred, to write (JSON)."""
    seconds: Path = MISSING
    """How long it took, to write (JSON)."""


class Evaluated(Config):
    """A population to evaluate, which some arms share."""

    arms: list[Name]
    lineage: Name
    epoch: Count


class Chain(Config):
    """The lineages through which an arm goes, and the epochs up to which it does."""

    arm: Name
    lineages: list[Name]
    epochs: list[Count]


class Evaluate(Job):
    """Evaluate the networks of each arm of a run and join the run's learning curves."""

    engine: EngineName
    model: Model
    trainer: Trainer
    classes: Count
    run: Count
    points: list[Evaluated]
    """Populations to evaluate: {arms, lineage, epoch}."""
    chains: list[Chain]
    """Whose learning curves to join: {arm, lineages, epochs}."""
    threads: Count = MISSING
    examples: Path = MISSING
    trunk: Path = MISSING
    """The folder that holds the run's trunk: another one where several studies share it."""
    networks: Path = MISSING
    """All networks, to write (CSV), in the folder that holds the run's lineages."""
    best: Path = MISSING
    """Best networks, to write (CSV)."""
    curves: Path = MISSING
    """All networks' curves, to write (CSV)."""


class Collect(Job):
    """Put the tables of all runs into one."""

    tables: list[Path] = MISSING
    """CSV files with the same columns."""
    target: Path = MISSING
    """CSV file to write."""


class Compare(Job):
    """Compare arms, paired by run."""

    statistics: Statistics
    seed: Whole
    best: Path = MISSING
    """Best networks of all runs (CSV)."""
    networks: Path = MISSING
    """All networks of all runs (CSV)."""
    curves: Path = MISSING
    """All networks' learning curves (CSV)."""
    outcomes: Path = MISSING
    """What each run of each arm comes to, to write (CSV)."""
    target: Path = MISSING
    """Comparisons to write (JSON)."""
    table: Path = MISSING
    """The same as a table (CSV)."""
    by_epoch: Path = MISSING
    """Differences after every epoch, to write (CSV)."""
    summary: Path = MISSING
    """The comparisons in words, to write (text)."""


class MeasureCost(Job):
    """Measure what arms cost and how many epochs they need to reach their targets."""

    reference: Name
    """Arm whose final loss is a target, and that differences are taken from."""
    confidence: Fraction
    """Level of the intervals."""
    epochs: Count
    """K, all epochs."""
    events: dict[Name, Count]
    """Epoch of the first event of each arm that has one."""
    runs: Count
    timings: dict[Name, list[str]]
    """How long each arm's jobs took (JSON): files in the folder of a run."""
    curves: Path = MISSING
    """All networks' learning curves (CSV), in the folder that holds the runs."""
    times: Path = MISSING
    """Epochs to targets of every run, to write (CSV)."""
    targets: Path = MISSING
    """The same over runs, to write (CSV)."""
    cost: Path = MISSING
    """What arms cost, to write (CSV)."""


class MeasureBarrier(Job):
    """Measure the loss along the straight line between the two parents of an event."""

    model: Model
    trainer: Trainer
    classes: Count
    run: Count
    epoch: Count
    """Epoch of the event."""
    points: Count
    """Points on the line, both parents among them."""
    threads: Count = MISSING
    examples: Path = MISSING
    """File made by prepare.py."""
    source: Path = MISSING
    """Population before the event."""
    parents: Path = MISSING
    """Who bred (JSON)."""
    target: Path = MISSING
    """Losses to write (CSV)."""


class Plot(Job):
    """Draw the figures of the crossover study."""

    labels: dict[Name, Text]
    """Each arm's name for readers."""
    reference: Name
    """Arm that differences are taken from."""
    events: list[Count]
    """Epochs at which an arm breeds."""
    figures: Figures
    confidence: Fraction
    """Level of the bands."""
    margin: Margin
    """Differences that count as none."""
    epochs: Count
    """K, the last epoch."""
    folder: Path = MISSING
    """Where to write the figures, each as SVG and PNG."""
    curves: Path = MISSING
    """All networks' learning curves (CSV)."""
    networks: Path = MISSING
    """All networks at the evaluated epochs (CSV)."""
    outcomes: Path = MISSING
    """What each run of each arm comes to (CSV)."""
    comparison: Path = MISSING
    """Comparisons of arms (CSV)."""
    times: Path = MISSING
    """Epochs to targets of every run (CSV)."""
    barrier: Path | None = MISSING
    """Losses between the parents (CSV); null: not measured."""


class Condition(Config):
    """A condition and its comparisons (CSV)."""

    name: Name
    label: Text
    group: Text
    table: Path


class MapConditions(Job):
    """Map where breeding helps and where it hurts."""

    conditions: list[Condition]
    """{name, label, group, table}, in the order of the rows."""
    labels: dict[Name, Text]
    """Each arm's name for readers."""
    metrics: list[Outcome]
    """Losses to show, the first in words, too."""
    margin: Fraction
    """Relative difference that counts as none."""
    confidence: Fraction
    """Level of the intervals."""
    table: Path = MISSING
    """All comparisons to write (CSV)."""
    figures: list[Path] = MISSING
    """Maps to write; the suffix chooses the format."""
    summary: Path = MISSING
    """The map in words, to write (text)."""
