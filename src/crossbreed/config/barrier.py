"""Schema of the measurement of the loss between two parents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from crossbreed.config.base import Config, Name, Number


class Barrier(Config):
    """The loss along the straight line between the first two parents of an arm's first event."""

    arm: Name
    """Arm at whose first event the loss is measured, where it is run and merges there."""
    points: Annotated[int, Number, Field(ge=3, le=101)]
    """Points on the line, both parents and their mean among them; an odd number."""

    @field_validator("points")
    @classmethod
    def _has_a_midpoint(cls, points: int) -> int:
        if points % 2 == 0:
            raise ValueError("must be odd, so that the parents' mean is one of them")
        return points
