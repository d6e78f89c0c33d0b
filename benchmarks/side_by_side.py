"""Run the same work in several processes at once, and take the time until all are done."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.contenders import Given, Steps

Make = Callable[[Given], Steps]


class SideBySide:
    """A contender in some processes of its own, which wait until they are asked.

    Parameters
    ----------
    make
        Makes the contender, in each process.
    given
        What each process trains.
    processes
        How many.
    """

    def __init__(self, make: Make, given: Given, processes: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes: list[Any] = []
        for _ in range(processes):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=_serve, args=(make, given, theirs), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)
        self.networks = given.networks * processes
        self.steps: int | None = None
        """How many to ask for at a time; None: not found out yet."""
        for pipe in self._pipes:
            pipe.recv()

    def rate(self, steps: int) -> float:
        """Return network-steps a second, of all processes together."""
        began = time.perf_counter()
        for pipe in self._pipes:
            pipe.send(steps)
        for pipe in self._pipes:
            pipe.recv()
        return steps * self.networks / (time.perf_counter() - began)

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.terminate()
            process.join()


def _serve(make: Make, given: Given, pipe: Connection) -> None:
    steps = make(given)
    steps(20)
    pipe.send(None)
    while True:
        count = pipe.recv()
        steps(count)
        pipe.send(None)


def measured(make: Callable[[Given], Any], given: Given, processes: int) -> list[Any]:
    """Return what a function returns in each of some processes that run at once."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return pool.map(partial(_call, make), [given] * processes, chunksize=1)


def _call(make: Callable[[Given], Any], given: Given) -> Any:
    return make(given)
