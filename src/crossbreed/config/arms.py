"""Schema of an arm: a list of breeding events, each select, merge, offspring."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crossbreed.config.base import Config, Count, Fraction, Number, Text

Metric = Literal["train_loss", "validation_loss", "validation_accuracy"]


class SelectAll(Config):
    """Every network that has not diverged is a parent."""

    rule: Literal["all"]


class SelectTop(Config):
    """The best `count` networks by `metric` are the parents."""

    rule: Literal["top"]
    count: Count = 2
    metric: Metric = "train_loss"


class SelectRandom(Config):
    """`count` different networks drawn at random are the parents."""

    rule: Literal["random"]
    count: Count = 2


class SelectTournament(Config):
    """Each parent wins a tournament among `size` networks; nobody wins twice."""

    rule: Literal["tournament"]
    count: Count = 2
    size: Count = 3
    metric: Metric = "train_loss"


class SelectSpecies(Config):
    """The best `count` of each of `species` clusters of similar networks breed within it."""

    rule: Literal["species"]
    species: Count = 2
    count: Count = 2
    metric: Metric = "train_loss"


Select = Annotated[
    SelectAll | SelectTop | SelectRandom | SelectTournament | SelectSpecies,
    Field(discriminator="rule"),
]


class MergeCopy(Config):
    """Each offspring is a copy of one parent, parents taken in turn."""

    rule: Literal["copy"]


class MergeMean(Config):
    """Coordinate-wise mean of the parents."""

    rule: Literal["mean"]
    align_units: bool = False


class MergeInnerMean(Config):
    """Coordinate-wise mean without the share `trim` of parents at either end."""

    rule: Literal["inner_mean"]
    trim: Annotated[float, Number, Field(ge=0, lt=0.5)] = 0.25
    align_units: bool = False


class MergeLossWeightedMean(Config):
    """Mean of the parents, each weighted by the inverse of its training loss."""

    rule: Literal["loss_weighted_mean"]
    align_units: bool = False


class MergeSpherical(Config):
    """Half way between two parents along the arc through both."""

    rule: Literal["spherical"]
    align_units: bool = False


class MergeUnitCrossover(Config):
    """Each offspring inherits each hidden unit whole from one parent drawn at random."""

    rule: Literal["unit_crossover"]
    align_units: bool = False


Merge = Annotated[
    MergeCopy
    | MergeMean
    | MergeInnerMean
    | MergeLossWeightedMean
    | MergeSpherical
    | MergeUnitCrossover,
    Field(discriminator="rule"),
]


class Offspring(Config):
    """What becomes of the merged weights."""

    count: Count | None = None
    """Networks that go on; null: as many as before."""
    optimizer: Literal["reset", "keep"] = "reset"
    """Whether the optimiser starts afresh or keeps the parents' mean moments."""
    mutation: Annotated[float, Number, Field(ge=0)] = 0.0
    """Deviation of Gaussian noise, as a share of each array's root mean square."""


class Breeding(Config):
    """What happens in a breeding event."""

    select: Select
    merge: Merge
    offspring: Offspring = Offspring()


class Event(Breeding):
    """A breeding event at the fraction `at` of all epochs."""

    at: Fraction


class Arm(Config):
    """One way of treating a population; no events: train on."""

    label: Text
    events: list[Event]
