"""Schema of the whole study. Values live in `config/`; the schema says what is allowed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from crossbreed.config.arms import Arm
from crossbreed.config.barrier import Barrier
from crossbreed.config.base import (
    Config,
    Count,
    Name,
    Number,
    OneLine,
    Positive,
    Text,
    Whole,
)
from crossbreed.config.claims import Source as ClaimSource
from crossbreed.config.comparison import Statistics
from crossbreed.config.condition import Condition
from crossbreed.config.gender import Gender, Mode
from crossbreed.config.hardware import Device, Precision
from crossbreed.config.language import LanguageTraining, Share
from crossbreed.config.published import Published
from crossbreed.config.sources import Address, Digest, FileName, PathInside
from crossbreed.config.text import TextData

Folder = Annotated[str, StringConstraints(min_length=1, max_length=4095), OneLine]
EngineName = Literal["torch", "tensorflow"]


def _no_folder_of_results(preset: str) -> str:
    """Refuse what `results/` has folders of for something else."""
    if preset in ("benchmarks", "data", "reference"):
        raise ValueError("must not be benchmarks, data or reference, which results/ holds already")
    return preset


class PinnedFile(Config):
    """A file of a data set, known by the digest of its decompressed content."""

    name: FileName
    sha256: Digest


class Files(Config):
    """The four files of a data set of images in the IDX format."""

    train_images: PinnedFile
    train_labels: PinnedFile
    test_images: PinnedFile
    test_labels: PinnedFile


class HttpSource(Config):
    """Files served as `<url>/<name>.gz`."""

    kind: Literal["http"]
    url: Address


class DebianSource(Config):
    """Files inside a package of the system's package client, below `folder`."""

    kind: Literal["debian"]
    package: Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
    folder: PathInside


Source = Annotated[HttpSource | DebianSource, Field(discriminator="kind")]


class Split(Config):
    """Which images of a data set are used for what."""

    train: Count | None
    validation: Whole
    test: Count | None


class Available(Config):
    """How many images the files hold."""

    train: Count
    test: Count


class Dataset(Split):
    """A data set: its files, where they come from, and how they are split."""

    name: Name
    available: Available
    classes: Count
    files: Files
    sources: Annotated[list[Source], Field(min_length=1)]


class Data(Config):
    """Where data sets are looked for first."""

    mirror: Folder | None


class Population(Config):
    """How many networks train together."""

    size: Count


class DenseModel(Config):
    """Dense layers with rectified linear units."""

    name: Literal["dense"]
    hidden_widths: list[Count]
    """Units of each hidden layer."""


class ConvolutionalModel(Config):
    """Convolutions of 3 x 3 with rectified linear units, each but the last halved, then a mean."""

    name: Literal["convolutional"]
    channels: Annotated[list[Count], Field(min_length=1, max_length=8)]
    """Channels of each convolution."""


Model = Annotated[DenseModel | ConvolutionalModel, Field(discriminator="name")]
"""Architecture of every network."""


class Trainer(Config):
    """How networks are trained."""

    optimizer: Literal["adam", "sgd"]
    learning_rate: Positive
    batch_size: Count
    beta_1: Share
    beta_2: Share
    epsilon: Positive
    momentum: Share
    device: Device
    precision: Precision
    compile: bool


class SaveEvery(Config):
    """How often a training job saves its progress; whichever comes first."""

    seconds: Annotated[float, Number, Field(ge=0)] | None
    epochs: Count | None


class Evaluation(Config):
    """When the best network of an arm is evaluated."""

    at: Annotated[list[Annotated[float, Number, Field(gt=0, le=1)]], Field(min_length=1)]

    @field_validator("at")
    @classmethod
    def _includes_the_end(cls, at: list[float]) -> list[float]:
        if 1.0 not in at:
            raise ValueError("must include 1.0, the last epoch")
        if len(set(at)) != len(at):
            raise ValueError("must not name an epoch twice")
        return at


class Figures(Config):
    """Words in the figures."""

    title: Text
    epoch_label: Text
    loss_label: Text


class TimePlan(Config):
    """How the minutes that jobs ask for are planned."""

    longest_minutes: Count | None
    """The site's limit for a job."""
    margin: Annotated[float, Number, Field(ge=1, le=100)]
    """How many times the measured time is asked for."""


class Resources(Config):
    """What one rule asks of the machine."""

    threads: Count
    gpu: Whole
    mem_mb: Count
    """Memory in megabytes."""
    runtime: Count
    """Minutes."""
    local: bool
    """Whether it runs where Snakemake does, not in a cluster's queue."""


Rule = Literal[
    "download",
    "prepare",
    "train",
    "breed",
    "evaluate",
    "collect",
    "compare",
    "map_conditions",
    "measure_cost",
    "measure_barrier",
    "plot",
    "download_text",
    "prepare_text",
    "found",
    "train_individuals",
    "choose",
    "mate",
    "pick_winner",
    "train_winner",
    "gather",
    "weigh_evidence",
    "tabulate",
    "plot_gender",
    "judge",
    "provenance",
    "plan_time",
    "page",
    "report",
]


class Study(Config):
    """The whole configuration of a study, resolved and valid."""

    preset: Annotated[Name, AfterValidator(_no_folder_of_results)]
    studies: Annotated[list[Literal["crossover", "gender", "conditions"]], Field(min_length=1)]
    seed: Whole
    runs: Count
    epochs: Annotated[int, Number, Field(ge=2, le=9_999)]
    segment_epochs: Count | None
    save_every: SaveEvery
    engine: EngineName
    population: Population
    arms: Annotated[list[Name], Field(min_length=1)]
    arm: dict[Name, Arm]
    dataset: Dataset
    text: TextData
    data: Data
    model: Model
    trainer: Trainer
    language: LanguageTraining
    gender: Gender
    mode: dict[Name, Mode]
    published: Published
    evaluation: Evaluation
    statistics: Statistics
    barrier: Barrier
    conditions: dict[Name, Condition]
    claims: dict[Name, ClaimSource]
    figures: Figures
    time_plan: TimePlan
    resources: dict[Rule, Resources]
