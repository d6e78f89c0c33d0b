"""Building blocks of the schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from crossbreed.errors import CrossbreedError

NAME = r"^[a-z][a-z0-9_]*$"
NAME_IN_WORDS = "lower-case letters, digits and underscores, a letter first"


class ConfigError(CrossbreedError):
    """A configuration that is refused; one line names each key, its value and what is allowed."""


class Config(BaseModel):
    """Base of all configuration: immutable, unknown keys refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def in_words(allowed: str) -> Any:
    """Say what a pattern or a validator allows, for readers of the reference of all keys."""
    return Field(json_schema_extra={"words": allowed})


def _no_duplicates(values: list[Any]) -> list[Any]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"must not name {value} twice")
    return values


Count = Annotated[int, Field(ge=1, le=1_000_000)]
Whole = Annotated[int, Field(ge=0, le=2**63 - 1)]
Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Text = Annotated[str, StringConstraints(min_length=1), in_words("text")]
Name = Annotated[str, StringConstraints(pattern=NAME), in_words("name")]
Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["float32", "bfloat16"]
"""Of the products of a training step; weights, optimiser and evaluation are float32 always."""
Distinct = AfterValidator(_no_duplicates)
