"""Schema of the whole study. Values live in `config/`; the schema says what is allowed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from crossbreed.config.arms import Arm
from crossbreed.config.base import (
    Config,
    Count,
    Device,
    Distinct,
    Name,
    Positive,
    Precision,
    Share,
    Text,
    Whole,
    in_words,
)
from crossbreed.config.claims import Source as ClaimSource
from crossbreed.config.comparison import Statistics
from crossbreed.config.gender import Gender, Mode
from crossbreed.config.language import LanguageTraining
from crossbreed.config.published import Published
from crossbreed.config.sources import Address, Digest, FileName, PathInside
from crossbreed.config.text import TextData

EngineName = Literal["torch", "tensorflow"]


class PinnedFile(Config):
    """A file of a data set, known by the digest of its decompressed content."""

    name: FileName
    """Name of the file without the suffix `.gz`."""
    sha256: Digest
    """SHA-256 of the decompressed content."""


class Files(Config):
    """The four files of a data set of images in the IDX format."""

    train_images: PinnedFile
    """Training images."""
    train_labels: PinnedFile
    """Labels of the training images."""
    test_images: PinnedFile
    """Test images."""
    test_labels: PinnedFile
    """Labels of the test images."""


class HttpSource(Config):
    """Files served as `<url>/<name>.gz`."""

    kind: Literal["http"]
    """Kind of the source."""
    url: Address
    """Address of the folder that holds the files."""


class DebianSource(Config):
    """Files inside a package of the system's package client, below `folder`."""

    kind: Literal["debian"]
    """Kind of the source."""
    package: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$"),
        in_words("name of lower-case letters, digits, `+`, `.` and `-`, no sign first"),
    ]
    """Name of the package."""
    folder: PathInside
    """Folder inside the package that holds the files."""


Source = Annotated[HttpSource | DebianSource, Field(discriminator="kind")]


class Split(Config):
    """Which images of a data set are used for what."""

    train: Count | None
    """Training images used, drawn by `seed`; null: all that are not held out."""
    validation: Whole
    """Training images held out for validation, drawn by `seed`."""
    test: Count | None
    """Test images used; null: all."""


class Available(Config):
    """How many images the files hold."""

    train: Count
    """Training images in the files."""
    test: Count
    """Test images in the files."""


class Dataset(Split):
    """A data set: its files, where they come from, and how they are split."""

    name: Name
    """The data set, a file in `config/dataset/`."""
    available: Available
    """How many images the files hold."""
    classes: Annotated[int, Field(ge=2, le=1_000_000)]
    """Number of classes."""
    files: Files
    """The four files, each known by its content."""
    sources: Annotated[list[Source], Field(min_length=1)]
    """Where the files come from; asked in this order, the first that gives the content wins."""


class Data(Config):
    """Where data sets are looked for first."""

    mirror: Annotated[Text, in_words("path of an existing folder")] | None
    """Folder that holds the data sets' files, asked before any other source; null: none."""


class PopulationSize(Config):
    """How many networks train together."""

    size: Count
    """N: networks in a population."""


class DenseModel(Config):
    """Dense layers with rectified linear units."""

    name: Literal["dense"]
    """The architecture."""
    hidden_widths: list[Count]
    """Units of each hidden layer."""


class ConvolutionalModel(Config):
    """Convolutions of 3 x 3 with rectified linear units, each but the last halved, then a mean."""

    name: Literal["convolutional"]
    """The architecture."""
    channels: Annotated[list[Count], Field(min_length=1, max_length=8)]
    """Channels of each convolution."""


Model = Annotated[DenseModel | ConvolutionalModel, Field(discriminator="name")]
"""Architecture of every network."""


class Trainer(Config):
    """How networks are trained."""

    optimizer: Literal["adam", "sgd"]
    """The optimiser; the file in `config/trainer/` of this name has its values."""
    learning_rate: Positive
    """Learning rate."""
    batch_size: Count
    """Images per iteration."""
    beta_1: Share
    """Decay of the first moment per iteration (adam)."""
    beta_2: Share
    """Decay of the second moment per iteration (adam)."""
    epsilon: Positive
    """Added to the root of the second moment, before its bias is corrected (adam)."""
    momentum: Share
    """Momentum (sgd)."""
    device: Device
    """Where networks train; auto: CUDA where the job sees a GPU, else the CPU."""
    precision: Precision
    """Precision of training steps; bfloat16 of their products alone, with the engine torch only."""
    compile: bool
    """Whether training steps are compiled: with torch those of models other than dense, with
    tensorflow by XLA."""


class SaveEvery(Config):
    """How often a training job saves its progress; whichever comes first."""

    seconds: Annotated[float, Field(ge=0)] | None
    """Seconds between two saves; null: not by time."""
    epochs: Count | None
    """Epochs (of language models, points of the learning curve) between two saves; null: not by
    them."""


class Evaluation(Config):
    """When the best network of an arm is evaluated."""

    at: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]
    """When the network with the lowest training loss is tested, as fractions of all epochs; 1.0
    must be among them."""

    @field_validator("at")
    @classmethod
    def _includes_the_end(cls, at: list[float]) -> list[float]:
        if 1.0 not in at:
            raise ValueError("must include 1.0, the last epoch")
        return at


class Barrier(Config):
    """The loss along the straight line between the first two parents of an arm's first event."""

    arm: Name
    """Arm at whose first event the loss is measured, where it is run and merges there."""
    points: Annotated[int, Field(ge=3, le=101)]
    """Points on the line, both parents and their mean among them; an odd number."""

    @field_validator("points")
    @classmethod
    def _has_a_midpoint(cls, points: int) -> int:
        if points % 2 == 0:
            raise ValueError("must be odd, so that the parents' mean is one of them")
        return points


class Condition(Config):
    """A change of the study, in the form of `--config`."""

    label: Text
    """What tables and figures call the condition."""
    group: Text
    """What is changed: conditions of a group are shown together."""
    change: dict[str, Any]
    """Keys of the crossover study with their values under the condition, in the form of
    `--config`."""


class Figures(Config):
    """Words in the figures."""

    title: Text
    """Title of the learning curves."""
    epoch_label: Text
    """Label of their horizontal axis."""
    loss_label: Text
    """Label of their vertical axis."""


class Study(Config):
    """The whole configuration of a study, resolved and valid."""

    preset: Name
    """The preset that the study begins with, a file in `config/preset/`; results go to
    `results/<preset>/`."""
    studies: Annotated[
        list[Literal["crossover", "gender", "conditions"]], Field(min_length=1), Distinct
    ]
    """Studies to run and to report on; conditions is the crossover study under each of
    `conditions`."""
    seed: Whole
    """Seed of all randomness."""
    runs: Count
    """Independent repetitions of the crossover study; the unit of its statistics."""
    epochs: Annotated[int, Field(ge=2, le=9_999)]
    """K: epochs that every arm trains, breeding included."""
    segment_epochs: Count | None
    """Training is cut into jobs of at most this many epochs, which changes no number; null: only
    where an arm needs it."""
    save_every: SaveEvery
    """How often a training job saves its progress, whichever comes first; changes no number."""
    engine: EngineName
    """What trains the networks: torch a population at once, or tensorflow (Keras) one network after
    the other."""
    population: PopulationSize
    """How many networks train together."""
    arms: Annotated[list[Name], Field(min_length=1), Distinct]
    """Arms to run, each defined by `config/arm/<name>.yaml` or under the key `arm`."""
    arm: dict[Name, Arm]
    """Ways to treat a population, by their names."""
    dataset: Dataset
    """The images, where they come from, and how they are split."""
    text: TextData
    """The text of the gender study, where it comes from, and how it is split."""
    data: Data
    """Where data sets are looked for first."""
    model: Model
    """Architecture of every network of the crossover study."""
    trainer: Trainer
    """How networks of the crossover study are trained."""
    language: LanguageTraining
    """How language models are trained; the same for all architectures."""
    gender: Gender
    """The gender study: its budget, its search space, its modes."""
    mode: dict[Name, Mode]
    """Ways to find an architecture, by their names."""
    published: Published
    """The published numbers that the gender study's are set beside."""
    evaluation: Evaluation
    """When the best network of an arm is tested."""
    statistics: Statistics
    """How arms are compared; declared before the run."""
    barrier: Barrier
    """The loss on the straight line between the first two parents of an arm's first event."""
    conditions: dict[Name, Condition]
    """Changes of the crossover study, by their names, for a map of where breeding helps."""
    claims: dict[Name, ClaimSource]
    """Sources and their claims, by the sources' names."""
    figures: Figures
    """Words in the figures."""
    gpus: Whole
    """GPUs that each training job asks for; 0 where there are none."""
