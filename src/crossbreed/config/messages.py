"""What is refused, said in one line that names the key, the value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

_LONGEST_SHOWN = 300


def shown(value: object) -> str:
    """Write a value for a message, shortened if it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


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
    key = ".".join(str(step) for step in _path_in(tree, error))
    match error["type"]:
        case "missing":
            return f"{key}: missing; it must be given"
        case "union_tag_invalid":
            tag = error["ctx"]["discriminator"].strip("'")
            allowed = error["ctx"]["expected_tags"]
            return f"{key}.{tag} = {shown(error['input'][tag])}: must be one of {allowed}"
        case "extra_forbidden":
            text = "unknown key"
        case "value_error":
            text = str(error["ctx"]["error"])
        case _:
            text = error["msg"].replace("Input should be", "must be")
            text = text[0].lower() + text[1:]
    return f"{key} = {shown(error['input'])}: {text}" if key else text


def _path_in(tree: Any, error: ErrorDetails) -> list[int | str]:
    """Drop the steps that pydantic adds for the members of a union, which no key is named after."""
    path: list[int | str] = []
    for step in error["loc"]:
        is_index = isinstance(tree, list) and isinstance(step, int)
        if is_index or (isinstance(tree, Mapping) and step in tree):
            tree = tree[step]
            path.append(step)
    # A key that is missing is not in the tree, either.
    return [*path, error["loc"][-1]] if error["type"] == "missing" else path


def one_line(error: BaseException | str) -> str:
    """Put what Hydra or YAML says into one line, without where Hydra looked."""
    return " ".join(str(error).partition("Config search path")[0].split())
