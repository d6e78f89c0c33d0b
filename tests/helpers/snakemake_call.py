"""A call of Snakemake on this checkout's workflow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from repository import REPOSITORY

SNAKEMAKE = Path(sys.executable).parent / "snakemake"
# Seconds to wait for a study, so that one that hangs ends. It takes minutes on a slow machine.
PATIENCE = 1200
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def command(folder: Path, *arguments: str, checkout: Path = REPOSITORY) -> list[str]:
    """Return the command that runs a checkout's workflow in a folder on two cores."""
    return [
        str(SNAKEMAKE),
        *("--snakefile", str(checkout / "Snakefile")),
        *("--directory", str(folder)),
        *("--cores", "2"),
        *arguments,
    ]


def snakemake(
    folder: Path, *arguments: str, checkout: Path = REPOSITORY
) -> subprocess.CompletedProcess[str]:
    """Run the command, as from a shell that does not have the checkout in its Python path."""
    return subprocess.run(
        command(folder, *arguments, checkout=checkout),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=ENVIRONMENT,
        timeout=PATIENCE,
        check=False,
    )


def planned_jobs(printed: str, target: str) -> dict[str, int]:
    """Return how many jobs of each rule, but for the target, a dry run has printed."""
    if "Nothing to be done" in printed:
        return {}
    table = printed.rpartition("Job stats:")[2].partition("total")[0]
    counts = {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", table, re.M)}
    del counts[target]
    return counts
