"""Tell on the terminal how far a study is and how long it will take."""

from __future__ import annotations

import logging
import sys
import time

from snakemake_interface_logger_plugins.common import LogEvent


class ProgressHandler(logging.Handler):
    """Adds to each of Snakemake's progress messages the time gone and the time left.

    The estimate takes the steps still to do as lasting as long as those done, in the mean.
    """

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line for a progress message, nothing for any other."""
        if getattr(record, "event", None) != LogEvent.PROGRESS:
            return
        done, total = record.__dict__["done"], record.__dict__["total"]
        if done:
            gone = time.monotonic() - self._began
            print(progress_line(done, total, gone), file=sys.stderr, flush=True)


def progress_line(done: int, total: int, gone: float) -> str:
    """Say how many of all steps are done after `gone` seconds, and estimate the rest."""
    left = gone / done * (total - done)
    return f"{done} of {total} steps, {_minutes(gone)} gone, about {_minutes(left)} left"


def _minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02d} s"
