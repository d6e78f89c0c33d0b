"""Schema of a paper's published numbers, which a study's results are set beside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from crossbreed.config.base import Config, Name, Positive

PublishedMetric = Literal[
    "final_train_loss", "best_validation_loss", "training_minutes", "tokens_per_second"
]


class Spread(Config):
    """By how much single runs of one setting differ."""

    count: Annotated[int, Field(ge=2, le=1_000_000)]
    """Runs that the deviations are from."""
    standard_deviation: dict[PublishedMetric, Positive]
    """Standard deviation of single runs, by metric, in the metric's unit."""


class Published(Config):
    """The paper's table, as far as it is known: one run per mode."""

    runs: dict[Name, dict[PublishedMetric, float]]
    """The paper's number by mode and metric: losses in nats per character, minutes, characters per
    second."""
    reference: Name
    """The mode that the others are compared with."""
    text_says: dict[Name, dict[PublishedMetric, Literal["lower", "higher"]]]
    """What the paper's text says of a number against the reference's."""
    spread: Spread
    """By how much single runs of one and the same setting differ."""

    @field_validator("reference")
    @classmethod
    def _known(cls, reference: str, given: ValidationInfo) -> str:
        # Absent if they are refused themselves.
        runs = given.data.get("runs", {reference: {}})
        if reference not in runs:
            raise ValueError(f"must be one of the published runs, {', '.join(sorted(runs))}")
        return reference
