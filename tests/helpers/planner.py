"""Dry runs of Snakemake, by a helper process that has loaded it already.

The helper is this file as a program. It reads lines, each a JSON list: the checkout, the folder to
be in, the arguments; plans each in a process of its own, and answers with a line, a JSON list: the
exit status, what was printed. Starting Snakemake anew for each would take three times as long.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_args

from repository import REPOSITORY
from snakemake_call import ENVIRONMENT, command

# What takes long to load.
LOADED = (
    *("snakemake.cli", "snakemake.api", "crossbreed.crossover.conditions"),
    *("crossbreed.gender.plan", "crossbreed.scheduling.error_messages"),
    "crossbreed.scheduling.terminal",
)
LONGEST_SECONDS = 300


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
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )


@cache
def _digest_code(checkout: Path) -> None:
    """Take the digest of a checkout's code once, which is then known in every process."""
    from crossbreed.config.schema import EngineName
    from crossbreed.jobs.fingerprint import fingerprint

    for script in sorted(checkout.glob("workflow/scripts/*/*.py")):
        for engine in get_args(EngineName):
            fingerprint(script, engine)


def _plan(folder: str, arguments: list[str]) -> tuple[int, str]:
    """Return the exit status of a dry run, and what it printed."""
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if not child:
            _dry_run(folder, arguments, printed.fileno())
        _, status = os.waitpid(child, 0)
        printed.seek(0)
        return os.waitstatus_to_exitcode(status), printed.read().decode(errors="replace")


def _dry_run(folder: str, arguments: list[str], printed: int) -> None:
    """Plan and end this process, as the program `snakemake` would."""
    from snakemake.cli import main

    status: object = 1
    signal.alarm(LONGEST_SECONDS)
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream in (1, 2):
            os.dup2(printed, stream)
        os.chdir(folder)
        main([*arguments, "--dry-run"])
        status = 0
    except SystemExit as end:
        status = end.code
        if isinstance(status, str):
            print(status, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else int(status is not None))


def _main() -> None:
    """Answer until there are no more questions."""
    for name in LOADED:
        import_module(name)
    # A plan ends before its garbage matters.
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        checkout, folder, arguments = json.loads(line)
        _digest_code(Path(checkout))
        print(json.dumps(_plan(folder, arguments)), flush=True)


if __name__ == "__main__":
    _main()
