"""The page of all keys says what schema and shipped files say, and leaves nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copytree
from typing import Annotated, Any, Literal

import pytest
from pydantic import Discriminator, Field, Tag

from crossbreed.config.base import Config, Fraction, Name
from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from crossbreed.documentation.configuration import keys, write_page
from crossbreed.documentation.words import allowed
from repository import CONFIG
from user_changes import PRESETS

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
    sizes: dict[Literal["inner", "outer"], Annotated[float, Field(gt=0, le=2.5)]]
    """Of something."""


class Nested(Config):
    """Holds others in all ways in which a study does."""

    large: Large | None
    """A large one."""
    reach: Annotated[
        Annotated[Small, Tag("mapping")] | Annotated[list[Fraction], Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list) else "mapping"),
    ]
    """How far, in either form."""
    parts: dict[Name, list[Annotated[Small | Large, Field(discriminator="kind")]]]
    """Some of either."""


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_page_is_what_schema_and_files_make(page: str) -> None:
    assert page == write_page(CONFIG), "make docs writes it anew"


def test_data_set_that_is_too_small_for_the_default_study_hinders_nothing(tmp_path: Path) -> None:
    folder = copytree(CONFIG, tmp_path / "config")
    shipped = (folder / "dataset" / "fashion_mnist.yaml").read_text()
    small = shipped.replace("{train: 60000, test: 10000}", "{train: 600, test: 100}")
    assert small != shipped
    (folder / "dataset" / "small.yaml").write_text(small)
    assert write_page(folder)


def test_every_key_says_what_it_means() -> None:
    found = [key for below in keys(Study.model_json_schema()).values() for key in below]
    assert len(found) > 200
    assert [key.path for key in found if not key.schema.get("description")] == []


@pytest.mark.parametrize("preset", PRESETS)
def test_every_key_of_a_study_is_on_the_page(preset: str, page: str) -> None:
    # A change holds keys that are on the page by themselves; what a choice is called stands in the
    # row that begins its keys.
    choices = re.findall(r"^\| `([^` ]+) \{(\w+): \w+\}`", page, re.MULTILINE)
    patterns = [_pattern(".".join(choice)) for choice in choices]
    for key, (values, *_) in _rows(page).items():
        patterns.append(_pattern(key) + (r"(\..+)?" if ", each: " in values else ""))
    known = re.compile("|".join([*patterns, r"conditions\.[^.]+\.change\..+"]))
    leaves = list(_leaves(compose_study(CONFIG, {"preset": preset}).model_dump(mode="json")))
    assert len(leaves) > 200
    assert [leaf for leaf in leaves if not known.fullmatch(leaf)] == []


@pytest.mark.parametrize(
    ("key", "values", "default"),
    [
        ("epochs", "whole number at least 2", "`12`<br>ci: `2`<br>paper, paper_cpu: `100`"),
        ("trainer.momentum", "number at least 0 and below 1", "`0.0`<br>trainer=sgd: `0.9`"),
        ("statistics.margin", "mapping", ""),
        (
            "gender.space.dropout",
            "mapping, or list of at least 1, each: number at",
            "`[0.0]`<br>pap",
        ),
        (
            "gender.space.layers.low",
            "whole number at least 1 and",
            "paper, space=nanogpt_ranges: `3`",
        ),
        ("gender.table", "mapping, or `null`", "`{seeds: 2, cells_per_job: 18, shares: ["),
        ("dataset.sources", "list of at least 1, each: mapping", "see `config/dataset/fashion_"),
        ("conditions", "mapping by name", "`{}`<br>conditions: see `config/preset/conditions."),
        ("claims", "mapping by name", "see `config/claims/<name>.yaml`"),
        ("arm.<name>.events[].offspring.count", "whole number at least 1 and at mo", "`null`"),
        ("arm.<name>.events[].at", "number above 0 and below 1", ""),
    ],
)
def test_row(key: str, values: str, default: str, page: str) -> None:
    cells = _rows(page)[key]
    assert cells[0].startswith(values)
    assert cells[1].startswith(default)
    assert bool(cells[1]) == bool(default)


def test_alternatives_follow_the_row_of_their_choice() -> None:
    found = keys(Nested.model_json_schema())
    assert [(key.path, allowed(key.schema)) for key in found["large"]] == [
        ("large", "mapping, or `null`"),
        ("large.names", "list of at least 1, each: name"),
        (
            "large.sizes",
            "mapping by name (`inner` or `outer`), each: number above 0 and at most 2.5",
        ),
    ]
    assert [(key.path, allowed(key.schema)) for key in found["reach"]] == [
        ("reach", "mapping, or list, each: number above 0 and below 1"),
        ("reach.share", "number above 0 and below 1"),
    ]
    assert [(key.path, key.choice) for key in found["parts"]] == [
        ("parts", ""),
        ("parts.<name>[]", "{kind: small}"),
        ("parts.<name>[].share", ""),
        ("parts.<name>[]", "{kind: large}"),
        ("parts.<name>[].names", ""),
        ("parts.<name>[].sizes", ""),
    ]
    assert found["parts"][3].schema["description"] == "Many things."


def _rows(page: str) -> dict[str, list[str]]:
    """Return the cells of every row behind its key."""
    rows = re.findall(r"^\| `([^` ]+)` \| (.*) \|$", page, re.MULTILINE)
    return {key: re.split(r" \| ", f"{cells} ") for key, cells in rows}


def _pattern(path: str) -> str:
    escaped = re.escape(path).replace(re.escape("<name>"), r"[^.]+")
    return escaped.replace(re.escape("[]"), r"\.\d+")


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """Yield the keys of a configuration that hold no others; a list of values is one of them."""
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}.{index}")
    else:
        yield path
