"""What the terminal shows of a study besides Snakemake's own words."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent

# Of a file system; with less than that left, nothing can be written.
_BLOCK = 4096


class TerminalHandler(logging.Handler):
    """Adds to Snakemake's messages of progress the time left, to those of failure the reason.

    The estimate takes the steps still to do as lasting as long as those done, in the mean. The
    reason is the last line of the failed job's log.
    """

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line for a message of progress or failure, nothing for any other."""
        event = getattr(record, "event", None)
        lines: list[str] = []
        if event == LogEvent.PROGRESS and record.__dict__["done"]:
            done, total = record.__dict__["done"], record.__dict__["total"]
            lines = [progress_line(done, total, time.monotonic() - self._began)]
        elif event == LogEvent.JOB_ERROR:
            lines = [f"{log}: {last_line(Path(log))}" for log in record.__dict__["log"]]
        for line in lines:
            print(line, file=sys.stderr, flush=True)


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


def progress_line(done: int, total: int, gone: float) -> str:
    """Say how many of all steps are done after `gone` seconds, and estimate the rest."""
    left = gone / done * (total - done)
    return f"{done} of {total} steps, {_minutes(gone)} gone, about {_minutes(left)} left"


def _minutes(seconds: float) -> str:
    rounded = round(seconds)
    return f"{rounded // 60} min {rounded % 60:02d} s"
