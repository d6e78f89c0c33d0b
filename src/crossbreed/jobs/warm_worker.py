"""A process that has imported what jobs import, and forks itself for each job.

A job of a second would else spend three on imports. One worker serves one run of Snakemake on this
machine and ends with it. `crossbreed.jobs.start_job` asks it; what it does not serve, starts as
ever: the first job, whose environment it takes over (threads, above all, which libraries read while
they are loaded), and jobs with another environment or Python.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from crossbreed.jobs.start_job import ACCEPTED, FORWARDED, WORKER

# What several kinds of jobs import.
PRELOADED = ("crossbreed.jobs.command_line", "matplotlib.pyplot", "pandas", "scipy.stats", "torch")
_PR_SET_PDEATHSIG = 1
# What shells set anew for each command.
_OF_SHELLS = {"_", "OLDPWD", "PWD", "SHLVL"}


class Request(NamedTuple):
    """What a job is to run, and how."""

    arguments: list[str]
    folder: str
    python: str
    environment: dict[str, str]
    ignored: list[int]
    """Signals."""


def start_worker() -> subprocess.Popen[bytes] | None:
    """Start the worker of this process, which ends with it; jobs find it by the environment.

    On Linux alone: elsewhere, a process may not be forked once libraries are loaded. None where it
    cannot be.
    """
    if sys.platform != "linux":
        return None
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(Path(tempfile.mkdtemp(prefix="crossbreed-")) / "worker"))
    except OSError:
        # No room for temporary files, or a path that is too long for a socket.
        return None
    listener.listen(128)
    os.environ[WORKER] = listener.getsockname()
    worker = subprocess.Popen(
        [sys.executable, "-m", __name__, str(listener.fileno())],
        # Its end tells the worker that this process has ended.
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[listener.fileno()],
        # Signals of the terminal are for the jobs' own processes.
        start_new_session=True,
    )
    _started.append(worker)
    return worker


# Kept, since a pipe that is forgotten is closed.
_started: list[subprocess.Popen[bytes]] = []


def main(listener: socket.socket) -> None:
    """Serve until standard input ends and all jobs have; in a process that is a job, run it."""
    # The first that is registered is the last that runs.
    atexit.register(_leave)
    job = _Worker(listener).serve()
    if job is None:
        return
    # This process may have been started under nohup, and the job not; or the other way round.
    for number in FORWARDED:
        default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in job.ignored else default)
    os.chdir(job.folder)
    sys.argv = job.arguments
    sys.path[0] = str(Path(job.arguments[0]).parent)
    try:
        runpy.run_path(job.arguments[0], run_name="__main__")
    except SystemExit as error:
        _leave_with(error.code)
        raise
    except BaseException:
        _leave_with(1)
        raise


_status = [0]


def _leave_with(code: object) -> None:
    _status[0] = code if isinstance(code, int) else int(code is not None)


def _leave() -> None:
    """End this process as the interpreter would, but for taking apart all that was imported.

    That takes longer than many jobs.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_status[0])


class _Worker:
    """Forks jobs, hands signals on to them, and reports how they end.

    Parameters
    ----------
    listener
        Where clients connect. Its file is removed when standard input ends.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._environment: dict[str, str] | None = None
        # The process of each job, by its client's connection.
        self._jobs: dict[socket.socket, int] = {}
        # Clients that have been killed.
        self._gone: list[socket.socket] = []

    def serve(self) -> Request | None:
        """Fork for each job that is accepted; return it in the new process, None at the end."""
        ended, wakes = os.pipe()
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        waiting: list[Any] = [self._listener, sys.stdin]
        while waiting or self._jobs:
            ready, _, _ = select.select([ended, *waiting, *self._watched()], [], [])
            if ended in ready:
                os.read(ended, 4096)
                self._report()
            for connection in self._watched():
                if connection in ready:
                    self._hand_on(connection)
            if sys.stdin in ready:
                self._close()
                waiting = []
            elif self._listener in ready:
                connection, _ = self._listener.accept()
                request = self._answer(connection)
                if request:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    os.close(ended)
                    os.close(wakes)
                    return request
        return None

    def _watched(self) -> list[socket.socket]:
        return [connection for connection in self._jobs if connection not in self._gone]

    def _answer(self, connection: socket.socket) -> Request | None:
        """Start what a client asks for, or leave that to the client; in the job, return it."""
        files: list[int] = []
        try:
            request = _receive(connection, files)
            wanted = {k: v for k, v in request.environment.items() if k not in _OF_SHELLS}
            if (wanted, request.python) == (self._environment, sys.executable):
                job = os.fork()
                if job == 0:
                    self._become_job(connection, files)
                    return request
                self._jobs[connection] = job
                connection.sendall(ACCEPTED)
                return None
        except (OSError, ValueError):
            # The client has been killed, or there is no process to be had.
            request = None
        finally:
            for file in files:
                os.close(file)
        if connection not in self._jobs:
            connection.close()
        if request and request.python == sys.executable and self._environment is None:
            self._environment = wanted
            _load(request.environment)
        return None

    def _become_job(self, connection: socket.socket, files: list[int]) -> None:
        # A job whose worker is killed would go on unseen.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for each in (self._listener, connection, *self._jobs):
            each.close()
        for number, file in enumerate(files):
            os.dup2(file, number)

    def _hand_on(self, connection: socket.socket) -> None:
        """Send a job the signal that its client got; none: the client has been killed."""
        try:
            number = connection.recv(1)
        except OSError:
            number = b""
        if not number:
            self._gone.append(connection)
        os.kill(self._jobs[connection], number[0] if number else signal.SIGKILL)

    def _report(self) -> None:
        """Tell the clients of jobs that have ended."""
        for connection, job in list(self._jobs.items()):
            pid, status = os.waitpid(job, os.WNOHANG)
            if pid:
                del self._jobs[connection]
                with closing(connection), suppress(OSError):
                    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())

    def _close(self) -> None:
        """Accept no more."""
        address = Path(self._listener.getsockname())
        self._listener.close()
        address.unlink()
        address.parent.rmdir()


def _load(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for name in PRELOADED:
        importlib.import_module(name)
    # No memory of these is written to, and so copied, when a job looks for garbage.
    gc.freeze()


def _receive(connection: socket.socket, files: list[int]) -> Request:
    """Return what is asked for; put the standard input, output and error to use into `files`."""
    size, received, _, _ = socket.recv_fds(connection, 4, 3)
    files += received
    with connection.makefile("rb") as stream:
        return Request(**json.loads(stream.read(int.from_bytes(size, "big"))))


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
