"""Fetch the files of a data set from the first source that has the pinned content."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import logging
import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pooch
import requests

from crossbreed.config.schema import DebianSource, HttpSource, PinnedFile, Source
from crossbreed.data.digests import sha256
from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import whole_file, write_json

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
TRIES = 2
_PACKAGE_CLIENT_SECONDS = 300
_STORE = ".verified"
_ORIGINS = ".origins.json"
_CHUNK = 2**20  # bytes
# What package clients say is read here, so a user's wishes for their words do not count.
_PLAIN = {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
_PLAIN |= {"PIP_QUIET": "0", "PIP_NO_COLOR": "1"}
# No source is to blame for them, and the next would fare no better.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Puts the file, compressed or not, into a folder and returns its path.
Fetch = Callable[[PinnedFile, Path], Path]


def fetch_files(
    files: Sequence[PinnedFile], sources: Sequence[Source], mirror: Path | None, folder: Path
) -> dict[str, str]:
    """Put all files, decompressed and verified, into a folder.

    A source that fails or has other content is given up for the next one.

    Parameters
    ----------
    files
        The wanted files, each with the SHA-256 of its decompressed content.
    sources
        Where to look, in this order.
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
        If a file is to be had from none of the sources; says why for each.
    CrossbreedError
        If a file cannot be written.
    """
    origins = fetch_into_store(files, _in_order(sources, mirror), folder)
    for file in files:
        put(file, folder, folder / file.name)
    return origins


def fetch_into_store(
    files: Sequence[PinnedFile], sources: Sequence[tuple[str, Fetch]], folder: Path
) -> dict[str, str]:
    """Have all files, decompressed and verified, in the store of a folder, its `.verified`.

    What the store has is kept, and no source is asked for it; other content of a file's name is
    replaced by the verified file only. So an interrupted download goes on with the next file. The
    sources come with their names for messages and origins.

    Returns and raises what `fetch_files` does.
    """
    # Unknown to Snakemake, which deletes what a job has declared before it and if it fails.
    store = folder.resolve() / _STORE
    store.mkdir(parents=True, exist_ok=True)
    known = _origins(store)
    missing = [
        file
        for file in files
        if file.sha256 not in known or not _holds(store / file.name, file.sha256)
    ]
    refused: list[str] = []
    for name, fetch in sources if missing else ():
        # Beside the target, so that a full disk is met while downloading and not afterwards.
        with tempfile.TemporaryDirectory(prefix="download-", dir=store) as scratch:
            for file in list(missing):
                log.info("%s: from %s", file.name, name)
                try:
                    _unpack(fetch(file, Path(scratch)), file, store / file.name)
                except (UnavailableError, OSError, ValueError) as error:
                    if isinstance(error, OSError) and error.errno in _NO_ROOM:
                        raise CrossbreedError(
                            f"{error.filename or scratch} cannot be written: {error.strerror}"
                        ) from error
                    log.info("%s: %s", file.name, in_words(error))
                    refused.append(f"{name}: {in_words(error)}")
                    break
                known[file.sha256] = name
                write_json(store / _ORIGINS, known)
                missing.remove(file)
    if missing:
        names = ", ".join(file.name for file in missing)
        raise NoSourceError("; ".join([f"no source has {names}", *refused]))
    for leftover in store.glob("download-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return {file.name: known[file.sha256] for file in files}


def put(file: PinnedFile, folder: Path, target: Path) -> None:
    """Give a file of a folder's store a name where jobs look for it.

    Raises
    ------
    CrossbreedError
        If that cannot be, such as where a folder has the name.
    """
    kept = folder.resolve() / _STORE / file.name
    with whole_file(target) as temporary:
        shutil.copyfile(kept, temporary)


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


def _origins(store: Path) -> dict[str, str]:
    """Return where the content of a store came from, by its SHA-256, as far as known."""
    try:
        return dict(json.loads((store / _ORIGINS).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def in_words(error: Exception) -> str:
    """Return an error's reason in one line, with the file that it is about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__


class UnavailableError(Exception):
    """A source does not have the file; the message says why."""


class NoSourceError(CrossbreedError):
    """No source has the files; the message says why for each."""


def _in_order(sources: Sequence[Source], mirror: Path | None) -> list[tuple[str, Fetch]]:
    ordered: list[tuple[str, Fetch]] = []
    if mirror is not None:
        ordered.append((f"folder {mirror}", from_folder(mirror)))
    for source in sources:
        match source:
            case HttpSource():
                ordered.append((source.url, _from_http(source)))
            case DebianSource():
                ordered.append((f"Debian package {source.package}", _from_debian(source)))
    return ordered


def from_folder(folder: Path) -> Fetch:
    """Return what looks for a file in a folder, plain or packed."""

    def fetch(file: PinnedFile, _: Path) -> Path:
        candidates = (folder / file.name, folder / f"{file.name}.gz")
        for candidate in candidates:
            if candidate.is_file():
                return candidate
        for candidate in candidates:
            if os.path.lexists(candidate):
                raise UnavailableError(f"{candidate.name} is no file, or a link that leads to none")
        raise UnavailableError(f"has neither {file.name} nor {file.name}.gz")

    return fetch


def _from_http(source: HttpSource) -> Fetch:
    def fetch(file: PinnedFile, scratch: Path) -> Path:
        return download_file(f"{source.url}/{file.name}.gz", f"{file.name}.gz", scratch)

    return fetch


def download_file(url: str, name: str, folder: Path) -> Path:
    """Download a file into a folder; its content is yet to be verified.

    Parameters
    ----------
    url
        Its address.
    name
        What to call it.
    folder
        An existing folder.

    Raises
    ------
    UnavailableError
        If the server does not have it or cannot be reached.
    OSError
        If it cannot be written, or certificates cannot be read.
    """
    client = pooch.create(
        path=folder,
        base_url="",
        registry={name: None},
        urls={name: url},
        retry_if_failed=TRIES - 1,
    )
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT_SECONDS)
    try:
        return Path(client.fetch(name, downloader=downloader))
    except requests.Timeout as error:
        raise UnavailableError(f"did not answer within {TIMEOUT_SECONDS} s") from error
    except requests.HTTPError as error:
        raise UnavailableError(str(error)) from error
    except (requests.RequestException, ValueError) as error:
        through = " through the proxy" if isinstance(error, requests.exceptions.ProxyError) else ""
        reason = in_words(_first_cause(error))
        raise UnavailableError(f"cannot be reached{through}: {reason}") from error


def _first_cause(error: Exception) -> Exception:
    """Return the error that others were raised from: theirs are long and say less."""
    while isinstance(inner := error.__cause__ or error.__context__, Exception):
        error = inner
    return error


def _from_debian(source: DebianSource) -> Fetch:
    """Fetch and unpack a package with the system's own client, as any user, installing nothing."""

    def fetch(file: PinnedFile, scratch: Path) -> Path:
        unpacked = scratch / "unpacked"
        if not unpacked.is_dir():
            _download_package(source.package, scratch)
            packages = sorted(scratch.glob("*.deb"))
            if not packages:
                raise UnavailableError("the package client fetched nothing")
            _run(["dpkg-deb", "--extract", str(packages[0]), str(unpacked)], scratch)
        return from_folder(unpacked / source.folder)(file, scratch)

    return fetch


def _download_package(package: str, scratch: Path) -> None:
    lists, cache = scratch / "lists", scratch / "cache"
    (lists / "partial").mkdir(parents=True)
    (cache / "archives" / "partial").mkdir(parents=True)
    client = ["apt-get", "--quiet"]
    for option in (
        f"Dir::State::lists={lists}",
        f"Dir::Cache={cache}",
        f"Acquire::http::Timeout={TIMEOUT_SECONDS}",
        f"Acquire::Retries={TRIES - 1}",
        "APT::Sandbox::User=",
        "Debug::NoLocking=1",
    ):
        client += ["--option", option]
    _run([*client, "update"], scratch)
    _run([*client, "download", package], scratch)


def _run(command: list[str], folder: Path) -> None:
    finished = run_client(command, folder)
    if finished.returncode:
        lines = [line for line in finished.stderr.splitlines() if line.strip()]
        raise UnavailableError(lines[-1] if lines else f"{command[0]} failed")


def run_client(
    command: list[str], folder: Path, stdout: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a package client in a folder, in English and asking nothing; its errors are captured.

    Raises
    ------
    UnavailableError
        If it is not installed or takes too long.
    OSError
        If it cannot be run for another reason.
    """
    try:
        return subprocess.run(
            command,
            cwd=folder,
            check=False,
            timeout=_PACKAGE_CLIENT_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, **_PLAIN},
        )
    except FileNotFoundError as error:
        raise UnavailableError(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{command[0]} took over {_PACKAGE_CLIENT_SECONDS} s") from error


def _unpack(fetched: Path, file: PinnedFile, target: Path) -> None:
    """Decompress a fetched file to its target if the content is the pinned one."""
    digest = hashlib.sha256()
    with whole_file(target) as temporary, temporary.open("wb") as unpacked:
        for chunk in _content(fetched):
            digest.update(chunk)
            unpacked.write(chunk)
        found = digest.hexdigest()
        if found != file.sha256:
            raise UnavailableError(
                f"{file.name} has SHA-256 {found[:12]}…, expected {file.sha256[:12]}…"
            )


def _content(fetched: Path) -> Iterator[bytes]:
    """Yield a fetched file's content in pieces, decompressed.

    Errors of reading become the source's here, apart from those of writing.
    """
    try:
        # By content: some servers announce a packed file such that clients unpack it.
        opener = gzip.open if _is_gzip(fetched) else open
        with opener(fetched, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnavailableError(f"{fetched.name} is damaged or not gzip ({error})") from error
    except OSError as error:
        raise UnavailableError(f"{fetched} cannot be read: {error.strerror or error}") from error


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"
