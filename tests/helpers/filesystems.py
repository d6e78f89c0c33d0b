"""Small and read-only file systems, real ones, that only the commands run in them see."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_NAMESPACE = ["unshare", "--map-root-user", "--mount"]


class Mounts:
    """File systems of their own for some commands."""

    def __init__(self, process: int) -> None:
        self._process = process

    def inside(self, path: Path) -> Path:
        """Return the path by which this process sees what the commands see at `path`."""
        return Path(f"/proc/{self._process}/root") / path.relative_to("/")

    def small(self, folder: Path, size: int) -> None:
        """Put an empty file system of so many bytes in place of a folder."""
        self._mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)

    def enlarge(self, folder: Path, size: int) -> None:
        """Make room on a small file system."""
        # With type and source given, mount does not repeat the options that the system shows: an
        # ordinary user's are refused.
        self._mount("-t", "tmpfs", "-o", f"remount,size={size}", "tmpfs", folder)

    def read_only(self, folder: Path) -> None:
        """Refuse all writing below a folder."""
        self._mount("--bind", folder, folder)
        self._mount("-o", "remount,bind,ro", folder)

    def run(
        self, command: list[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, whose paths must be absolute, and return its status and output."""
        target = f"--target={self._process}"
        # As root for the mounts only: a user's files remain the user's.
        entered = ["nsenter", target, "--user", "--preserve-credentials", "--mount", "--"]
        return subprocess.run(
            [*entered, *command],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=120,
            check=False,
        )

    def _mount(self, *arguments: str | Path) -> None:
        mounted = self.run(["mount", *map(str, arguments)])
        assert mounted.returncode == 0, mounted.stderr


@contextmanager
def own_mounts() -> Iterator[Mounts]:
    """Give file systems of their own, gone at the end; skip the test where that is forbidden."""
    try:
        tried = subprocess.run([*_NAMESPACE, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no small file systems: the command unshare is not installed")
    if tried.returncode:
        pytest.skip(f"no small file systems, user namespaces are forbidden: {tried.stderr.strip()}")
    holder = subprocess.Popen(
        [*_NAMESPACE, "sh", "-c", "echo ready; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:  # its end closes the pipe that it waits on
        assert holder.stdout is not None
        holder.stdout.readline()
        yield Mounts(holder.pid)
