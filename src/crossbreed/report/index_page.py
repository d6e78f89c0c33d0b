"""The one page that a colleague can be sent: answers, ledger, figures, tables, how it was made."""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pandas as pd
import yaml

from crossbreed.report.claims.page import how_verdicts_follow

TITLES = {
    "crossover": "Crossover study",
    "gender": "Gender study",
    "conditions": "The crossover study under other conditions",
}
_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


class Shown(NamedTuple):
    """A figure or table of a study, with its title and caption."""

    path: Path
    title: str
    caption: str = ""


class Column(NamedTuple):
    """A column's name for readers, and whether it holds words."""

    name: str
    text: bool


class Cell(NamedTuple):
    """A cell as it is sorted and as it is shown."""

    value: str
    shown: str
    text: bool


def index_page(
    template: Path,
    study: Mapping[str, Any],
    claims: Sequence[Mapping[str, Any]],
    figures: Mapping[str, Sequence[Shown]],
    tables: Mapping[str, Sequence[Shown]],
    provenance: Mapping[str, Any],
) -> str:
    """Return the page: one file that needs nothing beside it.

    Parameters
    ----------
    template
        The page's form (Jinja).
    study
        The resolved configuration.
    claims
        See `crossbreed.report.claims.page.claims_content`.
    figures, tables
        By study, what to show: images (SVG, PNG) and tables (CSV).
    provenance
        See `crossbreed.storage.provenance.describe`, and the data's origins under "data".
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    studies = [
        {
            "name": name,
            "title": TITLES[name],
            "setting": _setting(study, name),
            "figures": [_figure(figure) for figure in figures.get(name, [])],
            "tables": [_table(table) for table in tables.get(name, [])],
        }
        for name in study["studies"]
        if name in TITLES
    ]
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        preset=study["preset"],
        studies=studies,
        claims=[{**source, "how": how_verdicts_follow(source)} for source in claims],
        commit=provenance.get("git_commit"),
        changes=provenance.get("git_changes"),
        versions=_versions(provenance),
        data=yaml.safe_dump(provenance.get("data", {}), sort_keys=False),
        configuration=yaml.safe_dump(dict(study), sort_keys=False),
    )


def _setting(study: Mapping[str, Any], name: str) -> str:
    if name == "gender":
        gender = study["gender"]
        return (
            f"{gender['seeds']} search seeds for each of {len(gender['modes'])} modes; "
            f"{gender['generations']} generations of {gender['individuals']} individuals; "
            f"{study['language']['tokens']:,} characters a training."
        )
    if name == "conditions":
        return f"{len(study['conditions'])} conditions, each a change of the configuration below."
    dataset = study["dataset"]
    images = dataset["train"] or dataset["available"]["train"] - dataset["validation"]
    size, model = study["population"]["size"], study["model"]["name"]
    return (
        f"{study['runs']} runs of {size} networks ({model}), {study['epochs']} epochs on "
        f"{images:,} training images of {dataset['name']}; trained by {study['engine']}. Arms of a "
        "run share their training up to their first breeding event and are compared in pairs."
    )


def _figure(figure: Shown) -> dict[str, str]:
    encoded = b64encode(figure.path.read_bytes()).decode()
    return {
        "title": figure.title,
        "caption": caption(figure.caption),
        "address": f"data:{_TYPES[figure.path.suffix]};base64,{encoded}",
    }


def caption(text: str) -> str:
    """Return a caption of Snakemake's report, which is reStructuredText, as one plain line."""
    return " ".join(re.sub(r"``?|\*", "", text).split())


def _table(shown: Shown) -> dict[str, Any]:
    table = pd.read_csv(shown.path, keep_default_na=False, na_values=[""])
    columns = [
        Column(str(name).replace("_", " "), not pd.api.types.is_numeric_dtype(table[name]))
        for name in table.columns
    ]
    return {
        "title": shown.title,
        "columns": columns,
        "rows": [
            [cell(value, column.text) for value, column in zip(row, columns, strict=True)]
            for row in table.itertuples(index=False)
        ],
    }


def cell(value: Any, text: bool) -> Cell:
    """Return a value as a table's cell: numbers with four digits, nothing for what is missing."""
    if isinstance(value, float) and math.isnan(value):
        return Cell("", "", text)
    if text or isinstance(value, bool):
        return Cell(str(value), str(value), text)
    if float(value).is_integer() and abs(value) < 1e15:
        return Cell(f"{value:.0f}", f"{value:,.0f}", False)
    return Cell(repr(float(value)), f"{value:,.4g}", False)


def _versions(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    commit = provenance.get("git_commit") or f"none ({provenance.get('no_commit', 'not known')})"
    # What earlier studies do not have.
    code = {"code (SHA-256)": provenance["code_sha256"]} if "code_sha256" in provenance else {}
    made = {"commit": commit, **code, "Python": provenance["python"], **provenance["packages"]}
    return [(name, str(value)) for name, value in {**made, **provenance["machine"]}.items()]
