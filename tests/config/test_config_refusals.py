"""What is wrong in a configuration is named, one line each, whatever it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from refused_degenerate import REFUSED_DEGENERATE
from refused_gender import REFUSED_GENDER
from refused_values import PRESETS, REFUSED
from repository import CONFIG


def refusal(user: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        compose_study(CONFIG, user)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("user", "expected"),
    [*REFUSED.values(), *REFUSED_DEGENERATE.values(), *REFUSED_GENDER.values()],
    ids=[*REFUSED, *REFUSED_DEGENERATE, *(f"gender: {kind}" for kind in REFUSED_GENDER)],
)
def test_each_problem_is_one_line_with_key_value_and_what_is_allowed(
    user: dict[Any, Any], expected: dict[str, str]
) -> None:
    lines = refusal({"preset": "paper", **user})
    assert len(lines) == len(expected)
    for named, allowed in expected.items():
        (line,) = (line for line in lines if line.startswith(f"{named}: "))
        assert allowed in line.removeprefix(named)


@pytest.mark.parametrize(
    ("override", "named", "told"),
    [
        ("runs", "runs", "missing EQUAL"),
        ("runs=[3", "runs=[3", "override"),
        ("turns=3", "turns", "Could not override"),
        ("trainer=rmsprop", "rmsprop", "sgd"),
        ("figures.title=${turns}", "figures.title", "turns"),
        ("figures.title=${figures.title}", "figures.title", "Recursive interpolation"),
        ("preset=null", "preset=null", "must be a string"),
        ("dataset=/etc/passwd", "dataset=/etc/passwd", "fashion_mnist"),
        ("+arm@arm.x=../../x", "arm@arm.x=../../x", "crossover"),
        ("runs=1,2", "runs=1,2", "Ambiguous"),
        ("runs=\ud800", r"runs=\ud800", "Lexer"),
        ("runs=" + "9" * 5000, "runs=999", "limit"),
        ("arm=" + "[" * 900 + "]" * 900, "arm=[[[", "nested too deeply"),
    ],
)
def test_bad_raw_override_is_named_in_one_line(override: str, named: str, told: str) -> None:
    (line,) = refusal({"overrides": [override]})
    assert named in line
    assert told in line


@pytest.mark.parametrize(
    ("user", "start", "end"),
    [
        ({"figures": {"title": "x" * 10_000}}, "figures.title = 'xxx", "most 200 characters"),
        ({"preset": "x" * 10_000}, "preset = 'xxx", ", ".join(PRESETS)),
        ({"overrides": "x" * 10_000}, "overrides = 'xxx", "learning_rate=0.01"),
        ({"x" * 10_000: 1}, "xxx", " = 1: unknown key"),
        ({"arms": list(range(10_000))}, "arms.9999 = 9999", "must be a valid string"),
        ({"nonsense": list(range(10_000))}, "nonsense = [0, 1, 2,", "...]: unknown key"),
        ({"nonsense": {str(key): key for key in range(10_000)}}, "nonsense = {'0': 0", "key"),
        ({"overrides": ["runs=" + "9" * 5000]}, "overrides = ['runs=999", "increase the limit"),
    ],
    ids=["text", "choice", "overrides", "key", "many", "list", "mapping", "override"],
)
def test_an_enormous_value_is_shortened(user: dict[str, Any], start: str, end: str) -> None:
    line = refusal({"preset": "paper", **user})[-1]
    assert line.startswith(start)
    assert line.endswith(end)
    assert len(line) < 500


@pytest.mark.parametrize("levels", [40, 3000])
@pytest.mark.parametrize(("key", "pair"), [("figures", False), ("nonsense", True), ("arm", True)])
def test_deep_nesting_is_refused_by_its_key(levels: int, key: str, pair: bool) -> None:
    nested: Any = 1
    for _ in range(levels):
        nested = {"a": nested} if pair else [nested]
    (line,) = refusal({"preset": "paper", key: nested})
    assert line.startswith(f"{key} = ")
    assert "{...}}}}}}}" in line or "[...]]]]]]]" in line
    assert line.endswith("must not be nested deeper than 30")


# By kind: the content of a file of the configuration, and what the message says after its path.
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "broken": (b"label: [x\nevents: }", ", line 2, column 7: is not YAML (expected ','"),
    "tab": (b"label:\n\t- x\n", r", line 2, column 1: is not YAML (found character '\t'"),
    "alias": (b"label: *nobody\n", ", line 1, column 8: is not YAML (found undefined alias"),
    "documents": (b"label: a\n---\nlabel: b\n", ", line 2, column 1: is not YAML"),
    "zero byte": (b'label: "a\0"\n', ": is not YAML (unacceptable character #x0000"),
    "bytes": (b"label: \xff\xfe\n", ": is not UTF-8 text (invalid start byte at byte 7)"),
    "list": (b"- 1\n- 2\n", ": must be a mapping of keys to values"),
    "text": (b"hello\n", ": must be a mapping of keys to values"),
    "key that is a number": (b"label: a\n1: 2\n", ", line 1: the key '1' must be text"),
    "key that is nothing": (b"label: {null: 3}\n", ", line 1: the key 'null' must be text"),
    "key that is a list": (b"label:\n  ? [1]\n  : 3\n", ", line 2: the key must be text"),
    "deep": (b"label: " + b"[" * 40 + b"]" * 40, ", line 1: must not be nested deeper than 30"),
    "deeper": (b"label: " + b"[" * 3000 + b"]" * 3000, ": must not be nested deeper than 30"),
    "itself": (b"label: &a [*a]\n", ", line 1: must not be nested deeper than 30"),
    "digits": (b"label: " + b"9" * 5000, ", line 1: '999"),
}


@pytest.mark.parametrize("file", ["arm/mine.yaml", "preset/ci.yaml", "config.yaml"])
@pytest.mark.parametrize(("content", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_file_is_named(tmp_path: Path, file: str, content: bytes, told: str) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / file).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        compose_study(folder, {"preset": "ci"})
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"config/{file}{told}")
    assert len(line) < 500


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("defaults: 3\n", "defaults must be a list"),
        ("# @package\nlabel: a\n", "Expected header format"),
        ("label: a\nlabel: b\n", "found duplicate key label"),
        ("label: !!python/object/apply:os.system [date]\n", "os.system"),
        ("label: ${nobody}\n", "Interpolation key 'nobody' not found"),
        ("label: !!set {a, b}\n", "is not a supported"),
    ],
)
def test_what_hydra_refuses_in_a_file_is_one_line(tmp_path: Path, content: str, told: str) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / "arm" / "mine.yaml").write_text(content)
    with pytest.raises(ConfigError) as caught:
        compose_study(folder, {"preset": "ci"})
    (line,) = str(caught.value).splitlines()
    assert told in line


def test_a_file_of_comments_only_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / "preset" / "mine.yaml").write_text("# Nothing yet.\n")
    assert compose_study(folder, {"preset": "mine"}).preset == "mine"


def test_texts_of_other_alphabets_are_taken_as_they_are() -> None:
    title = "Züchtung · 育種 · разведение · \u00a0100\u202f% 🧬"
    assert compose_study(CONFIG, {"figures": {"title": title}}).figures.title == title
