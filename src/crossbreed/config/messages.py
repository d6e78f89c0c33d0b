"""What is refused, said in one line that names the key, the value and what is allowed."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import ErrorDetails

DEEPEST = 30
_LONGEST_SHOWN = 300
_LONGEST_LINE = 500
# What a float can hold.
_LARGEST_BITS = 1024


class _Shortened(reprlib.Repr):
    """Values as Python writes them, but of bounded length, and never failing."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 6
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = 20
        self.maxstring = self.maxlong = self.maxother = _LONGEST_SHOWN

    def repr1(self, x: Any, level: int) -> str:
        # Mappings in their own order, and whatever their class: Snakemake's are not plain ones.
        if isinstance(x, Mapping):
            if level <= 0 and x:
                return "{...}"
            items = [
                f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
                for key, value in list(x.items())[: self.maxdict]
            ]
            return f"{{{', '.join(items + ['...'] * (len(x) > self.maxdict))}}}"
        return super().repr1(x, level)

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write a number of over 4300 digits.
        if x.bit_length() > _LARGEST_BITS:
            return f"{'-' * (x < 0)}10**{round(x.bit_length() * 0.30103)}"
        return super().repr_int(x, level)


_SHORTENED = _Shortened()


def shown(value: object) -> str:
    """Write a value for a message, shortened if it is enormous."""
    return _cut(_SHORTENED.repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def unfit(tree: Mapping[Any, Any]) -> Iterator[str]:
    """Yield a line for all that no key can hold and that would fail before the schema is asked."""
    pending: list[tuple[list[Any], Any]] = [([], tree)]
    while pending:
        path, value = pending.pop()
        if len(path) > DEEPEST:
            yield f"{dotted(path[:1])} = {shown(value)}: must not be nested deeper than {DEEPEST}"
        elif isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
            yield f"{dotted(path)} = {shown(value)}: must be a number of at most 308 digits"
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if not isinstance(key, str) or not key.isprintable():
                    yield f"{dotted([*path, key])} = {shown(inner)}: a key must be printable text"
            pending += [([*path, key], inner) for key, inner in value.items()][::-1]
        elif isinstance(value, list):
            pending += [([*path, index], inner) for index, inner in enumerate(value)][::-1]


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
            return f"{key} = {shown(given)}: unknown key"
        case "missing":
            return f"{key}: missing; it must be given"
        case "union_tag_invalid":
            tag = error["ctx"]["discriminator"].strip("'")
            allowed = error["ctx"]["expected_tags"]
            return f"{key}.{tag} = {shown(given[tag])}: must be one of {allowed}"
        case "union_tag_not_found":
            tag = error["ctx"]["discriminator"].strip("'")
            return f"{key}.{tag}: missing; it must be given"
        case "string_pattern_mismatch":
            pattern = error["ctx"]["pattern"]
            return f"{key} = {shown(given)}: must match the pattern {pattern}"
        case "value_error":
            text = str(error["ctx"]["error"])
            return f"{key} = {shown(given)}: {text}" if key else text
    text = error["msg"].replace("Input should be", "must be")
    if error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        text = "must be a mapping of keys to values"
    return f"{key} = {shown(given)}: {text[0].lower()}{text[1:]}"


def _path_in(tree: Any, location: Iterable[int | str]) -> list[int | str]:
    """Drop the steps that pydantic adds for the members of a union."""
    steps = list(location)
    if steps[-1:] == ["[key]"]:
        del steps[-1]
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


def dotted(path: Iterable[object]) -> str:
    """Write a path in a configuration as one key: arm.crossover.events.0.at."""
    return ".".join(_step(step) for step in path)


def _step(step: object) -> str:
    return _cut(step) if isinstance(step, str) and step and step.isprintable() else shown(step)


def one_line(error: BaseException | str) -> str:
    """Put what Hydra or YAML says into one line, without where it looked and what it read."""
    # Hydra wraps some exceptions of others without a word.
    while isinstance(error, BaseException) and not str(error) and error.__cause__:
        error = error.__cause__
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    lines: list[str] = []
    for line in str(error).splitlines():
        # A key that is not there cannot be appended either: the schema knows all keys.
        if line.strip().startswith(("See http", "Config search path", "object_type", "To append")):
            break
        lines.append(line.strip())
    text = " ".join(filter(None, lines)) or type(error).__name__
    printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return printable if len(printable) <= _LONGEST_LINE else f"{printable[:_LONGEST_LINE]}..."
