"""How much of a run's work is done, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# Core-seconds of jobs that count as done at the expected pace: the first to end are the shortest,
# and say little of the others.
_TRUST = 10.0


class Work(NamedTuple):
    """What a job does and how long it is expected to take."""

    kind: str
    """Jobs of a kind deviate alike from what is expected."""
    seconds: float
    """Of a core, on the machine that the expectations are from."""


class Progress:
    """The jobs of a run, of which some are done and some running.

    What is left of a job is what it is expected to take at the pace of its kind so far; where none
    of its kind is done, at that of all.

    Parameters
    ----------
    jobs
        What there is to do, by number.
    cores
        How many jobs run at once; None: that is not known.
    """

    def __init__(self, jobs: Mapping[int, Work], cores: int | None) -> None:
        self.jobs = dict(jobs)
        self.done: dict[int, float] = {}
        self._cores = cores
        self._started: dict[int, float] = {}

    def start(self, job: int, now: float) -> None:
        """Note that a job starts, perhaps once more. Times are in seconds, of any clock."""
        self._started[job] = now

    def end(self, job: int, now: float) -> None:
        """Note that a job is done."""
        if job in self.jobs:
            self.done[job] = now - self._started.pop(job, now)

    def left(self, now: float) -> float | None:
        """Return the seconds that the rest is expected to take; None where cores are not known."""
        if self._cores is None:
            return None
        waiting = [number for number in self.jobs if number not in self.done]
        overall = (sum(self.done.values()) + _TRUST) / (self._expected(self.done) + _TRUST)
        paces: dict[str, float] = {}
        for kind in {self.jobs[number].kind for number in waiting}:
            alike = {n: took for n, took in self.done.items() if self.jobs[n].kind == kind}
            expected = self._expected(alike)
            paces[kind] = sum(alike.values()) / expected if expected else overall
        rests = [
            max(work.seconds * paces[work.kind] - (now - self._started.get(number, now)), 0.0)
            for number, work in ((number, self.jobs[number]) for number in waiting)
        ]
        # The last job has no help, however many cores there are.
        return max(sum(rests) / self._cores, max(rests, default=0.0))

    def _expected(self, numbers: Mapping[int, float]) -> float:
        return sum(self.jobs[number].seconds for number in numbers)
