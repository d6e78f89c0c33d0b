"""What the terminal shows of a run on this machine: one line of progress, and what goes wrong.

Snakemake's own words, hundreds of lines for a study, are in its log; with `--verbose`, here too.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import psutil
from snakemake_interface_logger_plugins.common import LogEvent

from crossbreed.scheduling.progress import Progress, Work

# Of a file system; with less than that left, nothing can be written.
_BLOCK = 4096
_ROUTINE = {
    *(LogEvent.WORKFLOW_STARTED, LogEvent.RUN_INFO, LogEvent.RESOURCES_INFO, LogEvent.JOB_INFO),
    *(
        LogEvent.GROUP_INFO,
        LogEvent.JOB_STARTED,
        LogEvent.JOB_FINISHED,
        LogEvent.PROGRESS,
        LogEvent.SHELLCMD,
    ),
}
_ROUTINE_TEXTS = (
    *("Assuming unrestricted shared filesystem", "Building DAG of jobs", "Using shell: "),
    *("Conda environments: ignored", "Select jobs to execute", "Elapsed time: "),
    *("Group jobs: inactive", "Job rate limit reached", "Updating job"),
)
# Seconds between two looks at what jobs do, and between two lines where they cannot be rewritten.
_LOOK, _LINE = 0.5, 20.0
# Seconds of a core that it takes to start a job and to end it.
START = 0.3
# What a job writes to its log when it begins with a part of its work.
_PART = re.compile(r"^\S+ cell (\d+) of \d+:", re.MULTILINE)


class Terminal(logging.Handler):
    """Shows the progress of jobs, and why jobs fail: by the last line of their log.

    Parameters
    ----------
    shows_progress
        Whether there is a line of progress at all.
    stream
        Where to; None: standard error.
    """

    def __init__(self, shows_progress: bool = True, stream: TextIO | None = None) -> None:
        super().__init__()
        self._stream = stream or sys.stderr
        self.shows_progress = shows_progress
        self._rewrites = self._stream.isatty()
        self._shown = False
        self.progress: Progress | None = None
        self._logs: dict[int, Path] = {}
        self._began = time.monotonic()
        self._over = threading.Event()

    def begin(self, jobs: Mapping[int, Work], cores: int | None) -> None:
        """Show, from now on, how much is done of some jobs that run on so many cores.

        None: how many run at once is a scheduler's matter, and how long they wait.
        """
        self._began = time.monotonic()
        if not self.shows_progress:
            return
        self.progress = Progress(jobs, cores)
        left = self.progress.left(self._began)
        on = ""
        if left is not None:
            on = f" on {cores} core{'' if cores == 1 else 's'}, about {_time(left)}"
        many = f"{len(jobs)} job{'' if len(jobs) == 1 else 's'}"
        print(f"{many}{on}", file=self._stream, flush=True)
        threading.Thread(target=self._show_regularly, daemon=True).start()

    def end(self) -> str:
        """Show no more progress; return how long this process took, planning included."""
        self._over.set()
        self.clear()
        return _time(time.time() - psutil.Process().create_time())

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a job that starts or ends; write a line if it has failed."""
        event, now = getattr(record, "event", None), time.monotonic()
        if self.progress and event == LogEvent.JOB_INFO:
            job = record.__dict__["jobid"]
            self.progress.start(job, now)
            if job in self.progress.jobs and self.progress.jobs[job].parts:
                self._logs[job] = Path(record.__dict__["log"][0])
        elif self.progress and event == LogEvent.JOB_FINISHED:
            self.progress.end(record.__dict__["job_id"], now)
            self._logs.pop(record.__dict__["job_id"], None)
        elif event == LogEvent.JOB_ERROR:
            self.clear()
            for log in record.__dict__["log"]:
                print(f"{log}: {last_line(Path(log))}", file=self._stream, flush=True)

    def clear(self) -> None:
        """Make room for another line."""
        self.acquire()
        if self._shown and self._rewrites:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
        self._shown = False
        self.release()

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
        shown, pause = self._began, _LOOK
        while not self._over.wait(pause):
            now = time.monotonic()
            # As for `emit`, which other threads call.
            self.acquire()
            try:
                self.look(now)
                if not self._over.is_set() and (self._rewrites or now - shown >= _LINE):
                    self.show(now)
                    shown = now
                    # With many thousands of jobs, an estimate takes a while.
                    pause = max(_LOOK, 20 * (time.monotonic() - now))
            finally:
                self.release()

    def look(self, now: float) -> None:
        """Take note of how far jobs have come."""
        assert self.progress is not None
        for job, log in self._logs.items():
            parts = []
            # It may not be there yet.
            with suppress(OSError):
                parts = _PART.findall(log.read_text(encoding="utf-8", errors="replace"))
            if parts:
                self.progress.reach(job, int(parts[-1]) - 1, now)

    def show(self, now: float) -> None:
        """Write the line of progress."""
        assert self.progress is not None
        line = progress_line(self.progress, now - self._began, now)
        if self._rewrites:
            columns = shutil.get_terminal_size().columns
            # Back to its start: downloads write here themselves.
            print(f"\r\x1b[K{line[: columns - 1]}\r", end="", file=self._stream, flush=True)
        else:
            print(line, file=self._stream, flush=True)
        self._shown = True


def show_on_terminal(logger: logging.Logger, settings: Any) -> Terminal:
    """Let a run on this machine show one line of progress instead of all that it does.

    Parameters
    ----------
    logger
        Snakemake's.
    settings
        The `output_settings` of its workflow. Where the user asked for more than that line, or for
        less, only why jobs fail is added to what Snakemake shows.
    """
    terminal = Terminal(
        not (settings.verbose or settings.quiet or settings.dryrun or settings.printshellcmds)
    )
    for handler in logger.handlers:
        if terminal.shows_progress and handler.name == "DefaultStreamHandler":
            handler.addFilter(terminal.quieten)
    logger.addHandler(terminal)
    return terminal


def cores_of(workflow: Any) -> int | None:
    """Return how many cores a run of Snakemake has; None where other limits decide what runs."""
    limits = workflow.global_resources
    if not workflow.local_exec or set(limits) - {"_cores", "_nodes", "_job_count"}:
        return None
    return int(limits["_cores"].value)


def works_of(dag: Any) -> dict[int, Work]:
    """Return what the jobs that Snakemake is to run do, by their numbers.

    The parameter `expected` of a rule are the seconds of a core that its jobs take after their
    start, or a list of those of its parts.
    """
    works = {}
    for job in dag.needrun_jobs():
        expected = job.params.get("expected")
        parts = expected if isinstance(expected, list) else []
        seconds = sum(parts) if parts else expected
        works[job.jobid] = Work(
            job.rule.name,
            0.0 if seconds is None else START + seconds,
            parts,
            [before.jobid for before in dag.job_dependencies(job)],
        )
    return works


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
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
