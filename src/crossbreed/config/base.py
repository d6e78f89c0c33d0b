"""Building blocks of the schema and the one-line messages of what it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import ErrorDetails

from crossbreed.config.overrides import WORDS
from crossbreed.errors import CrossbreedError

NAME = r"^[a-z][a-z0-9_]*$"


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


def _no_keyword(name: str) -> str:
    """Refuse names that YAML or Hydra read as something else."""
    if name in WORDS:
        raise ValueError("must not be a word that YAML reads as a value")
    return name


Number = BeforeValidator(_no_boolean)
Count = Annotated[int, Number, Field(ge=1, le=1_000_000)]
Whole = Annotated[int, Number, Field(ge=0, le=2**63 - 1)]
Positive = Annotated[float, Number, Field(gt=0)]
Fraction = Annotated[float, Number, Field(gt=0, lt=1)]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]*$"),
    AfterValidator(_given),
]
Name = Annotated[str, StringConstraints(max_length=64, pattern=NAME), AfterValidator(_no_keyword)]


def explain(errors: Iterable[ErrorDetails], tree: Mapping[str, Any]) -> str:
    """Say in one line per error which key has which value and what is allowed.

    Parameters
    ----------
    errors
        What `pydantic.ValidationError.errors()` returned.
    tree
        The configuration that was refused.
    """
    return "\n".join(dict.fromkeys(_explain(error, tree) for error in errors))


def _explain(error: ErrorDetails, tree: Mapping[str, Any]) -> str:
    key = dotted(_path_in(tree, error["loc"]))
    given = error["input"]
    match error["type"]:
        case "extra_forbidden":
            return f"{key} = {given!r}: unknown key"
        case "missing":
            return f"{key}: missing; it must be given"
        case "union_tag_invalid":
            context = error["ctx"]
            tag = context["discriminator"].strip("'")
            return f"{key}.{tag} = {context['tag']!r}: must be one of {context['expected_tags']}"
        case "union_tag_not_found":
            tag = error["ctx"]["discriminator"].strip("'")
            return f"{key}.{tag}: missing; it must be given"
        case "string_pattern_mismatch":
            pattern = error["ctx"]["pattern"]
            return f"{key} = {given!r}: must match the pattern {pattern}"
        case "value_error":
            text = str(error["ctx"]["error"])
            return f"{key} = {given!r}: {text}" if key else text
    text = error["msg"].replace("Input should be", "must be")
    if error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        text = "must be a mapping of keys to values"
    return f"{key} = {given!r}: {text[0].lower()}{text[1:]}"


def _path_in(tree: Any, location: Iterable[int | str]) -> list[int | str]:
    """Drop the steps that pydantic adds for the members of a union."""
    steps = [step for step in location if step != "[key]"]
    path: list[int | str] = []
    for position, step in enumerate(steps):
        last = position == len(steps) - 1
        if isinstance(tree, Mapping) and (step in tree or last):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step] if step < len(tree) else None
        else:
            continue
        path.append(step)
    return path


def dotted(path: Iterable[int | str]) -> str:
    """Write a path in a configuration as one key: arm.crossover.events.0.at."""
    return ".".join(str(step) for step in path)
