"""Plan commands of Snakemake, each in a process of its own that shares what all have to load.

python plan_commands.py COMMANDS ANSWERS, both JSON files: a list of lists of arguments; a list of
each one's exit status and what it printed. Run in the folder where a reader would be. Starting
Snakemake anew for each command would take three times as long.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import get_args

from crossbreed.config.schema import EngineName

# What takes long to load.
LOADED = (
    *("snakemake.cli", "snakemake.api", "crossbreed.places", "crossbreed.gender_plan"),
    *("crossbreed.refusals", "crossbreed.terminal"),
)


def digest_code() -> None:
    """Take the digest of all code once, which is then known in every process."""
    from crossbreed.fingerprint import fingerprint

    for script in sorted(Path.cwd().glob("workflow/scripts/*.py")):
        for engine in get_args(EngineName):
            fingerprint(script, engine)


def plan(arguments: list[str]) -> tuple[int, str]:
    """Return the exit status of a dry run, and what it printed."""
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if not child:
            _dry_run(arguments, printed.fileno())
        _, status = os.waitpid(child, 0)
        printed.seek(0)
        return os.waitstatus_to_exitcode(status), printed.read().decode(errors="replace")


def _dry_run(arguments: list[str], printed: int) -> None:
    """Plan and end this process, as the program `snakemake` would."""
    from snakemake.cli import main

    status: object = 1
    try:
        for stream in (1, 2):
            os.dup2(printed, stream)
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
    """Plan all commands of a file and write what came of them to another."""
    commands, answers = map(Path, sys.argv[1:])
    for name in LOADED:
        import_module(name)
    digest_code()
    planned = [plan(arguments) for arguments in json.loads(commands.read_text())]
    answers.write_text(json.dumps(planned))


if __name__ == "__main__":
    main()
