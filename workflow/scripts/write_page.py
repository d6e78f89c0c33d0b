"""Write the one page that shows a study's answer and all that belongs to it."""

import json
from pathlib import Path

import yaml

from crossbreed.config.base import Config, Name, Text
from crossbreed.jobs.job import run_job
from crossbreed.report.index_page import Shown, index_page
from crossbreed.storage.files import write_text


class Figure(Config):
    """A figure with its title, and the name of the file that holds its caption."""

    path: Path
    title: Text
    caption: Text


class Table(Config):
    """A table (CSV) with its title."""

    path: Path
    title: Text


class WritePage(Config):
    """Write the one page that shows a study's answer and all that belongs to it."""

    folder: Path
    """Where the page's form (index.html.jinja) and the captions are."""
    claims: Path
    """The ledger with its answers (JSON)."""
    configuration: Path
    """The resolved configuration (YAML)."""
    provenance: Path
    """Code, packages, machine, data (JSON)."""
    figures: dict[Name, list[Figure]]
    """By study: {path, title, caption}."""
    tables: dict[Name, list[Table]]
    """By study: {path, title}."""
    target: Path
    """Page to write (HTML)."""


def write_page(settings: WritePage) -> None:
    """Write the page to `target`."""
    figures = {
        study: [
            Shown(one.path, one.title, (settings.folder / one.caption).read_text("utf-8"))
            for one in shown
        ]
        for study, shown in settings.figures.items()
    }
    tables = {
        study: [Shown(one.path, one.title) for one in shown]
        for study, shown in settings.tables.items()
    }
    text = index_page(
        settings.folder / "index.html.jinja",
        yaml.safe_load(settings.configuration.read_text("utf-8")),
        json.loads(settings.claims.read_text("utf-8")),
        figures,
        tables,
        json.loads(settings.provenance.read_text("utf-8")),
    )
    write_text(settings.target, text)


if __name__ == "__main__":
    run_job(WritePage, write_page)
