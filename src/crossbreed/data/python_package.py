"""Read files out of the source distribution of a Python package, of which nothing is executed.

pip finds the archive, with the user's own index, proxy and certificates; to let pip fetch it would
run the package's setup script.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import url2pathname

from crossbreed.config.text import PythonPackageSource
from crossbreed.data.digests import sha256
from crossbreed.data.sources import (
    TIMEOUT_SECONDS,
    TRIES,
    UnavailableError,
    download_file,
    run_client,
)

_LARGEST_FILE = 10_000_000
_COMPLAINT = 200  # characters
# A virtual environment may have no pip of its own.
_PIPS = ([sys.executable, "-m", "pip"], ["pip"], ["pip3"], ["python3", "-m", "pip"])


def fetch_archive(source: PythonPackageSource, folder: Path) -> Path:
    """Download a source distribution into a folder and verify it.

    Raises
    ------
    UnavailableError
        If it is not to be had or not the pinned one.
    OSError
        If pip cannot be run or the archive not be read.
    """
    url = _find(source, folder)
    if urlsplit(url).scheme == "file":
        archive = Path(url2pathname(urlsplit(url).path))
    else:
        archive = download_file(url, source.archive, folder)
    found = sha256(archive)
    if found != source.sha256:
        raise UnavailableError(
            f"{source.archive} has SHA-256 {found[:12]}…, expected {source.sha256[:12]}…"
        )
    return archive


def read_members(archive: Path, names: Sequence[str]) -> list[str]:
    """Return files of a packed archive as text, without unpacking anything to disk.

    Parameters
    ----------
    archive
        A `.tar.gz` file.
    names
        Their exact names; they must be ordinary files of at most 10 MB of ASCII characters.

    Raises
    ------
    UnavailableError
        If the archive is damaged or has no such files.
    """
    try:
        with tarfile.open(archive, "r:gz") as opened:
            return [_read_member(opened, name) for name in names]
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise UnavailableError(f"{archive.name} is damaged or no archive ({error})") from error


def _read_member(opened: tarfile.TarFile, name: str) -> str:
    try:
        member = opened.getmember(name)
    except KeyError as error:
        raise UnavailableError(f"has no file {name}") from error
    # No link either, which may lead anywhere.
    stream = opened.extractfile(member) if member.isreg() else None
    if stream is None or member.size > _LARGEST_FILE:
        raise UnavailableError(f"{name} is no ordinary file of at most {_LARGEST_FILE} bytes")
    try:
        return stream.read().decode("ascii")
    except UnicodeDecodeError as error:
        raise UnavailableError(f"{name} is not plain ASCII text") from error


def _find(source: PythonPackageSource, folder: Path) -> str:
    """Return the address of a source distribution."""
    command = [*_pip(folder), "index", "versions", source.package, "-vv", "--no-input"]
    command += ["--no-binary", source.package, "--ignore-requires-python"]
    command += ["--timeout", str(TIMEOUT_SECONDS), "--retries", str(TRIES - 1)]
    finished = run_client(command, folder, stdout=subprocess.PIPE)
    said = f"{finished.stdout}\n{finished.stderr}"
    links = re.findall(r"Found link (\S+) \(from ", said)
    for link in map(str, links):
        if PurePosixPath(unquote(urlsplit(link).path)).name == source.archive:
            return urldefrag(link).url
    if links:
        raise UnavailableError(f"pip finds no {source.archive}")
    raise UnavailableError(_why_nothing(said))


def _why_nothing(said: str) -> str:
    """Return pip's reason for finding no version of a package."""
    # The index's answer says more than the error that follows from it.
    answers = re.findall(r"Could not fetch URL \S+: (.+)", said)
    if answers:
        return f"pip cannot reach the package index: {answers[-1].removesuffix(' - skipping')}"
    errors = re.findall(r"ERROR: (.+)", said)
    if "Exception:" in errors:  # a traceback follows, whose last line says which
        errors = said.splitlines()
    return f"pip: {errors[-1]}" if errors else "pip finds no version of it"


def _pip(folder: Path) -> list[str]:
    """Return a command that runs a pip that can ask the package index."""
    complaint = ""
    for command in _PIPS:
        try:
            tried = run_client([*command, "index", "--help"], folder, stdout=subprocess.PIPE)
        except (UnavailableError, OSError):
            continue
        if tried.returncode == 0:
            return command
        if "No module named pip" not in tried.stderr:
            complaint = complaint or " ".join((tried.stderr or tried.stdout).split())[:_COMPLAINT]
    reason = f", or does not run: {complaint}" if complaint else ""
    raise UnavailableError(f"pip (21.2 or later) is not installed{reason}")
