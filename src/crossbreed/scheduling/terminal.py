"""What the terminal shows of a run on this machine: one line of progress, and what goes wrong.

Snakemake's own words, hundreds of lines for a study, are in its log; with `--verbose`, here too.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from snakemake_interface_logger_plugins.common import LogEvent

from crossbreed.scheduling.progress import Progress, Work

# Of a file system; with less than that left, nothing can be written.
_BLOCK = 4096
_ROUTINE = {
    *(LogEvent.WORKFLOW_STARTED, LogEvent.RUN_INFO, LogEvent.RESOURCES_INFO, LogEvent.JOB_INFO),
    *(LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED, LogEvent.PROGRESS, LogEvent.SHELLCMD),
}
_ROUTINE_TEXTS = (
    *("Assuming unrestricted shared filesystem", "Building DAG of jobs", "Using shell: "),
    *("Conda environments: ignored", "Select jobs to execute", "Elapsed time: "),
    *("Group jobs: inactive", "Job rate limit reached", "Updating job"),
)
# Seconds between two lines where they cannot be rewritten, as in a file, and where they can.
_IN_FILES, _ON_TERMINALS = 20.0, 0.5


class Terminal(logging.Handler):
    """Shows the progress of jobs, and why jobs fail: by the last line of their log."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        super().__init__()
        self._stream = stream
        self._rewrites = stream.isatty()
        self._shown = ""
        self._progress: Progress | None = None
        self._began = time.monotonic()
        self._over = threading.Event()

    def begin(self, jobs: Mapping[int, Work], cores: int | None) -> None:
        """Show, from now on, how much is done of some jobs that run on so many cores.

        None: how many run at once is a scheduler's matter, and how long they wait.
        """
        self._progress, self._began = Progress(jobs, cores), time.monotonic()
        left = self._progress.left(self._began)
        on = "" if left is None else f" on {cores} cores, about {_time(left)}"
        print(f"{len(jobs)} jobs{on}", file=self._stream)
        threading.Thread(target=self._show_regularly, daemon=True).start()

    def end(self) -> str:
        """Show no more progress; return how long it took."""
        self._over.set()
        self.clear()
        return _time(time.monotonic() - self._began)

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a job that starts or ends; write a line if it has failed."""
        event, now = getattr(record, "event", None), time.monotonic()
        if self._progress and event == LogEvent.JOB_INFO:
            self._progress.start(record.__dict__["jobid"], now)
        elif self._progress and event == LogEvent.JOB_FINISHED:
            self._progress.end(record.__dict__["job_id"], now)
        elif event == LogEvent.JOB_ERROR:
            self.clear()
            for log in record.__dict__["log"]:
                print(f"{log}: {last_line(Path(log))}", file=self._stream, flush=True)

    def clear(self) -> None:
        """Make room for another line."""
        if self._shown and self._rewrites:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
        self._shown = ""

    def quieten(self, record: logging.LogRecord) -> bool:
        """Tell whether a message of Snakemake's is worth a reader's time: a filter for handlers."""
        routine = getattr(record, "event", None) in _ROUTINE or str(record.getMessage()).startswith(
            _ROUTINE_TEXTS
        )
        if routine and record.levelno < logging.WARNING:
            return False
        self.clear()
        return True

    def _show_regularly(self) -> None:
        while not self._over.wait(_ON_TERMINALS if self._rewrites else _IN_FILES):
            now = time.monotonic()
            assert self._progress is not None
            line = progress_line(self._progress, now - self._began, now)
            if self._rewrites:
                columns = shutil.get_terminal_size().columns
                print(f"\r\x1b[K{line[: columns - 1]}", end="", file=self._stream, flush=True)
            else:
                print(line, file=self._stream, flush=True)
            self._shown = line


def show_on_terminal(logger: logging.Logger, settings: Any) -> Terminal | None:
    """Let a run on this machine show one line of progress instead of all that it does.

    Parameters
    ----------
    logger
        Snakemake's.
    settings
        The `output_settings` of its workflow. None is returned where the user asked for more than
        that, or less.
    """
    if settings.verbose or settings.quiet or settings.dryrun or settings.printshellcmds:
        return None
    terminal = Terminal()
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(terminal.quieten)
    logger.addHandler(terminal)
    return terminal


def last_line(log: Path) -> str:
    """Return the last line of a log that says something."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line for line in lines if line.strip()]
        if not said and shutil.disk_usage(log.parent).free < _BLOCK:
            return "is empty: the disk is full"
    except OSError as error:
        return f"no log ({error.strerror})"
    return said[-1] if said else "is empty"


def progress_line(progress: Progress, gone: float, now: float) -> str:
    """Say how much is done after `gone` seconds, and how long the rest will take."""
    left = progress.left(now)
    said = f"{len(progress.done)} of {len(progress.jobs)} jobs, {_time(gone)} gone"
    if left is None:
        return said
    return f"{gone / max(gone + left, 1e-9):.0%}, {said}, about {_time(left)} left"


def _time(seconds: float) -> str:
    rounded = round(seconds)
    return f"{rounded // 60} min {rounded % 60:02d} s"
