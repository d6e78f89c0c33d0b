"""The genome of a predictor: an expression tree over a trial's features.

Its text is that of nested calls, for example ``add(train_loss_last, multiply(0.5, dropout))``. The
lower its value, the lower the final loss it predicts. Trees are those of DEAP's genetic
programming (https://deap.readthedocs.io); DEAP's own reader of such texts would execute them as
Python, so texts are read here.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import numpy as np
from deap import gp
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError
from crossbreed.search.features import FEATURES

Array = NDArray[np.float64]

# What is not a finite number, or beyond this, is predicted as this: it ranks last.
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


# Each function, and how many arguments it has.
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


@cache
def primitives() -> gp.PrimitiveSet:
    """Return what DEAP builds trees of: functions, features and constants."""
    known = gp.PrimitiveSet("predictor", len(FEATURES))
    known.renameArguments(**{f"ARG{place}": name for place, name in enumerate(FEATURES)})
    for name, (function, arguments) in FUNCTIONS.items():
        known.addPrimitive(function, arguments, name)
    known.addEphemeralConstant(CONSTANT, _draw_constant)
    return known


def parse(expression: str) -> gp.PrimitiveTree:
    """Read the text of an expression; nothing in it is ever executed.

    Raises
    ------
    CrossbreedError
        If it is anything but nested calls of `FUNCTIONS` on `FEATURES` and numbers, or nested more
        than 17 deep.
    """
    return gp.PrimitiveTree(_parsed(expression))


@lru_cache(maxsize=65_536)
def _parsed(expression: str) -> tuple[Any, ...]:
    try:
        tree = gp.PrimitiveTree(_nodes(ast.parse(expression.strip(), mode="eval").body))
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise CrossbreedError(f"predictor {expression!r}: {reason}") from None
    if tree.height > MAXIMUM_DEPTH:
        raise CrossbreedError(f"predictor {expression!r}: nested more than {MAXIMUM_DEPTH} deep")
    return tuple(tree)


def check(expression: str) -> str:
    """Return an expression as predictors are written; raises as `parse` does."""
    return str(parse(expression))


def predict(expression: str, features: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Predict which trials will end with the lowest loss.

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
    function: Callable[..., Any] = gp.compile(parse(expression), primitives())
    return function


def _nodes(node: ast.expr) -> list[Any]:
    """Return an expression's nodes, depth first."""
    known = primitives().mapping
    match node:
        case ast.Name(id=name) if name in FEATURES:
            return [known[name]]
        case ast.Constant(value=int() | float() as value):
            return [_constant(value)]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return [_constant(-value)]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if (
            name in FUNCTIONS and len(arguments) == FUNCTIONS[name][1]
        ):
            return [known[name], *(inner for part in arguments for inner in _nodes(part))]
    calls = [f"{name}({', '.join('ab'[:count])})" for name, (_, count) in FUNCTIONS.items()]
    raise ValueError(
        f"{ast.unparse(node)!r} is unknown; allowed are numbers, {', '.join([*calls, *FEATURES])}"
    )


def _constant(value: float) -> gp.Terminal:
    """Return a node like those that DEAP draws, without drawing."""
    kind = primitives().mapping[CONSTANT]
    node = kind.__new__(kind)
    node.value = float(value)
    return node
