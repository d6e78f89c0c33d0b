from __future__ import annotations

import ast
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from crossbreed.errors import CrossbreedError
from crossbreed.search.expression import (
    FUNCTIONS,
    LARGEST_PREDICTION,
    MAXIMUM_DEPTH,
    check,
    predict,
)
from crossbreed.search.features import FEATURES
from crossbreed.search.formula import formula

Features = dict[str, NDArray[np.float64]]

numbers = st.floats(allow_nan=False, allow_infinity=False)


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda name: st.lists(inner, min_size=FUNCTIONS[name][1], max_size=FUNCTIONS[name][1]).map(
            lambda arguments: f"{name}({', '.join(arguments)})"
        )
    )


expressions = st.recursive(
    st.sampled_from(FEATURES) | numbers.map(repr), _calls, max_leaves=20
).filter(lambda text: text.count("(") <= MAXIMUM_DEPTH)


def some_features(**given_features: list[float]) -> Features:
    length = len(next(iter(given_features.values())))
    return {name: np.array(given_features.get(name, [1.0] * length)) for name in FEATURES}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("width", [-2, 0, 4]),
        ("3", [3, 3, 3]),
        ("add(width, 1)", [-1, 1, 5]),
        ("subtract(1, width)", [3, 1, -3]),
        ("multiply(width, layers)", [-2, 0, 12]),
        ("divide(layers, width)", [-0.5, 1, 0.75]),
        ("log(width)", [np.log(2), 0, np.log(4)]),
        ("sqrt(width)", [np.sqrt(2), 0, 2]),
        ("negate(width)", [2, 0, -4]),
        ("minimum(width, 1)", [-2, 0, 1]),
        ("maximum(width, 1)", [1, 1, 4]),
    ],
)
def test_each_function_by_hand(expression: str, expected: list[float]) -> None:
    values = predict(expression, some_features(width=[-2, 0, 4], layers=[1, 2, 3]))
    assert values.tolist() == pytest.approx(expected)


@settings(deadline=None, max_examples=200)
@given(expressions)
def test_text_goes_round(expression: str) -> None:
    # Python's own reader agrees on what was read.
    written = check(expression)
    assert check(written) == written
    assert ast.dump(_floats(written)) == ast.dump(_floats(expression))


def _floats(expression: str) -> ast.AST:
    tree = ast.parse(expression, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, int | float)
            node.value = float(node.value)
    return tree


@settings(deadline=None, max_examples=200)
@given(expressions, st.data())
def test_predictions_are_finite_and_quiet_whatever_the_features(
    expression: str, data: st.DataObject
) -> None:
    strange = st.floats() | st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1e308, -1e308])
    columns = {name: data.draw(arrays(np.float64, 4, elements=strange)) for name in FEATURES}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = predict(expression, columns)
    assert values.shape == (4,)
    assert values.dtype == np.float64
    assert (abs(values) <= LARGEST_PREDICTION).all()


@pytest.mark.parametrize("width", [np.nan, np.inf, -np.inf, 1e200, -1e200])
def test_what_overflows_ranks_last(width: float) -> None:
    columns = some_features(width=[1.0, width])
    signed = "multiply(multiply(width, layers), width)"
    for expression in (signed, f"negate({signed})"):
        values = predict(expression, columns | {"layers": columns["width"]})
        assert values[1] == LARGEST_PREDICTION
        assert values[0] in (1, -1)


@pytest.mark.parametrize(
    "text",
    [
        *("open({target!r}, 'w')", "add(1, open({target!r}, 'w'))", "[open({target!r}, 'w')]"),
        *("(lambda: open({target!r}, 'w'))()", "add(1, 2) or open({target!r}, 'w')"),
        *("width.__class__", "add.__globals__", "exec('1')"),
    ],
)
def test_code_is_refused_and_not_executed(text: str, tmp_path: Path) -> None:
    target = tmp_path / "touched"
    for use in (check, formula, lambda each: str(predict(each, some_features(width=[1.0])))):
        with pytest.raises(CrossbreedError, match="is unknown; allowed are numbers, add"):
            use(text.format(target=str(target)))
    assert not target.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "invalid syntax"),
        ("loss", "'loss' is unknown; allowed are numbers, add"),
        ("constant", "'constant' is unknown"),
        ("add(1)", r"'add\(1\)' is unknown; allowed are numbers, add\(a, b\), "),
        ("add(1, 2", "was never closed"),
        ("width + 1", r"'width \+ 1' is unknown"),
        ("log(" * 18 + "width" + ")" * 18, "nested more than 17 deep"),
    ],
)
def test_refusals_say_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(CrossbreedError, match=reason):
        check(text)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("width", "width"),
        ("-2.0", "-2"),
        ("add(width, add(heads, 1))", "width + heads + 1"),
        ("subtract(width, subtract(heads, 1.5))", "width - (heads - 1.5)"),
        ("multiply(add(width, 1), heads)", "(width + 1) * heads"),
        ("add(multiply(width, 2), divide(heads, 3))", "width * 2 + heads / 3"),
        ("multiply(width, divide(heads, layers))", "width * (heads / layers)"),
        ("negate(add(width, 1))", "-(width + 1)"),
        ("negate(negate(width))", "-(-width)"),
        ("multiply(negate(width), heads)", "-width * heads"),
        ("subtract(width, -0.5)", "width - (-0.5)"),
        ("minimum(add(width, 1), maximum(heads, 2))", "min(width + 1, max(heads, 2))"),
        ("log(sqrt(width))", "log(abs(sqrt(abs(width))))"),
    ],
)
def test_formulas_by_hand(expression: str, expected: str) -> None:
    assert formula(expression) == expected
