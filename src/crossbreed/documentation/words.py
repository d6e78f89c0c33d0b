"""What a key may hold, in words, from its JSON schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

_LOW = {"minimum": "at least", "exclusiveMinimum": "above"}
_HIGH = {"maximum": "at most", "exclusiveMaximum": "below"}


def allowed(schema: Schema) -> str:
    """Return what a value of a JSON schema without references may be."""
    if options(schema):
        return ", or ".join(allowed(option) for option in options(schema))
    if "enum" in schema:
        return _any_of(schema["enum"])
    if "discriminator" in schema:
        return "mapping"
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
            return str(schema.get("const") or schema.get("words", "text"))
        case "array":
            return f"{_list(schema)}, each: {allowed(schema['items'])}"
        case "object":
            return _mapping(schema)
    raise ValueError(f"no words for {schema}")


def options(schema: Schema) -> list[Schema]:
    """Return the schemas of which a value fits any; none: the schema says itself what fits.

    Mappings that one of their keys tells apart are not among them.
    """
    return [] if "discriminator" in schema else schema.get("anyOf", schema.get("oneOf", []))


def values_by_name(schema: Schema) -> Schema | None:
    """Return the schema of the values that a mapping holds by names; None: it has keys of its own.

    A mapping of anything holds no values of a known kind.
    """
    patterns = schema.get("patternProperties", {})
    values = next(iter(patterns.values()), schema.get("additionalProperties"))
    return values if isinstance(values, Mapping) else None


def _mapping(schema: Schema) -> str:
    values = values_by_name(schema)
    if values is None:
        return "mapping"
    names = schema.get("propertyNames", {}).get("enum")
    mapping = f"mapping by name ({_any_of(names)})" if names else "mapping by name"
    has_keys = "properties" in values or "discriminator" in values
    return mapping if has_keys else f"{mapping}, each: {allowed(values)}"


def _any_of(choices: Iterable[object]) -> str:
    *first, last = (f"`{choice}`" for choice in choices)
    return f"{', '.join(first)} or {last}" if first else last


def _bounded(kind: str, schema: Schema) -> str:
    bounds = [
        f"{words} {schema[key]:{',' if kind == 'whole number' else 'g'}}"
        for key, words in {**_LOW, **_HIGH}.items()
        # Higher ones are those of the memory of a number.
        if key in schema and abs(schema[key]) < 2**31
    ]
    return f"{kind} {' and '.join(bounds)}".rstrip()


def _list(schema: Schema) -> str:
    least, most = schema.get("minItems"), schema.get("maxItems")
    if most is not None:
        return f"list of {least or 0} to {most}"
    return f"list of at least {least}" if least else "list"
