"""Schema of the whole study. Values live in `config/`; the schema says what is allowed."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, field_validator

from crossbreed.config.arms import Arm
from crossbreed.config.base import (
    Config,
    Count,
    Fraction,
    Name,
    Number,
    OneLine,
    Positive,
    Text,
    Whole,
)

Share = Annotated[float, Number, Field(ge=0, lt=1)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# With room for the suffixes of unfinished files below a file system's 255.
FileName = Annotated[
    str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]
Folder = Annotated[str, StringConstraints(min_length=1, max_length=4095), OneLine]


EngineName = Literal["torch", "tensorflow"]


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
    url: Annotated[
        str,
        StringConstraints(max_length=2000, pattern=r"^https?://[^\s]+$"),
        OneLine,
    ]

    @field_validator("url")
    @classmethod
    def _has_a_host(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            # Reading the port checks it.
            well_formed = bool(parts.hostname) and parts.port != 0
        except ValueError:
            well_formed = False
        if not well_formed:
            raise ValueError("must be an address like https://example.org/folder")
        return url


class DebianSource(Config):
    """Files inside a package of the system's package client, below `folder`."""

    kind: Literal["debian"]
    package: Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
    folder: Text

    @field_validator("folder")
    @classmethod
    def _inside(cls, folder: str) -> str:
        path = PurePosixPath(folder)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("must be a path inside the package, without '..'")
        return folder


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


class Model(Config):
    """Architecture of every network."""

    name: Literal["dense"]
    hidden_widths: list[Count]


class Trainer(Config):
    """How networks are trained."""

    optimizer: Literal["adam", "sgd"]
    learning_rate: Positive
    batch_size: Count
    beta_1: Share
    beta_2: Share
    epsilon: Positive
    momentum: Share
    device: Literal["auto", "cpu", "cuda"]
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


class Statistics(Config):
    """How arms are compared."""

    reference: Name
    confidence: Fraction
    resamples: Annotated[int, Number, Field(ge=99, le=1_000_000)]


class Figures(Config):
    """Words in the figures."""

    title: Text
    epoch_label: Text
    loss_label: Text


class Resources(Config):
    """What one rule asks of the machine."""

    threads: Count
    gpu: Whole
    mem_mb: Count
    runtime: Count


Rule = Literal[
    "download",
    "prepare",
    "train",
    "breed",
    "evaluate",
    "collect",
    "compare",
    "plot",
    "provenance",
    "report",
]


class Study(Config):
    """The whole configuration of a study, resolved and valid."""

    preset: Name
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
    data: Data
    model: Model
    trainer: Trainer
    evaluation: Evaluation
    statistics: Statistics
    figures: Figures
    resources: dict[Rule, Resources]
