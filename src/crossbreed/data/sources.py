"""Fetch the files of a data set from the first source that has the pinned content."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pooch
import requests

from crossbreed.config.schema import DebianSource, HttpSource, PinnedFile, Source
from crossbreed.errors import CrossbreedError
from crossbreed.files import whole_file, write_json

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
TRIES = 2
_PACKAGE_CLIENT_SECONDS = 300
_ORIGINS = ".origins.json"
# Puts the file, compressed or not, into a folder and returns its path.
Fetch = Callable[[PinnedFile, Path], Path]


def fetch_files(
    files: Sequence[PinnedFile], sources: Sequence[Source], mirror: Path | None, folder: Path
) -> dict[str, str]:
    """Put all files, decompressed and verified, into a folder.

    Verified files are kept in `<folder>/.partial` until all are there, so an interrupted download
    goes on with the next file. A source that fails or has other content is given up for the
    next one.

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
    return fetch_from(files, _in_order(sources, mirror), folder)


def fetch_from(
    files: Sequence[PinnedFile], sources: Sequence[tuple[str, Fetch]], folder: Path
) -> dict[str, str]:
    """Do what `fetch_files` does with any sources, each with its name for messages and origins."""
    # Undeclared to Snakemake, which deletes what a failed job has declared.
    partial = folder.resolve() / ".partial"
    partial.mkdir(parents=True, exist_ok=True)
    origins = _origins(partial)
    missing = []
    for file in files:
        path = partial / file.name
        if not (file.name in origins and path.is_file() and sha256(path) == file.sha256):
            origins.pop(file.name, None)
            missing.append(file)
    refused: list[str] = []
    for name, fetch in sources if missing else ():
        # Beside the target, so that a full disk is met while downloading and not afterwards.
        with tempfile.TemporaryDirectory(prefix="download-", dir=partial) as scratch:
            for file in list(missing):
                log.info("%s: from %s", file.name, name)
                try:
                    _unpack(fetch(file, Path(scratch)), file, partial / file.name)
                except UnavailableError as error:
                    log.info("%s: %s", file.name, error)
                    refused.append(f"{name}: {error}")
                    break
                origins[file.name] = name
                write_json(partial / _ORIGINS, origins)
                missing.remove(file)
        if not missing:
            break
    if not missing:
        for file in files:
            (partial / file.name).replace(folder / file.name)
        shutil.rmtree(partial)
        return {file.name: origins[file.name] for file in files}
    names = ", ".join(file.name for file in missing)
    raise NoSourceError("; ".join([f"no source has {names}", *refused]))


def _origins(partial: Path) -> dict[str, str]:
    """Return where the files that an interrupted download has left came from."""
    try:
        return dict(json.loads((partial / _ORIGINS).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


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
        for candidate in (folder / file.name, folder / f"{file.name}.gz"):
            if candidate.is_file():
                return candidate
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
    CrossbreedError
        If it cannot be written.
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
    except requests.RequestException as error:
        raise UnavailableError(f"cannot be reached ({type(error).__name__})") from error
    except OSError as error:  # of the disk: no other source would fare better
        path = folder / name
        raise CrossbreedError(f"{path} cannot be written: {error.strerror or error}") from error


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
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        )
    except FileNotFoundError as error:
        raise UnavailableError(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{command[0]} took over {_PACKAGE_CLIENT_SECONDS} s") from error


def _unpack(fetched: Path, file: PinnedFile, target: Path) -> None:
    """Decompress a fetched file to its target if the content is the pinned one."""
    with whole_file(target) as temporary:
        try:
            # By content: some servers announce a packed file such that clients unpack it.
            opener = gzip.open if _is_gzip(fetched) else open
            with opener(fetched, "rb") as source, temporary.open("wb") as unpacked:
                shutil.copyfileobj(source, unpacked)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnavailableError(f"{fetched.name} is damaged or not gzip ({error})") from error
        found = sha256(temporary)
        if found != file.sha256:
            raise UnavailableError(
                f"{file.name} has SHA-256 {found[:12]}…, expected {file.sha256[:12]}…"
            )


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
