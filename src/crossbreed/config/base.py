"""Building blocks of the schema."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from crossbreed.config.overrides import WORDS
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


def _no_boolean(value: object) -> object:
    """Refuse what Python takes for the numbers 0 and 1."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _given(text: str) -> str:
    """Refuse Hydra's sign for a value that is still to be given."""
    if text == "???":
        raise ValueError("must be given a value")
    return text


def _one_line(text: str) -> str:
    """Refuse what no figure, log or variable of the environment can hold."""
    if not all(letter.isprintable() or unicodedata.category(letter) == "Zs" for letter in text):
        raise ValueError("must be one line of printable characters")
    return text


def _no_keyword(name: str) -> str:
    """Refuse names that YAML or Hydra read as something else."""
    if name in WORDS:
        raise ValueError("must not be a word that YAML reads as a value")
    return name


def in_words(allowed: str) -> Any:
    """Say what a pattern or a validator allows, for readers of the reference of all keys."""
    return Field(json_schema_extra={"words": allowed})


OneLine = AfterValidator(_one_line)
Number = BeforeValidator(_no_boolean)
Count = Annotated[int, Number, Field(ge=1, le=1_000_000)]
Whole = Annotated[int, Number, Field(ge=0, le=2**63 - 1)]
Positive = Annotated[float, Number, Field(gt=0)]
Fraction = Annotated[float, Number, Field(gt=0, lt=1)]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    OneLine,
    AfterValidator(_given),
    in_words("one line of text"),
]
Name = Annotated[
    str,
    StringConstraints(max_length=64, pattern=NAME),
    AfterValidator(_no_keyword),
    in_words("name"),
]
