"""Any plain value written as an override is what Hydra reads back from the command line."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from crossbreed.config.overrides import override

KEYS = [f"key_{number}" for number in range(12)]
# What Hydra's grammar, YAML or OmegaConf could take for something other than text.
WORDS = (
    *("null", "Null", "true", "FALSE", "nan", "NaN", "inf", "-inf", "none", "yes", "off", "~"),
    *("1", "-1", "1.5", "1e3", "1_000", "0x10", ".5", "choice(a,b)", "range(1,3)", "int(3)"),
    *("[1,2]", "{a: 1}", "a=b", "a:b", "+a", "~a", "#a", "a #b", "a@b", "a/b", "a.b", "?", "*"),
    *("${seed}", "$${seed}", r"\${seed}", r"\\${seed}", "${oc.env:HOME}", "${", "$", "}", "%d"),
    *("'", '"', "''", r"\'", r"\\'", r"'\ ", "\\", "\\\\", "a\\", r"C:\new", "it's", 'say "no"'),
    *("", " ", " a", "a ", "\t", "two  words", "a,b", "é", "日本", "🧬", "\u00a0", "\u2028"),
)
# Words that look like names but that Hydra or YAML may read as a value.
AMBIGUOUS_NAMES = (
    *("null", "none", "true", "false", "yes", "no", "on", "off", "nan", "inf", "infinity"),
)
plain_text = st.text(st.characters(exclude_categories=("Cc", "Cs")))
marks = st.text(st.sampled_from("'\"\\${}[](),:=+~#@%!&|;<>*? ab01."), max_size=12)
# "???" is OmegaConf's sign for a value that is missing, so it cannot be a value.
texts = st.one_of(st.sampled_from(WORDS), marks, plain_text).filter(lambda text: text != "???")
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
leaves = st.one_of(st.none(), st.booleans(), numbers, texts)
names = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True).filter(
    lambda name: name not in AMBIGUOUS_NAMES
)
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
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


def compose_with(node: dict[str, Any], written: list[str], folder: Path) -> Any:
    """Compose the way a script does: the skeleton of its keys, all given on the command line."""
    ConfigStore.instance().store(name="script", node=node)
    with initialize_config_dir(str(folder), version_base="1.3"):
        composed = compose("script", overrides=written)
    return OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "key=null"),
        (True, "key=true"),
        (-3, "key=-3"),
        (0.001, "key=0.001"),
        (1e-7, "key=1e-07"),
        ("adam", "key=adam"),
        ("results/ci/best-1", "key=results/ci/best-1"),
        ("null", "key='null'"),
        ("", "key=''"),
        ("it's", r"key='it\'s'"),
        ("a\\", r"key='a\\'"),
        ("${seed}", r"key='\${seed}'"),
        (["a", 1, None], "key=[a,1,null]"),
        ({"rule": "top", "count": 2}, "key={rule:top,count:2}"),
        ([], "key=[]"),
        ({}, "key={}"),
    ],
)
def test_how_values_are_written(value: Any, written: str) -> None:
    assert override("key", value) == written


@settings(deadline=None, max_examples=120)
@given(values)
@example({"a": []})
@example([{}, [[]], ""])
def test_parser_reads_the_value_that_was_written(value: Any) -> None:
    # Their representations also tell True from 1, 1 from 1.0 and 0.0 from -0.0.
    assert repr(read_back("key", override("key", value))) == repr(value)


@pytest.mark.parametrize("text", WORDS)
def test_text_stays_text(text: str) -> None:
    assert read_back("key", override("key", text)) == text
    assert read_back("key", override("key", [text, {"name": text}])) == [text, {"name": text}]


@settings(deadline=None, max_examples=6)
@given(given_values=st.lists(values, min_size=len(KEYS), max_size=len(KEYS)))
def test_a_script_reads_the_values_that_a_rule_wrote(
    tmp_path_factory: pytest.TempPathFactory, given_values: list[Any]
) -> None:
    told = dict(zip(KEYS, given_values, strict=True))
    written = [override(key, value) for key, value in told.items()]
    node = dict.fromkeys(KEYS, "???")
    assert repr(compose_with(node, written, tmp_path_factory.getbasetemp())) == repr(told)


def test_all_words_at_once_reach_a_script(tmp_path: Path) -> None:
    written = [override("words", list(WORDS))]
    assert compose_with({"words": "???"}, written, tmp_path) == {"words": list(WORDS)}


# Hydra's grammar has no quoted keys, so what it would read as a value cannot be one.
@pytest.mark.parametrize("name", AMBIGUOUS_NAMES)
def test_a_word_that_is_read_as_a_value_is_refused_as_a_key(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be written as a key"):
        override("labels", {name: "a label"})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [1, x], lambda x: {"a": {"b": x}}])
def test_numbers_that_are_not_finite_are_refused(number: float, wrap: Any) -> None:
    with pytest.raises(ValueError, match="cannot be written as an override"):
        override("key", wrap(number))


@pytest.mark.parametrize("value", [Path("results"), {1, 2}, b"bytes", (1, 2), 1j])
def test_values_that_are_not_plain_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=f"{type(value).__name__} cannot be written"):
        override("key", {"deep": [value]})
