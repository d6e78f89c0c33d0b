"""Schema of how arms are compared: contrasts, metrics, tests; all declared before the run."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crossbreed.config.base import Config, Distinct, Fraction, Name

Outcome = Literal[
    "best_train_loss",
    "mean_train_loss",
    "validation_loss",
    "test_loss",
    "test_accuracy",
    "mean_test_loss",
]
"""What a run of an arm comes to. The validation loss, test loss and test accuracy are those of the
network with the lowest training loss; means are over all networks of the population."""


Loss = Literal[
    "best_train_loss", "mean_train_loss", "validation_loss", "test_loss", "mean_test_loss"
]
"""Outcomes of which less is better, compared by their ratio."""


class Contrast(Config):
    """An arm and the arm that it is compared with."""

    arm: Name
    """The arm that is compared."""
    reference: Name
    """The arm that it is compared with."""

    @model_validator(mode="after")
    def _of_two_arms(self) -> Self:
        if self.arm == self.reference:
            raise ValueError("must compare two different arms")
        return self


class Primary(Contrast):
    """The one comparison that the study is made for, at the last epoch; others are secondary."""

    metric: Loss
    """The loss that is compared; one of `statistics.metrics`."""


class Margin(Config):
    """Differences smaller than this count as none."""

    relative: Fraction
    """Differences of losses that count as none, as a share."""
    absolute: Fraction
    """Differences of accuracies that count as none."""


class Statistics(Config):
    """How arms are compared."""

    reference: Name
    """Arm that all others are compared with."""
    contrasts: list[Contrast]
    """Further comparisons; those of arms that the study does not run are left out."""
    primary: Primary
    """The one comparison that the study is made for, at the last epoch; others are secondary."""
    metrics: Annotated[list[Outcome], Field(min_length=1), Distinct]
    """What a run of an arm comes to, and is compared by."""
    confidence: Fraction
    """Level of all intervals."""
    power: Fraction
    """Power of the smallest detectable difference and of the number of runs needed."""
    wanted_effect: Fraction
    """Relative difference of losses for which the number of runs needed is reported."""
    margin: Margin
    """Differences smaller than this count as none."""
    resamples: Annotated[int, Field(ge=99, le=1_000_000)]
    """Resamples of the bootstrap."""
