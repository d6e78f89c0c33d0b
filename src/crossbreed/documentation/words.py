"""What a key may hold, in words, from its JSON schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

# By pydantic's own name too: it keeps that for bounds that follow a validator.
_LOW = {"minimum": "at least", "ge": "at least", "exclusiveMinimum": "above", "gt": "above"}
_HIGH = {"maximum": "at most", "le": "at most", "exclusiveMaximum": "below", "lt": "below"}


def allowed(schema: Schema) -> str:
    """Return what a value may be.

    Parameters
    ----------
    schema
        Without references.
    """
    if "anyOf" in schema:
        return ", or ".join(allowed(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return _one_of(schema.get("enum", [schema.get("const")]))
    if "discriminator" in schema:
        key = schema["discriminator"]["propertyName"]
        names = (one["properties"][key]["const"] for one in schema["oneOf"])
        return f"mapping; `{key}`: {_one_of(names)}"
    match schema.get("type"):
        case "null":
            return "`null`"
        case "boolean":
            return "`true` or `false`"
        case "integer":
            return _bounded("whole number", schema)
        case "number":
            return _bounded("number", schema)
        case "string":
            most = schema.get("maxLength")
            words = schema.get("words", "text")
            return words if most is None else f"{words}, at most {_number(most)} characters"
        case "array":
            return f"{_list_of(schema)}, each: {allowed(schema['items'])}"
        case "object":
            return _mapping(schema)
    raise ValueError(f"no words for {schema}")


def values_by_name(schema: Schema) -> Schema | None:
    """Return the schema of the values that a mapping holds by names; None: it has keys of its own.

    A mapping of anything holds no values of a known kind.
    """
    patterns = schema.get("patternProperties", {})
    found = next(iter(patterns.values()), schema.get("additionalProperties"))
    return found if isinstance(found, Mapping) else None


def _mapping(schema: Schema) -> str:
    values = values_by_name(schema)
    if values is None:
        return "mapping"
    names = schema.get("propertyNames", {}).get("enum")
    told = f"; `<name>`: {_one_of(names)}" if names else ""
    if _has_keys(values):
        return f"mapping{told or ' by name'}"
    return f"{allowed(values)}{told}"


def _has_keys(schema: Schema) -> bool:
    return "properties" in schema or "discriminator" in schema


def _one_of(choices: Iterable[object]) -> str:
    *others, last = (f"`{choice}`" for choice in choices)
    return f"{', '.join(others)} or {last}" if others else last


def _bounded(kind: str, schema: Schema) -> str:
    low = [(words, schema[key]) for key, words in _LOW.items() if key in schema]
    high = [(words, schema[key]) for key, words in _HIGH.items() if key in schema]
    match low, high:
        case [("at least", least)], [("at most", most)]:
            return f"{kind} from {_number(least)} to {_number(most)}"
    bounds = " and ".join(f"{words} {_number(bound)}" for words, bound in (*low, *high))
    return f"{kind} {bounds}".rstrip()


def _list_of(schema: Schema) -> str:
    least, most = schema.get("minItems"), schema.get("maxItems")
    if most is not None:
        return f"list of {least or 0} to {most}"
    return f"list of at least {least}" if least else "list"


def _number(bound: float) -> str:
    if isinstance(bound, int) and bound + 1 == 2 ** bound.bit_length() and bound > 2**31:
        return f"2^{bound.bit_length()} - 1"
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
