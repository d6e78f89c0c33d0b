"""Write the expression of a predictor as people write formulas."""

from __future__ import annotations

from typing import Any, NamedTuple

from crossbreed.search.expression import CONSTANT, parse

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_CALLS = {
    "minimum": "min({}, {})",
    "maximum": "max({}, {})",
    "log": "log(abs({}))",
    "sqrt": "sqrt(abs({}))",
}
_SUM, _PRODUCT, _NEGATIVE, _WHOLE = range(4)


class _Part(NamedTuple):
    """A part of the formula, and how strongly it binds."""

    text: str
    strength: int


def formula(expression: str) -> str:
    """Return an expression in infix notation, with no more parentheses than it needs.

    What it does not show: a division by zero gives 1, and the logarithm of zero is 0.

    Raises
    ------
    CrossbreedError
        If the expression is none (see `expression.parse`).
    """
    stack: list[_Part] = []
    for node in reversed(parse(expression)):
        stack.append(_write(node, [stack.pop() for _ in range(node.arity)]))
    return stack.pop().text


def _write(node: Any, arguments: list[_Part]) -> _Part:
    if node.name == CONSTANT:
        return _Part(repr(node.value).removesuffix(".0"), _NEGATIVE if node.value < 0 else _WHOLE)
    if not arguments:
        return _Part(node.value, _WHOLE)
    if node.name in _CALLS:
        return _Part(_CALLS[node.name].format(*(part.text for part in arguments)), _WHOLE)
    if node.name == "negate":
        return _Part(f"-{_within(arguments[0], _WHOLE)}", _NEGATIVE)
    strength = _SUM if node.name in ("add", "subtract") else _PRODUCT
    left = _within(arguments[0], strength)
    # Only sums need none on the right: a division by zero tells a * (b / c) from a * b / c.
    right = _within(arguments[1], strength if node.name == "add" else strength + 1)
    if right.startswith("-"):
        right = f"({right})"
    return _Part(f"{left} {_SIGNS[node.name]} {right}", strength)


def _within(part: _Part, strength: int) -> str:
    """Return a part's text, in parentheses if it binds less strongly."""
    return part.text if part.strength >= strength else f"({part.text})"
