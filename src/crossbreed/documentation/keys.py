"""All keys of a schema, in its order, with what each may hold and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from crossbreed.config.base import Config
from crossbreed.documentation.words import Schema, allowed, values_by_name


class Key(NamedTuple):
    """A key of the configuration.

    Parameters
    ----------
    path
        Dotted; `[]` stands for an item of a list, `<name>` for a name that the user gives.
    values
        What it may hold, in words.
    meaning
        A sentence.
    schema
        Its JSON schema without references.
    """

    path: str
    values: str
    meaning: str
    schema: Schema

    @property
    def is_section(self) -> bool:
        """Whether it only holds keys of its own."""
        return "properties" in self.schema


class Table(NamedTuple):
    """Keys that belong together.

    Parameters
    ----------
    choice
        What must be chosen for the keys to exist, as path, key and value; None: nothing.
    about
        What that choice does.
    keys
        In the schema's order.
    """

    choice: tuple[str, str, str] | None
    about: str
    keys: list[Key]


class UndocumentedError(Exception):
    """Some fields have no docstring; the message names them."""


def tables(schema: type[Config]) -> dict[str, list[Table]]:
    """Return the tables of each key of a schema: its own, and one for each alternative below it.

    Raises
    ------
    UndocumentedError
        If a field that can be reached has no docstring.
    """
    missing = list(undocumented(schema))
    if missing:
        raise UndocumentedError(f"no docstring below the field: {', '.join(missing)}")
    written = schema.model_json_schema()
    whole = _without_references(written, written.get("$defs", {}))
    return {name: _tables(None, "", name, one) for name, one in whole["properties"].items()}


def undocumented(schema: type[Config]) -> Iterator[str]:
    """Yield every field without a docstring, of a schema and of all classes that it is made of."""
    for one in dict.fromkeys(_classes(schema)):
        for name, field in one.model_fields.items():
            if not field.description:
                yield f"{one.__name__}.{name}"


def _classes(annotation: Any) -> Iterator[type[Config]]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _classes(field.annotation)
    else:
        for part in get_args(annotation):
            yield from _classes(part)


def _without_references(part: Any, definitions: Schema) -> Any:
    if isinstance(part, list):
        return [_without_references(one, definitions) for one in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        # A field that says the same as its class has no description of its own here.
        part = {**definitions[part["$ref"].rpartition("/")[2]], **part}
    return {
        key: _without_references(one, definitions)
        for key, one in part.items()
        if key not in ("$ref", "$defs")
    }


def _tables(choice: tuple[str, str, str] | None, about: str, path: str, one: Schema) -> list[Table]:
    unions: list[tuple[str, Schema]] = []
    keys = _keys(path, one, unions) if choice is None else _below(path, one, unions)
    found = [Table(choice, about, list(keys))]
    for place, union in unions:
        name = union["discriminator"]["propertyName"]
        for alternative in union["oneOf"]:
            value = alternative["properties"][name]["const"]
            said = _sentence(alternative["description"])
            found += _tables((place, name, value), said, place, alternative)
    return found


def _keys(path: str, schema: Schema, unions: list[tuple[str, Schema]]) -> Iterator[Key]:
    below = list(_below(path, schema, unions))
    inner: Schema | None = schema
    while inner is not None and not below:
        inner = values_by_name(inner)
        path += ".<name>" if inner is not None else ""
    yield Key(path, allowed(schema), _sentence(schema["description"]), schema)
    yield from below


def _below(path: str, schema: Schema, unions: list[tuple[str, Schema]]) -> Iterator[Key]:
    values = values_by_name(schema)
    if "discriminator" in schema:
        unions.append((path, schema))
    elif "properties" in schema:
        for name, one in schema["properties"].items():
            yield from _keys(f"{path}.{name}", one, unions)
    elif "items" in schema:
        yield from _below(f"{path}[]", schema["items"], unions)
    elif values is not None:
        yield from _below(f"{path}.<name>", values, unions)
    for one in schema.get("anyOf", []):
        yield from _below(path, one, unions)


def _sentence(text: str) -> str:
    return " ".join(text.split())
