"""Schema of an arm: a list of breeding events, each select, merge, offspring."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from crossbreed.config.base import Config, Count, Fraction, Text

# The lineage that all arms share until they breed.
TRUNK = "trunk"
Metric = Literal["train_loss", "validation_loss", "validation_accuracy"]
_RankedBy = Annotated[
    Metric,
    Field(
        description="What networks are ranked by, at the epoch of the event: the lower loss, or "
        "the higher accuracy."
    ),
]
_AlignUnits = Annotated[
    bool,
    Field(
        description="Whether the parents' hidden units are put into the order that matches the "
        "first one's before."
    ),
]


class SelectAll(Config):
    """Every network that has not diverged is a parent."""

    rule: Literal["all"]
    """The rule by which parents are chosen."""


class SelectTop(Config):
    """The best `count` networks by `metric` are the parents."""

    rule: Literal["top"]
    """The rule by which parents are chosen."""
    count: Count = 2
    """Number of parents."""
    metric: _RankedBy = "train_loss"


class SelectRandom(Config):
    """`count` different networks drawn at random are the parents."""

    rule: Literal["random"]
    """The rule by which parents are chosen."""
    count: Count = 2
    """Number of parents."""


class SelectTournament(Config):
    """Each parent wins a tournament among `size` networks; nobody wins twice."""

    rule: Literal["tournament"]
    """The rule by which parents are chosen."""
    count: Count = 2
    """Number of parents, each the winner of a tournament."""
    size: Count = 3
    """Networks drawn for a tournament."""
    metric: _RankedBy = "train_loss"


class SelectSpecies(Config):
    """The best `count` of each of `species` clusters of similar networks breed within it."""

    rule: Literal["species"]
    """The rule by which parents are chosen."""
    species: Count = 2
    """Clusters of networks with similar weights."""
    count: Count = 2
    """Parents of each species; one that has fewer networks breeds with those."""
    metric: _RankedBy = "train_loss"


Select = Annotated[
    SelectAll | SelectTop | SelectRandom | SelectTournament | SelectSpecies,
    Field(discriminator="rule"),
]


class MergeCopy(Config):
    """Each offspring is a copy of one parent, parents taken in turn."""

    rule: Literal["copy"]
    """The rule by which parents become offspring."""


class MergeMean(Config):
    """Coordinate-wise mean of the parents."""

    rule: Literal["mean"]
    """The rule by which parents become offspring."""
    align_units: _AlignUnits = False


class MergeInnerMean(Config):
    """Coordinate-wise mean without the share `trim` of parents at either end."""

    rule: Literal["inner_mean"]
    """The rule by which parents become offspring."""
    trim: Annotated[float, Field(ge=0, lt=0.5)] = 0.25
    """Share of the parents that is left out at either end, rounded down to whole parents."""
    align_units: _AlignUnits = False


class MergeLossWeightedMean(Config):
    """Mean of the parents, each weighted by the inverse of its training loss."""

    rule: Literal["loss_weighted_mean"]
    """The rule by which parents become offspring."""
    align_units: _AlignUnits = False


class MergeSpherical(Config):
    """Half way between two parents along the arc through both."""

    rule: Literal["spherical"]
    """The rule by which parents become offspring."""
    align_units: _AlignUnits = False


class MergeUnitCrossover(Config):
    """Each offspring inherits each hidden unit whole from one parent drawn at random."""

    rule: Literal["unit_crossover"]
    """The rule by which parents become offspring."""
    align_units: _AlignUnits = False


Merge = Annotated[
    MergeCopy
    | MergeMean
    | MergeInnerMean
    | MergeLossWeightedMean
    | MergeSpherical
    | MergeUnitCrossover,
    Field(discriminator="rule"),
]


class OffspringRule(Config):
    """What becomes of the merged weights."""

    count: Count | None = None
    """Networks that go on after the event; null: as many as before."""
    optimizer: Literal["reset", "keep"] = "reset"
    """Whether the optimiser starts afresh or keeps the parents' mean moments."""
    mutation: Annotated[float, Field(ge=0)] = 0.0
    """Standard deviation of Gaussian noise on the weights, as a share of each array's root mean
    square."""


class Breeding(Config):
    """What happens in a breeding event."""

    select: Select
    """Which networks become parents."""
    merge: Merge
    """How parents become offspring."""
    offspring: OffspringRule = OffspringRule()
    """How many offspring go on, and with what."""


class Event(Breeding):
    """A breeding event at the fraction `at` of all epochs."""

    at: Fraction
    """When it happens, as a fraction of all epochs; the nearest epoch is taken."""


class Arm(Config):
    """One way of treating a population; no events: train on."""

    label: Text
    """What tables and figures call the arm."""
    events: list[Event]
    """Breeding events in the order of their times; none: the networks train on."""


def epoch_at(fraction: float, epochs: int) -> int:
    """Return the epoch nearest to a fraction of all epochs; halves go up."""
    # A little more than the product, since 0.29 times 50 is below 14.5 in binary.
    return math.floor(fraction * epochs + 0.5 + 1e-9)
