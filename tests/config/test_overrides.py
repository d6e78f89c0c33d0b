"""Any plain value written as an override is what Hydra reads back from the command line."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from crossbreed.config.overrides import override

# What Hydra's grammar, YAML or OmegaConf could take for something other than text.
WORDS = (
    *("null", "Null", "true", "FALSE", "nan", "NaN", "inf", "-inf", "none", "yes", "off", "~"),
    *("1", "-1", "1.5", "1e3", "1_000", "0x10", ".5", "choice(a,b)", "range(1,3)", "int(3)"),
    *("[1,2]", "{a: 1}", "a=b", "a:b", "+a", "~a", "#a", "a #b", "a@b", "a/b", "a.b", "?", "*"),
    *("${seed}", "$${seed}", r"\${seed}", r"\\${seed}", "${oc.env:HOME}", "${", "$", "}", "%d"),
    *("'", '"', "''", r"\'", r"\\'", r"'\ ", "\\", "\\\\", "a\\", r"C:\new", "it's", 'say "no"'),
    *("", " ", " a", "a ", "\t", "two  words", "two\nlines", "a,b", "é", "日本", "🧬"),
)
# "???" is OmegaConf's sign for a value that is missing, so it cannot be a value.
texts = st.one_of(
    st.sampled_from(WORDS),
    st.text(st.sampled_from("'\"\\${}[](),:=+~#@%!&|;<>*? ab01."), max_size=12),
).filter(lambda text: text != "???")
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
names = st.from_regex(r"[a-z][a-z0-9_]{3,9}", fullmatch=True).filter(
    lambda name: name not in ("null", "true", "false")
)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def read_back(key: str, written: str) -> Any:
    """Parse with Hydra's grammar and set as Hydra sets, without its slow search for files."""
    parsed = OverridesParser.create().parse_override(written)
    assert parsed.key_or_group == key
    config = OmegaConf.create({key: "???"})
    OmegaConf.update(config, key, parsed.value(), merge=True)
    tree = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(tree, dict)
    return tree[key]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "key=null"),
        (True, "key=true"),
        (1e-7, "key=1e-07"),
        ("results/ci/best-1", "key=results/ci/best-1"),
        ("null", "key='null'"),
        ("none", "key=none"),
        ("it's", r"key='it\'s'"),
        ("${seed}", r"key='\${seed}'"),
        (["a", 1, None], "key=[a,1,null]"),
        ({"rule": "top", "count": 2}, "key={rule:top,count:2}"),
    ],
)
def test_how_values_are_written(value: Any, written: str) -> None:
    assert override("key", value) == written


@settings(deadline=None, max_examples=120)
@given(values)
@example({"a": []})
@example([{}, [[]], ""])
@example({"none": "yes", "on": "off", "infinity": 1})
def test_hydra_reads_the_value_that_was_written(value: Any) -> None:
    # Their representations also tell True from 1, 1 from 1.0 and 0.0 from -0.0.
    assert repr(read_back("key", override("key", value))) == repr(value)


def test_text_stays_text() -> None:
    words = [*WORDS, *({"name": text} for text in WORDS)]
    assert read_back("key", override("key", words)) == words


# Hydra's grammar has no quoted keys, so what it would read as a value cannot be one.
@pytest.mark.parametrize("value", [math.nan, [1, math.inf], {"a": {"b": -math.inf}}, {"null": 1}])
def test_what_cannot_be_written_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="cannot be written as"):
        override("key", value)


def test_values_that_are_not_plain_are_refused() -> None:
    with pytest.raises(TypeError, match="PosixPath cannot be written"):
        override("key", [Path("results")])
