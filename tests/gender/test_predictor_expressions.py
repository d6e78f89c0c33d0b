from __future__ import annotations

import ast
import subprocess
import sys
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


def test_spaces_and_signs_do_not_matter() -> None:
    assert check(" add( +1 ,\n-2e1)  ") == "add(1.0, -20.0)"


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


def test_no_trials_no_predictions() -> None:
    empty = {name: np.empty(0) for name in FEATURES}
    assert predict("add(width, 1)", empty).shape == (0,)
    assert predict("1", empty).shape == (0,)


MALICIOUS = [
    "__import__('pathlib').Path({target!r}).touch()",
    "add(1, __import__('pathlib').Path({target!r}).touch())",
    "add(1, open({target!r}, 'w'))",
    "open({target!r},'w')",
    "[open({target!r},'w')]",
    "(lambda:open({target!r},'w'))()",
    "exec(\"open({target!r},'w')\")",
    "eval(open({target!r},'w'))",
    "add(1, 2) or open({target!r}, 'w')",
    "add(1, 2)\nopen({target!r}, 'w')",
    "add(1, 2);open({target!r},'w')",
    "width.__class__.__mro__",
    "add.__globals__",
]


@pytest.mark.parametrize("text", MALICIOUS)
def test_code_is_refused_and_not_executed(text: str, tmp_path: Path) -> None:
    target = tmp_path / "touched"
    for use in (check, formula, lambda one: str(predict(one, some_features(width=[1.0])))):
        with pytest.raises(CrossbreedError) as refusal:
            use(text.format(target=str(target)))
        assert "\n" not in str(refusal.value)
    assert not target.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it ends where a function, a feature or a number must follow"),
        ("  ", "it ends where a function, a feature or a number must follow"),
        ("loss", "'loss' is unknown; allowed are numbers, add, "),
        ("constant", "'constant' is unknown"),
        ("ARG0", "'ARG0' is unknown"),
        ("nan", "'nan' is unknown"),
        ("-inf", "'-' is not allowed"),
        ("1e999", "1e999 is too large a number"),
        ("add", r"it ends where '\(' must follow"),
        ("add(1)", r"'\)' instead of ','; add is to be written add\(a, b\)"),
        ("log(1, 2)", r"',' instead of '\)'; log is to be written log\(a\)"),
        ("add(1, 2", r"it ends where '\)' must follow"),
        ("add 1 2", r"'1' instead of '\('"),
        ("add(1, 2))", r"'\)' after its end"),
        ("width width", "'width' after its end"),
        ("1_000", "'_000' after its end"),
        ("1j", "'j' after its end"),
        ("0x10", "'x10' after its end"),
        ("'width'", '"\'" is not allowed'),
        ("(width)", r"'\(' where a function"),
        ("width + 1", "'\\+' is not allowed"),
        ("\u0661", "is not allowed"),
        ("add(1, 2)\0", "is not allowed"),
        # A space to Python's str, none to the reader.
        ("\x1f", r"'\\x1f' is not allowed"),
    ],
)
def test_refusals_say_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(CrossbreedError, match=reason):
        check(text)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40) | st.text(alphabet="addlogwith(),.-+e19 _", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        written = check(text)
    except CrossbreedError as error:
        lines = str(error).splitlines()
    else:
        lines = [written]
        assert check(written) == written
    assert len(lines) == 1


def test_depth_is_limited() -> None:
    deepest = "log(" * MAXIMUM_DEPTH + "width" + ")" * MAXIMUM_DEPTH
    assert check(deepest) == deepest
    assert np.isfinite(predict(deepest, some_features(width=[3.0]))).all()
    for deeper in (f"log({deepest})", "log(" * 100_000):
        with pytest.raises(CrossbreedError, match="nested more than 17 deep"):
            check(deeper)


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


Terms = list[object]
NAMES = {"min": "minimum", "max": "maximum"}
SIGNS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}


def _meaning(node: ast.expr) -> object:
    """Return what an expression or a formula says: sums as a list of terms, the rest nested."""
    match node:
        case ast.Name():
            return node.id
        case ast.Constant(value=float() | int() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub()):
            inner = _meaning(node.operand)
            return -inner if isinstance(inner, float) else ("negate", inner)
        case ast.BinOp():
            return _call(SIGNS[type(node.op)], [_meaning(node.left), _meaning(node.right)])
        case ast.Call(func=ast.Name(id="log" | "sqrt" as name), args=[ast.Call() as inner]) if (
            isinstance(inner.func, ast.Name) and inner.func.id == "abs"
        ):
            return (name, _meaning(inner.args[0]))
        case ast.Call(func=ast.Name(id=name)):
            return _call(NAMES.get(name, name), [_meaning(argument) for argument in node.args])
    raise AssertionError(ast.dump(node))


def _call(name: str, arguments: Terms) -> object:
    if name == "negate" and isinstance(arguments[0], float):
        return -arguments[0]
    if name == "add":
        return ("sum", *_terms(arguments[0]), *_terms(arguments[1]))
    if name == "subtract":
        return ("sum", *_terms(arguments[0]), ("minus", arguments[1]))
    return (name, *arguments)


def _terms(meaning: object) -> Terms:
    if isinstance(meaning, tuple) and meaning[0] == "sum":
        return list(meaning[1:])
    return [meaning]


@settings(deadline=None, max_examples=200)
@given(expressions)
def test_a_formula_read_as_python_says_the_same(expression: str) -> None:
    formula_meaning = _meaning(ast.parse(formula(expression), mode="eval").body)
    assert formula_meaning == _meaning(ast.parse(expression, mode="eval").body)


def test_the_module_can_be_imported_anew_without_a_warning() -> None:
    code = (
        "import importlib, sys, warnings\n"
        "import crossbreed.search.expression as module\n"
        "warnings.simplefilter('error')\n"
        "sys.exit(importlib.reload(module).check('log(1)') != 'log(1.0)')"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
