"""The page of all keys says what schema and shipped files say, and leaves nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copytree
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from crossbreed.config.base import Config, Count, Fraction, Name, Number
from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from crossbreed.documentation.configuration import write_page
from crossbreed.documentation.keys import UndocumentedError, tables, undocumented
from refused_values import PRESETS
from repository import CONFIG

PAGE = CONFIG.parent / "docs/configuration.md"


class Small(Config):
    """Few things."""

    kind: Literal["small"]
    """Which alternative."""
    share: Fraction = 0.5
    """Of something."""


class Large(Config):
    """Many things."""

    kind: Literal["large"]
    """Which alternative."""
    names: Annotated[list[Name], Field(min_length=1)]
    """Of somebody."""
    sizes: dict[Literal["inner", "outer"], Annotated[float, Number, Field(gt=0, le=2.5)]]
    """Of something."""


class Telling(Config):
    """Holds others in all ways in which a study does."""

    one: Large | None
    """A large one."""
    parts: dict[Name, list[Annotated[Small | Large, Field(discriminator="kind")]]]
    """Some of either."""


class Silent(Config):
    """Of its two fields one does not say what it means."""

    kind: Literal["silent"]
    """Which alternative."""
    size: Count


class Hiding(Config):
    """Holds it where only a thorough look finds it."""

    parts: dict[Name, list[Annotated[Small | Silent, Field(discriminator="kind")]]] | None
    """Some of either."""


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_page_is_what_schema_and_files_make(page: str) -> None:
    assert page == write_page(CONFIG), "make docs writes it anew"


def test_data_set_that_is_too_small_for_the_default_study_hinders_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    copytree(CONFIG, folder)
    shipped = (folder / "dataset" / "fashion_mnist.yaml").read_text()
    small = shipped.replace("{train: 60000, test: 10000}", "{train: 600, test: 100}")
    (folder / "dataset" / "small.yaml").write_text(small)
    assert small != shipped
    assert "`dataset=small` takes `config/dataset/small.yaml`" in write_page(folder)


def test_every_field_says_what_it_means() -> None:
    assert not list(undocumented(Study))


def test_field_that_does_not_say_what_it_means_is_noticed_wherever_it_is() -> None:
    assert list(undocumented(Hiding)) == ["Silent.size"]
    with pytest.raises(UndocumentedError, match=r"Silent\.size"):
        tables(Hiding)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_key_of_a_study_is_on_the_page(preset: str, page: str) -> None:
    # A change holds keys that are on the page by themselves.
    told = re.compile("|".join(map(_pattern, _rows(page))) + r"|conditions\.[^.]+\.change\..+")
    keys = list(_leaves(compose_study(CONFIG, {"preset": preset}).model_dump(mode="json")))
    assert len(keys) > 200
    assert [key for key in keys if not told.fullmatch(key)] == []


def test_key_that_the_page_lacks_is_noticed(page: str) -> None:
    shorter = "\n".join(line for line in page.splitlines() if "`trainer.momentum`" not in line)
    told = re.compile("|".join(map(_pattern, _rows(shorter))))
    study = compose_study(CONFIG, {}).model_dump(mode="json")
    assert [key for key in _leaves(study) if not told.fullmatch(key)] == ["trainer.momentum"]


def test_every_pattern_is_told_in_words() -> None:
    assert [one for one in _strings(Study.model_json_schema()) if "words" not in one] == []


@pytest.mark.parametrize(
    ("key", "values", "default"),
    [
        ("barrier.arm", "name, at most 64 characters", "`crossover`"),
        ("epochs", "whole number from 2 to 9,999", "`12`<br>ci: `2`<br>paper, paper_cpu: `100`"),
        ("trainer.momentum", "number at least 0 and below 1", "`0.0`<br>trainer=sgd: `0.9`"),
        ("statistics.margin", "mapping", ""),
        (
            "dataset.sources",
            "list of at least 1, each: mapping; `kind`: `http` or `debian`",
            "see `config/dataset/fashion_mnist.yaml`",
        ),
        ("model.channels", "list of 1 to 8, each: whole number from 1 to 1,000,000", "model="),
        ("conditions", "mapping by name", "`{}`<br>conditions: see `config/preset/conditions."),
        ("claims", "mapping by name", "see `config/claims/<name>.yaml`"),
        ("arm.<name>.events[].offspring.count", "whole number from 1 to 1,000,000, or ", "`null`"),
        ("arm.<name>.events[].at", "number above 0 and below 1", ""),
    ],
)
def test_row(key: str, values: str, default: str, page: str) -> None:
    cells = _rows(page)[key]
    assert cells[0].startswith(values)
    assert cells[1].startswith(default)
    assert bool(cells[1]) == bool(default)


def test_alternatives_have_tables_of_their_own() -> None:
    found = tables(Telling)
    assert [(key.path, key.values) for key in found["one"][0].keys] == [
        ("one", "mapping, or `null`"),
        ("one.kind", "`large`"),
        ("one.names", "list of at least 1, each: name, at most 64 characters"),
        ("one.sizes.<name>", "number above 0 and at most 2.5; `<name>`: `inner` or `outer`"),
    ]
    assert [table.choice for table in found["parts"]] == [
        None,
        ("parts.<name>[]", "kind", "small"),
        ("parts.<name>[]", "kind", "large"),
    ]
    assert found["parts"][2].about == "Many things."
    assert [key.path for key in found["parts"][1].keys] == [
        "parts.<name>[].kind",
        "parts.<name>[].share",
    ]


def _rows(page: str) -> dict[str, list[str]]:
    """Return the cells of every row behind its key."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", page, re.MULTILINE)
    return {key: re.split(r" \| ", f"{cells} ") for key, cells in rows}


def _pattern(path: str) -> str:
    escaped = re.escape(path).replace(re.escape("<name>"), r"[^.]+")
    return escaped.replace(re.escape("[]"), r"\.\d+")


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """Yield the keys of a configuration that hold no others; a list of values is one of them."""
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for index, one in enumerate(value):
            yield from _leaves(one, f"{path}.{index}")
    else:
        yield path


def _strings(schema: Any) -> Iterator[Any]:
    if isinstance(schema, Mapping):
        if "pattern" in schema and schema.get("type") == "string":
            yield schema
        for one in schema.values():
            yield from _strings(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _strings(one)
