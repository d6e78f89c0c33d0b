"""Plan commands of Snakemake, each in a process of its own that shares what all have to load.

A program that `planner.py` starts. It reads lines, each a JSON list: the checkout, the folder to
be in, the arguments; and answers each with a line, a JSON list: the exit status, what was printed.
Starting Snakemake anew for each command would take three times as long.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_args

# What takes long to load.
LOADED = (
    *("snakemake.cli", "snakemake.api", "crossbreed.crossover.conditions"),
    *("crossbreed.gender.plan", "crossbreed.scheduling.error_messages"),
    "crossbreed.scheduling.terminal",
)
LONGEST_SECONDS = 300


@cache
def digest_code(checkout: Path) -> None:
    """Take the digest of a checkout's code once, which is then known in every process."""
    from crossbreed.config.schema import EngineName
    from crossbreed.jobs.fingerprint import fingerprint

    for script in sorted(checkout.glob("workflow/scripts/*/*.py")):
        for engine in get_args(EngineName):
            fingerprint(script, engine)


def plan(folder: str, arguments: list[str]) -> tuple[int, str]:
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


def main() -> None:
    """Answer until there are no more questions."""
    for name in LOADED:
        import_module(name)
    for line in sys.stdin:
        checkout, folder, arguments = json.loads(line)
        digest_code(Path(checkout))
        print(json.dumps(plan(folder, arguments)), flush=True)


if __name__ == "__main__":
    main()
