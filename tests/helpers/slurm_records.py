"""What Slurm itself has on record of its jobs."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime
from typing import NamedTuple

# Of rules, in the profile.
GROUPS = ("crossover_summary", "gender_summary", "answer")


class Record(NamedTuple):
    """A job as Slurm knows it."""

    number: str
    """Of the job."""
    name: str
    """The run of Snakemake's that submitted it."""
    comment: str
    """The rule, or the group of rules, and its wildcards."""
    state: str
    gpus: int
    """Those that it asked for."""
    processors: int
    memory_mb: int
    minutes: int
    """Its time limit."""
    start: datetime | None
    end: datetime | None

    @property
    def rule(self) -> str:
        """The rule's name; of a group of rules, the group's."""
        name = self.comment.removeprefix("rule_").partition("_wildcards_")[0]
        # Of a group of rules, the names of these follow.
        return next((group for group in GROUPS if name.startswith(f"{group}_")), name)


def tried(*command: str) -> str:
    """Return what a command of Slurm's prints, nothing if it fails."""
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )
    return "" if ended.returncode else ended.stdout.strip()


def records() -> list[Record]:
    """Return all jobs that the cluster has seen, in the order of submission.

    None while its controller does not answer.
    """
    lines = tried("scontrol", "--oneliner", "show", "job").splitlines()
    return sorted(
        (_record(line) for line in lines if "JobId=" in line), key=lambda job: int(job.number)
    )


def most_at_once(jobs: list[Record]) -> int:
    """Return the largest number of GPUs that jobs held at the same time."""
    ran = [(job.start, job.end, job.gpus) for job in jobs if job.start and job.end]
    return max(
        (sum(gpus for start, end, gpus in ran if start <= moment < end) for moment, _, _ in ran),
        default=0,
    )


def _record(line: str) -> Record:
    fields = dict(re.findall(r"(\S+?)=(\S*)", line))
    gpus = re.search(r"gpu:(\d+)", fields.get("TresPerJob", ""))
    memory = re.search(r"mem=(\d+)M", fields["TRES"])
    hours, minutes, _ = map(int, fields["TimeLimit"].split(":"))
    return Record(
        number=fields["JobId"],
        name=fields["JobName"],
        comment=fields.get("Comment", ""),
        state=fields["JobState"],
        gpus=int(gpus[1]) if gpus else 0,
        processors=int(fields["NumCPUs"].partition("-")[0]),
        memory_mb=int(memory[1]) if memory else 0,
        minutes=60 * hours + minutes,
        start=_moment(fields["StartTime"]),
        end=_moment(fields["EndTime"]),
    )


def _moment(text: str) -> datetime | None:
    return None if text in ("Unknown", "None") else datetime.fromisoformat(text)
