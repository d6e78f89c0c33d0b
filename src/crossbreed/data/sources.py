"""Fetch files from the first source that has the pinned content.

Verified files are kept in a store, the hidden folder `.verified` beside the files that jobs read:
Snakemake, which does not know it, deletes what a job has declared before it and if it fails.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import shutil
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import SubprocessError
from typing import NamedTuple

from crossbreed.config.schema import DebianSource, HttpSource, PinnedFile, Source
from crossbreed.config.text import Editions, TextSource, UrlSource
from crossbreed.data.digests import sha256
from crossbreed.data.download import UnavailableError, download
from crossbreed.data.packages import debian_folder, read_plays
from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import whole_file, write_json

log = logging.getLogger(__name__)

_STORE = ".verified"


class NoSourceError(CrossbreedError):
    """No source has the files; the message says why for each."""


class Origin(NamedTuple):
    """Which edition of a text a file holds, and where it came from."""

    edition: str
    title: str
    """What tables and figures call the edition."""
    sha256: str
    source: str


def fetch_files(
    files: Sequence[PinnedFile], sources: Sequence[Source], mirror: Path | None, folder: Path
) -> dict[str, str]:
    """Put all files, decompressed and verified, into a folder.

    Parameters
    ----------
    files
        The wanted files, each with the SHA-256 of its decompressed content.
    sources
        Where to look, in this order; one that fails or has other content is given up.
    mirror
        Folder to look in first, for `<name>` or `<name>.gz`.
    folder
        Where the files go.

    Returns
    -------
    dict
        For each file's name, the source it came from.

    Raises
    ------
    NoSourceError
        If a file is to be had from none of the sources.
    CrossbreedError
        If a file cannot be written.
    """
    origins = _fetch_into_store(files, sources, mirror, folder)
    for file in files:
        _copy_from_store(file, folder, folder / file.name)
    return origins


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
        If none of the preferred editions is to be had.
    CrossbreedError
        If the text cannot be written.
    """
    failures = []
    for name in text.prefer:
        edition = text.editions[name]
        file = PinnedFile(name=edition.file, sha256=edition.sha256)
        try:
            origins = _fetch_into_store([file], edition.sources, mirror, target.parent)
        except NoSourceError as error:
            failures.append(f"edition {name}: {error}")
            continue
        _copy_from_store(file, target.parent, target)
        return Origin(name, edition.title, edition.sha256, origins[file.name])
    raise NoSourceError("; ".join(failures))


def _fetch_into_store(
    files: Sequence[PinnedFile],
    sources: Sequence[Source | TextSource],
    mirror: Path | None,
    folder: Path,
) -> dict[str, str]:
    """Have all files in the store of a folder; no source is asked for what is there already."""
    store = folder / _STORE
    record = store / ".origins.json"
    # Names of sources, by the SHA-256 of what came from them.
    origins = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    missing = [
        file
        for file in files
        if file.sha256 not in origins
        or not (store / file.name).is_file()
        or sha256(store / file.name) != file.sha256
    ]
    failures: list[str] = []
    for source in (*([mirror] if mirror else []), *sources):
        if not missing:
            break
        name = _name(source)
        log.info("asking %s for %s", name, ", ".join(file.name for file in missing))
        try:
            for file, fetched in _contents(source, tuple(missing)):
                content = _unpack(file.name, fetched)
                if hashlib.sha256(content).hexdigest() != file.sha256:
                    raise UnavailableError(f"{file.name} has not the SHA-256 {file.sha256[:12]}…")
                with whole_file(store / file.name) as temporary:
                    temporary.write_bytes(content)
                origins[file.sha256] = name
                write_json(record, origins)
                missing.remove(file)
        except (UnavailableError, OSError, ValueError, SubprocessError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            log.info("%s: %s", name, reason)
            failures.append(f"{name}: {reason}")
    if missing:
        names = ", ".join(file.name for file in missing)
        raise NoSourceError("; ".join([f"no source has {names}", *failures]))
    return {file.name: origins[file.sha256] for file in files}


def _copy_from_store(file: PinnedFile, folder: Path, target: Path) -> None:
    with whole_file(target) as temporary:
        shutil.copyfile(folder / _STORE / file.name, temporary)


def _name(source: Path | Source | TextSource) -> str:
    """Return what outputs call a source."""
    match source:
        case Path():
            return f"folder {source}"
        case HttpSource() | UrlSource():
            return source.url
        case DebianSource():
            return f"Debian package {source.package}"
        case _:
            return f"Python package {source.package} {source.version}"


def _contents(
    source: Path | Source | TextSource, files: Sequence[PinnedFile]
) -> Iterator[tuple[PinnedFile, bytes]]:
    """Yield each file with its content, compressed or not, yet to be verified."""
    match source:
        case Path():
            for file in files:
                yield file, _read(source, file.name)
        case HttpSource():
            for file in files:
                yield file, download(f"{source.url}/{file.name}.gz")
        case UrlSource():
            yield files[0], download(source.url)
        case DebianSource():
            with debian_folder(source) as folder:
                for file in files:
                    yield file, _read(folder, file.name)
        case _:
            yield files[0], read_plays(source)


def _read(folder: Path, name: str) -> bytes:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path.read_bytes()
    raise UnavailableError(f"has neither {name} nor {name}.gz")


def _unpack(name: str, content: bytes) -> bytes:
    # By content: some servers announce a packed file such that clients unpack it.
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnavailableError(f"{name} is damaged or not gzip ({error})") from error
