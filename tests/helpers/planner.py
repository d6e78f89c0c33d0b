"""Dry runs of Snakemake, by a helper that has loaded it already."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

from repository import REPOSITORY
from snakemake_call import ENVIRONMENT, command


def plan(folder: Path, *arguments: str, checkout: Path = REPOSITORY) -> tuple[int, str]:
    """Plan the command of `snakemake_call`, and return its exit status and what it printed."""
    return plan_as_written(folder, command(folder, *arguments, checkout=checkout)[1:], checkout)


def plan_as_written(folder: Path, arguments: list[str], checkout: Path) -> tuple[int, str]:
    """Plan a command given in a folder, and return its exit status and what it printed."""
    helper = _helper()
    assert helper.stdin is not None
    assert helper.stdout is not None
    helper.stdin.write(json.dumps([str(checkout), str(folder), arguments]) + "\n")
    helper.stdin.flush()
    status, printed = json.loads(helper.stdout.readline())
    return status, printed


@cache
def _helper() -> subprocess.Popen[str]:
    # It ends when this process does, and with it the questions.
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("plan_commands.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )
