"""Snakemake's own errors of the disk, in one line."""

from __future__ import annotations

import errno
import logging
import sys
from pathlib import Path

from snakemake_interface_logger_plugins.common import LogEvent

# What the user mends outside the program: space, permission, a file system that takes no writes.
_REFUSALS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO),
}
# Said of signals and processes too.
_NOT_OF_FILES_ALONE = {errno.EACCES, errno.EPERM}


class FileErrorFilter(logging.Filter):
    """Names the file and the reason where Snakemake would show its own traceback.

    Snakemake writes logs, locks and notes of its own, before any job and after each. Where the
    system refuses that, nothing of this program runs that could say so. `--verbose` still shows
    the traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, that of a refusal as one line."""
        if getattr(record, "event", None) == LogEvent.ERROR:
            line = refusal(sys.exception())
            if line is not None:
                record.msg, record.args = line, None
        return True


def shorten_file_errors(logger: logging.Logger) -> None:
    """Let a logger of Snakemake's name refusals, and bear that its own log takes no writes."""
    logger.addFilter(FileErrorFilter())
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            # Its complaints would bury the line that the terminal shows.
            setattr(handler, "handleError", _say_nothing)  # noqa: B010


def _say_nothing(_: logging.LogRecord) -> None:
    pass


def refusal(error: BaseException | None) -> str | None:
    """Say which file the system refused and why; None: `error` is no such refusal."""
    if isinstance(error, BaseExceptionGroup):
        lines = [refusal(part) for part in error.exceptions]
        return None if None in lines else lines[0]
    if not isinstance(error, OSError) or error.errno not in _REFUSALS:
        return None
    if error.filename is None and error.errno in _NOT_OF_FILES_ALONE:
        return None
    # An error while writing, unlike one while opening, has no name.
    where = error.filename or f"a file below {Path.cwd()}"
    return f"crossbreed: {where}: {error.strerror}"
