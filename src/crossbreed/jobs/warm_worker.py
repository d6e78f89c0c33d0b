"""A process that has imported what jobs import, and forks itself for each job.

A job of a second would else spend three on imports. One worker serves one run of Snakemake on this
machine and ends with it. `crossbreed.jobs.start_job` asks it; what it does not serve, starts as
ever: the first job, whose environment it takes over (threads, above all, which libraries read while
they are loaded), and jobs with another environment or Python.
"""

from __future__ import annotations

import atexit
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
import threading
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from crossbreed.jobs.start_job import ACCEPTED, WORKER

# What several kinds of jobs import.
PRELOADED = ("crossbreed.jobs.command_line", "matplotlib.pyplot", "pandas", "scipy.stats", "torch")
# What shells set anew for each command.
_OF_SHELLS = {"_", "OLDPWD", "PWD", "SHLVL"}


class Request(NamedTuple):
    """What a job is to run, and how."""

    arguments: list[str]
    folder: str
    python: str
    environment: dict[str, str]


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
        # No place for temporary files, or a path that is too long for a socket.
        return None
    listener.listen(128)
    os.environ[WORKER] = listener.getsockname()
    return subprocess.Popen(
        [sys.executable, "-m", __name__, str(listener.fileno())],
        # Its end tells the worker that this process has ended.
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[listener.fileno()],
        # Signals of the terminal are for the jobs' own processes.
        start_new_session=True,
    )


def main(listener: socket.socket) -> None:
    """Serve until standard input ends; in a process that is to be a job, run it."""
    address = Path(listener.getsockname())
    # The first that is registered is the last that runs.
    atexit.register(_leave)
    # Those that keep a job are not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    accepted = _serve(listener)
    listener.close()
    if accepted is None:
        address.unlink()
        address.parent.rmdir()
        return
    job = _keep(*accepted)
    os.chdir(job.folder)
    sys.argv = job.arguments
    sys.path[0] = str(Path(job.arguments[0]).parent)
    try:
        runpy.run_path(job.arguments[0], run_name="__main__")
    except BaseException as error:
        _ended.append(error)
        raise


_ended: list[BaseException] = []


def _leave() -> None:
    """End this process as the interpreter would, but for taking apart all that was imported.

    That takes longer than many jobs.
    """
    code = _ended[0].code if _ended and isinstance(_ended[0], SystemExit) else len(_ended)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _serve(listener: socket.socket) -> tuple[socket.socket, Request, list[int]] | None:
    """Fork for each job that is accepted; return it in the new process, None at the end."""
    environment = None
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return None
        connection, _ = listener.accept()
        with suppress(OSError, ValueError):
            request, files = _receive(connection)
            wanted = {k: v for k, v in request.environment.items() if k not in _OF_SHELLS}
            accepted = (wanted, request.python) == (environment, sys.executable)
            if accepted and os.fork() == 0:
                return connection, request, files
            for file in files:
                os.close(file)
            connection.close()
            if environment is None:
                environment = wanted
                _load(request.environment)


def _load(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for name in PRELOADED:
        importlib.import_module(name)
    # No memory of these is written to, and so copied, when a job looks for garbage.
    gc.freeze()


def _receive(connection: socket.socket) -> tuple[Request, list[int]]:
    """Return what is asked for, with the standard input, output and error to use."""
    size, files, _, _ = socket.recv_fds(connection, 4, 3)
    with connection.makefile("rb") as stream:
        return Request(**json.loads(stream.read(int.from_bytes(size, "big")))), files


def _keep(connection: socket.socket, request: Request, files: list[int]) -> Request:
    """Fork the job and return there; here, hand signals on, and report how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection.sendall(ACCEPTED)
    job = os.fork()
    if job == 0:
        connection.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        return request
    for file in (0, 1, 2, *files):
        os.close(file)
    threading.Thread(target=_forward_signals, args=(connection, job), daemon=True).start()
    _, status = os.waitpid(job, 0)
    with suppress(OSError):
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _forward_signals(connection: socket.socket, job: int) -> None:
    while number := connection.recv(1):
        os.kill(job, number[0])
    # Who waited for the job has been killed.
    os.kill(job, signal.SIGKILL)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
