"""Write plain configuration values in Hydra's override syntax, so that a script reads them back."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

# What Hydra's grammar reads back as this very string, without quotes.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]*")
_WORDS = {"null", "true", "false", "nan", "inf"}


def override(key: str, value: Any) -> str:
    """Return the override that sets `key` to a plain value: `trainer.learning_rate=0.001`."""
    return f"{key}={_write(value)}"


def _write(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{value} cannot be written as an override")
            return repr(value)
        case str():
            return _quote(value)
        case list():
            return f"[{','.join(_write(item) for item in value)}]"
        case Mapping():
            items = (f"{_key(key)}:{_write(item)}" for key, item in value.items())
            return f"{{{','.join(items)}}}"
    raise TypeError(f"{type(value).__name__} cannot be written as an override")


def _key(key: Any) -> str:
    """Hydra's grammar knows no quoted keys."""
    if not isinstance(key, str) or _quote(key) != key:
        raise ValueError(f"{key!r} cannot be written as a key of an override")
    return key


def _quote(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    # A backslash counts as an escape only before a quote, at the end, or before `${`.
    text = re.sub(r"(\\*)\$\{", lambda match: match[1] * 2 + r"\${", text)
    text = re.sub(r"(\\*)'", lambda match: match[1] * 2 + r"\'", text)
    text = re.sub(r"(\\+)$", lambda match: match[1] * 2, text)
    return f"'{text}'"
