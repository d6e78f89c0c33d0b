"""A Slurm on this machine, for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parent / "slurm" / "cluster.sh"


class Cluster:
    """A Slurm on this machine, for the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def call(self, action: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Start or stop it, or start one of its daemons again."""
        # Not into pipes: the daemons would keep them open.
        with (Path(f"{self._folder}.log")).open("a+") as printed:
            finished = subprocess.run(
                [str(SCRIPT), action, self._folder, *more],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                text=True,
                timeout=300,
                check=False,
            )
            printed.seek(0)
            return subprocess.CompletedProcess(
                finished.args, finished.returncode, printed.read(), ""
            )


def can_start() -> bool:
    """Tell whether this machine can have a Slurm of its own."""
    return os.getuid() == 0 and bool(shutil.which("slurmctld") or shutil.which("apt-get"))
