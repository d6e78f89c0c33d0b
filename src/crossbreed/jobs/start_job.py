"""Run a script as `python` would, forked from this study's warm worker where there is one.

Run by its path, with nothing but the standard library, so that it is there in a hundredth of a
second: `python -SE start_job.py SCRIPT ARGUMENTS`. It stands for the job: it hands on the signals
that it gets, Ctrl-Z included; as the job ends, it ends; if it is killed, so is the job.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import suppress

# The worker's socket; see crossbreed.jobs.warm_worker.
WORKER = "CROSSBREED_WORKER"
ACCEPTED = b"+"
FORWARDED = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP),
    *(signal.SIGCONT, signal.SIGUSR1, signal.SIGUSR2),
)


def main(arguments: list[str]) -> None:
    """Run the script and its arguments, and end as it does."""
    connection = None
    # The worker has loaded torch, and two frameworks in a process may disturb each other.
    if WORKER in os.environ and "engine=tensorflow" not in arguments:
        connection = _connect(os.environ[WORKER], arguments)
    if connection is None:
        os.execv(sys.executable, [sys.executable, *arguments])

    def forward(number: int, _: object) -> None:
        # Stopped by the terminal, which a process in another session is not.
        stops = number == signal.SIGTSTP
        with suppress(OSError):  # The job has just ended.
            connection.sendall(bytes([signal.SIGSTOP if stops else number]))
        if stops:
            os.kill(os.getpid(), signal.SIGSTOP)

    for number in FORWARDED:
        signal.signal(number, forward)
    answer = connection.recv(8)
    if not answer:
        sys.exit(f"{arguments[0]}: the worker has been killed, and the job with it")
    code = int(answer)
    if code < 0:
        # Killed by a signal, which the shell is to see.
        for number in FORWARDED:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


def _connect(address: str, arguments: list[str]) -> socket.socket | None:
    """Return a connection to the worker that has accepted the job; None: it must start itself."""
    job = {
        "arguments": arguments,
        "folder": os.getcwd(),  # noqa: PTH109 (pathlib takes as long as all else)
        "python": sys.executable,
        "environment": dict(os.environ),
        # Those that nohup, or a shell for what is in the background, has set so.
        "ignored": [n for n in FORWARDED if signal.getsignal(n) == signal.SIG_IGN],
    }
    request = json.dumps(job).encode()
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
        socket.send_fds(connection, [len(request).to_bytes(4, "big")], [0, 1, 2])
        connection.sendall(request)
        accepted = connection.recv(1)
    except OSError:
        return None
    return connection if accepted == ACCEPTED else None


if __name__ == "__main__":
    main(sys.argv[1:])
