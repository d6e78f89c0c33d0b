"""How much of a run's work is done, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import NamedTuple

# Core-seconds that count as done at the expected pace: the first jobs to end are the shortest, wait
# for disks and networks, and say little of the others.
_TRUST = 30.0
# The same of each kind, at the pace of all: the first job of a kind may have started slowly.
_TRUST_OF_KIND = 3.0
# Parts that take less than this share of what is expected were done by an earlier run.
_KEPT = 0.1


class Work(NamedTuple):
    """What a job does and how long it is expected to take."""

    kind: str
    """Jobs of a kind deviate alike from what is expected."""
    seconds: float
    """Of a core, on the machine that the expectations are from."""
    parts: Sequence[float] = ()
    """Seconds of its parts, if it tells which of them it is at; in all no more than `seconds`."""
    after: Sequence[int] = ()
    """The jobs that must be done before it."""


class _Pace:
    """What work of a kind took, and what it was expected to take, in seconds of a core."""

    def __init__(self) -> None:
        self.took = self.expected = 0.0


class Progress:
    """The jobs of a run, of which some are done and some running.

    What is left of a job is what it is expected to take at the pace of its kind so far; where
    nothing of its kind is done, at that of all. Times are in seconds, of any clock.

    Parameters
    ----------
    jobs
        What there is to do, by number.
    cores
        How many jobs run at once; None: that is not known.
    """

    def __init__(self, jobs: Mapping[int, Work], cores: int | None) -> None:
        self.jobs = dict(jobs)
        self.done: set[int] = set()
        self._cores = cores
        # Of jobs that run: since when they are at which part.
        self._at: dict[int, tuple[int, float]] = {}
        self._paces: dict[str, _Pace] = {}
        graph = {number: work.after for number, work in self.jobs.items()}
        self._order = [n for n in TopologicalSorter(graph).static_order() if n in self.jobs]

    def start(self, job: int, now: float) -> None:
        """Note that a job starts, perhaps once more."""
        self._at[job] = (0, now)

    def reach(self, job: int, part: int, now: float) -> None:
        """Note that a job has come to a part, counted from 0."""
        if job not in self._at or not self._at[job][0] < part < len(self.jobs[job].parts):
            return
        before, since = self._at[job]
        expected = sum(self.jobs[job].parts[before:part])
        if now - since >= _KEPT * expected:
            self._measure(job, now - since, expected)
        self._at[job] = (part, now)

    def end(self, job: int, now: float) -> None:
        """Note that a job is done."""
        if job in self.jobs:
            if job in self._at:
                self._measure(job, now - self._at[job][1], self._rest(job))
            self._at.pop(job, None)
            self.done.add(job)

    def left(self, now: float) -> float | None:
        """Return the seconds that the rest is expected to take; None where cores are not known."""
        if self._cores is None:
            return None
        took = sum(pace.took for pace in self._paces.values()) + _TRUST
        overall = took / (sum(pace.expected for pace in self._paces.values()) + _TRUST)
        total = longest = 0.0
        # Until a job ends, those before it in its longest chain included.
        until: dict[int, float] = {}
        for job in self._order:
            if job in self.done:
                continue
            work, (_, since) = self.jobs[job], self._at.get(job, (0, now))
            pace = self._paces.get(work.kind, _Pace())
            factor = (pace.took + _TRUST_OF_KIND * overall) / (pace.expected + _TRUST_OF_KIND)
            rest = max(self._rest(job) * factor - (now - since), 0.0)
            until[job] = rest + max((until.get(before, 0.0) for before in work.after), default=0.0)
            total += rest
            longest = max(longest, until[job])
        # What must follow one another has no help, however many cores there are.
        return max(total / self._cores, longest)

    def _rest(self, job: int) -> float:
        """Return what a job is expected to take from its present part on."""
        part, _ = self._at.get(job, (0, 0.0))
        return self.jobs[job].seconds - sum(self.jobs[job].parts[:part])

    def _measure(self, job: int, took: float, expected: float) -> None:
        pace = self._paces.setdefault(self.jobs[job].kind, _Pace())
        pace.took += took
        pace.expected += expected
