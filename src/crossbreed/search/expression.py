"""The genome of a predictor: an expression tree over a trial's features.

Its text is that of nested calls, for example ``add(train_loss_last, multiply(0.5, dropout))``. The
lower its value, the lower the final loss it foretells. Trees are those of DEAP's genetic
programming (https://deap.readthedocs.io); DEAP's own reader of such texts would execute them as
Python, so texts are read here.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from deap import gp
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError
from crossbreed.search.features import FEATURES

Array = NDArray[np.float64]

# What is not a finite number, or beyond this, is foretold as this: it ranks last.
LARGEST_PREDICTION = 1e300
MAXIMUM_DEPTH = 17
CONSTANT = "constant"


def _divide(dividend: Array, divisor: Array) -> Array:
    """Divide; by zero, or nearly, it gives 1 (Koza 1992)."""
    return np.where(np.abs(divisor) < 1e-12, 1.0, np.divide(dividend, divisor))


def _log(value: Array) -> Array:
    """Return the logarithm of the absolute value; of zero, 0 (Koza 1992)."""
    return np.where(np.equal(value, 0), 0.0, np.log(np.abs(value)))


def _sqrt(value: Array) -> Array:
    """Return the square root of the absolute value."""
    return np.asarray(np.sqrt(np.abs(value)))


FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "add": (np.add, 2),
    "subtract": (np.subtract, 2),
    "multiply": (np.multiply, 2),
    "divide": (_divide, 2),
    "minimum": (np.minimum, 2),
    "maximum": (np.maximum, 2),
    "log": (_log, 1),
    "sqrt": (_sqrt, 1),
    "negate": (np.negative, 1),
}


def _draw_constant() -> float:
    """Draw a number of a size between about a hundredth and ten, of three digits to be readable."""
    return float(f"{random.gauss(0, 1) * 10 ** random.uniform(-1, 1):.3g}")


def _primitives() -> gp.PrimitiveSet:
    primitives = gp.PrimitiveSet("predictor", len(FEATURES))
    primitives.renameArguments(**{f"ARG{place}": name for place, name in enumerate(FEATURES)})
    for name, (function, arguments) in FUNCTIONS.items():
        primitives.addPrimitive(function, arguments, name)
    primitives.addEphemeralConstant(CONSTANT, _draw_constant)
    return primitives


PRIMITIVES = _primitives()


def parse(expression: str) -> gp.PrimitiveTree:
    """Read the text of an expression; nothing in it is ever executed.

    Raises
    ------
    CrossbreedError
        If it is anything but nested calls of `FUNCTIONS` on `FEATURES` and finite numbers, or
        nested more than 17 deep.
    """
    try:
        tokens = _tokens(expression)
        nodes = _read(tokens, 0)
        if tokens:
            raise ValueError(f"{tokens[0]!r} after its end")
    except ValueError as error:
        shown = expression if len(expression) <= 60 else expression[:57] + "..."
        raise CrossbreedError(f"predictor {shown!r}: {error}") from None
    return gp.PrimitiveTree(nodes)


def check(expression: str) -> str:
    """Return an expression as predictors are written, or refuse it.

    Raises
    ------
    CrossbreedError
        As `parse` does.
    """
    return str(parse(expression))


def predict(expression: str, features: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Foretell which trials will end with the lowest loss.

    Parameters
    ----------
    expression
        The text of a predictor.
    features
        Arrays of shape [n], one by each name of `FEATURES`.

    Returns
    -------
    ndarray of shape (n,), float64
        The lower, the better; comparable with each other only, as it need not be in nats. Always
        finite: what is not becomes `LARGEST_PREDICTION`.

    Raises
    ------
    CrossbreedError
        As `parse` does; never for what the features hold.
    """
    columns = [np.asarray(features[name], np.float64) for name in FEATURES]
    with np.errstate(all="ignore"):
        values = np.broadcast_to(_compiled(expression)(*columns), columns[0].shape)
    finite = np.where(np.isfinite(values), values, LARGEST_PREDICTION)
    return np.clip(finite, -LARGEST_PREDICTION, LARGEST_PREDICTION)


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> Callable[..., Any]:
    function: Callable[..., Any] = gp.compile(parse(expression), PRIMITIVES)
    return function


_TOKEN = re.compile(
    r"\s*(?:([A-Za-z_]\w*|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[(),])|\Z)", re.ASCII
)


def _tokens(expression: str) -> deque[str]:
    tokens: deque[str] = deque()
    position = 0
    while position < len(expression):
        found = _TOKEN.match(expression, position)
        if found is None:
            rest = expression[position:].lstrip(" \t\n\r\f\v")  # as \s, no more
            raise ValueError(f"{rest[0]!r} is not allowed")
        position = found.end()
        if found[1]:
            tokens.append(found[1])
    return tokens


def _take(tokens: deque[str], wanted: str) -> str:
    if not tokens:
        raise ValueError(f"it ends where {wanted} must follow")
    return tokens.popleft()


def _expect(tokens: deque[str], sign: str, name: str) -> None:
    token = _take(tokens, repr(sign))
    if token != sign:
        arguments = FUNCTIONS[name][1]
        raise ValueError(
            f"{token!r} instead of {sign!r}; {name} is to be written "
            f"{name}({', '.join('ab'[:arguments])})"
        )


def _read(tokens: deque[str], depth: int) -> list[Any]:
    """Read one expression off the tokens and return its nodes, depth first."""
    if depth > MAXIMUM_DEPTH:
        raise ValueError(f"nested more than {MAXIMUM_DEPTH} deep")
    token = _take(tokens, "a function, a feature or a number")
    if token in FEATURES:
        return [PRIMITIVES.mapping[token]]
    if token in FUNCTIONS:
        nodes = [PRIMITIVES.mapping[token]]
        for argument in range(FUNCTIONS[token][1]):
            _expect(tokens, "," if argument else "(", token)
            nodes += _read(tokens, depth + 1)
        _expect(tokens, ")", token)
        return nodes
    if token[0].isalpha() or token[0] == "_":
        raise ValueError(
            f"{token[:40]!r} is unknown; allowed are numbers, {', '.join((*FUNCTIONS, *FEATURES))}"
        )
    if token in ("(", ")", ","):
        raise ValueError(f"{token!r} where a function, a feature or a number must stand")
    value = float(token)
    if not np.isfinite(value):
        raise ValueError(f"{token} is too large a number")
    return [_constant(value)]


def _constant(value: float) -> gp.Terminal:
    """Return a node like those that DEAP draws, without drawing."""
    kind = PRIMITIVES.mapping[CONSTANT]
    node = kind.__new__(kind)
    node.value = value
    return node
