"""Schema of claims: a sentence of a source, the statistic that stands for it, and when it holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from crossbreed.config.base import Config, Fraction, Name, Positive, Text
from crossbreed.config.comparison import Loss, Outcome
from crossbreed.config.gender import ContrastName
from crossbreed.config.published import PublishedMetric

Test = Literal["paired_t", "welch"]


class DifferenceOfArms(Config):
    """Relative difference of an arm from another, with its t interval.

    `at` is the last epoch, the first one after the arm's first event, or the one half way from
    there to the end (these two of learning curves only).
    """

    kind: Literal["difference_of_arms"]
    """The statistic that is taken."""
    arm: Name
    """The arm that the claim is about."""
    reference: Name
    """The arm that it is compared with."""
    metric: Outcome
    """What a run of an arm comes to."""
    at: Literal["end", "first_epoch_after_event", "half_way_from_event"] = "end"
    """The last epoch, the first one after the arm's first event, or the one half way from there to
    the end."""
    test: Test = "paired_t"
    """Whose interval and p value are reported; welch takes runs as unpaired."""


class QuantileOfRuns(Config):
    """The relative difference that a share of all runs lies below, with its exact interval.

    Exact where logarithms of ratios are normal (noncentral t distribution).
    """

    kind: Literal["quantile_of_runs"]
    """The statistic that is taken."""
    arm: Name
    """The arm that the claim is about."""
    reference: Name
    """The arm that it is compared with."""
    metric: Loss
    """The loss that a run of an arm comes to."""
    share: Fraction
    """Share of all runs whose differences lie below the statistic."""


class ShareInHalf(Config):
    """Share of runs in which an arm reaches the reference's final loss in half of the epochs left.

    Counted from the arm's first event, up to which all arms are the same.
    """

    kind: Literal["share_in_half"]
    """The statistic that is taken."""
    arm: Name
    """The arm that the claim is about."""


class PublishedDifference(Config):
    """A published number less that of the reference, with what single runs differ by."""

    kind: Literal["published_difference"]
    """The statistic that is taken."""
    mode: Name
    """Mode whose published number it is, a key of `published.runs`."""
    metric: PublishedMetric
    """Which of the published numbers."""


class PublishedRank(Config):
    """The rank of a published number among those of all runs of its table, 1 the best."""

    kind: Literal["published_rank"]
    """The statistic that is taken."""
    mode: Name
    """Mode whose published number it is, a key of `published.runs`."""
    metric: PublishedMetric
    """Which of the published numbers."""
    best: Literal["lowest", "highest"]
    """Whether the lowest or the highest number is the best."""


class DifferenceOfModes(Config):
    """A contrast of the gender study's `differences.csv`, paired by search seed."""

    kind: Literal["difference_of_modes"]
    """The statistic that is taken."""
    contrast: ContrastName
    """Two modes, the second taken off, or an effect by its name, as in the column `contrast`."""
    metric: Name
    """What is compared, as in the column `metric`."""


class RankAgreement(Config):
    """Kendall's tau of the gender study's `evidence.csv`, mean over search seeds.

    `less` names another predictor of the same architectures, whose tau is taken off.
    """

    kind: Literal["rank_agreement"]
    """The statistic that is taken."""
    assumption: Literal["early_speed", "prediction"]
    """Whether early speed, or predictors, predict the final loss."""
    mode: Name | None = None
    """Whose search, as in the column `mode`; null: not chosen by it."""
    predictor: Name
    """Which predictor, as in the column `predictor`."""
    less: Name | None = None
    """Predictor of the same architectures whose tau is taken off; null: none."""


Statistic = Annotated[
    DifferenceOfArms
    | QuantileOfRuns
    | ShareInHalf
    | PublishedDifference
    | PublishedRank
    | DifferenceOfModes
    | RankAgreement,
    Field(discriminator="kind"),
]


class Region(Config):
    """Where a statistic must lie for a claim to hold: above one bound, below another, or both."""

    above: float | None = None
    """The statistic must be above this, in its own unit; null: no such bound."""
    below: float | None = None
    """The statistic must be below this, in its own unit; null: no such bound."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> Region:
        if self.above is None and self.below is None:
            raise ValueError("must have above, below, or both")
        if self.above is not None and self.below is not None and self.above >= self.below:
            raise ValueError("above must be less than below")
        return self


class Claim(Config):
    """One claim and the rule of its verdict.

    It is equivalent if the whole interval of the statistic lies within `margin` of 0. Else it is
    supported if the whole interval lies in the region `holds`, contradicted if none of it does, and
    inconclusive otherwise, where there is no interval, or where there are too few runs.
    """

    statement: Text
    """What the source says, in our words."""
    published: float | None = None
    """The source's number for the statistic; null: it gives none."""
    statistic: Statistic
    """The statistic that stands for the claim."""
    holds: Region
    """Where the statistic must lie for the claim to hold."""
    margin: Positive | None = None
    """Differences smaller than this, in the statistic's own unit, count as none; null: none
    does."""


_KINDS = {
    "crossover": ("difference_of_arms", "quantile_of_runs", "share_in_half"),
    "gender": (
        *("published_difference", "published_rank"),
        *("difference_of_modes", "rank_agreement"),
    ),
}


class Source(Config):
    """A source and its claims."""

    label: Text
    """What tables call the source."""
    study: Literal["crossover", "gender"]
    """The study that judges its claims."""
    question: Text
    """The question that its claims answer, in our words."""
    main: Name
    """The claim that the answer in words is about."""
    least_runs: Annotated[int, Field(ge=2)]
    """Differences of fewer paired runs or search seeds are inconclusive whatever their interval."""
    claims: Annotated[dict[Name, Claim], Field(min_length=1)]
    """The claims by their names, each with the rule of its verdict."""

    @model_validator(mode="after")
    def _fits_together(self) -> Source:
        if self.main not in self.claims:
            raise ValueError(f"main must be one of the claims, {', '.join(self.claims)}")
        kinds = _KINDS[self.study]
        for name, claim in self.claims.items():
            if claim.statistic.kind not in kinds:
                raise ValueError(
                    f"claims.{name}.statistic.kind must be one of the {self.study} study's, "
                    f"{', '.join(kinds)}"
                )
        return self
