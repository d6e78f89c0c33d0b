"""A study that is submitted to Slurm, and one on this machine to compare it with."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from repository import REPOSITORY
from slurm_records import Record, records, tried
from snakemake_call import ENVIRONMENT, SNAKEMAKE

# Of times, or of how a job went.
NOT_COMPARED = (
    *(
        "logs/",
        ".progress/",
        ".records/",
        "provenance.json",
        "index.html",
    ),
    *("download.", "cost.csv", "seconds.json", "speed.json"),
)
# Of the gender study, what holds no seconds.
COMPARED_OF_GENDER = ("gender/seed-", "gender/final/", "gender/winners", "gender/learning_curves")
# What the small cluster needs, and what a test has no time for: the profile is kind to controllers
# and to network file systems.
HURRY = (
    *("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5"),
    # It has no accounting.
    *("--slurm-status-command", "squeue"),
)
# Else jobs would ask for more than the small cluster's partition allows.
MINUTES = ("train:runtime=5", "train_individuals:runtime=5", "train_winner:runtime=5")


class ClusterStudy:
    """Preset `ci` with some changes, in a folder of its own."""

    def __init__(self, folder: Path, *changes: str, minutes: tuple[str, ...] = MINUTES) -> None:
        self.folder = folder
        self.results = folder / "results" / "ci"
        self._changes = ("--config", "preset=ci", *changes)
        self._minutes = ("--set-resources", *minutes)
        self._printed = folder / "printed"

    @property
    def printed(self) -> str:
        """All that Snakemake has printed."""
        return self._printed.read_text()

    def submit(self, *options: str) -> subprocess.Popen[bytes]:
        """Start Snakemake with the profile for Slurm; a target stands first."""
        profile = ("--profile", str(REPOSITORY / "workflow" / "profiles" / "slurm"))
        return self._start(*options, *profile, *HURRY, *self._minutes)

    def run_here(self, *targets: str) -> None:
        """Run the study on this machine, expecting success."""
        assert self.wait(self._start(*targets, "--cores", "2")) == 0, self.printed

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [str(SNAKEMAKE), "--snakefile", str(REPOSITORY / "Snakefile")]
        with self._printed.open("ab") as printed:
            return subprocess.Popen(
                [*command, "--directory", str(self.folder), *options, *self._changes],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                env=ENVIRONMENT,
                start_new_session=True,
            )

    def unlock(self) -> None:
        """Take the lock away that a killed Snakemake has left."""
        assert self.wait(self._start("--unlock", "--cores", "1")) == 0, self.printed

    def wait(self, snakemake: subprocess.Popen[bytes], seconds: float = 600) -> int:
        """Wait for Snakemake to end, and return its code."""
        try:
            return snakemake.wait(seconds)
        except subprocess.TimeoutExpired:
            end(snakemake)
            raise AssertionError(f"not done in {seconds} s:\n{self.printed}") from None

    def records(self) -> list[Record]:
        """Return the jobs that this study has submitted."""
        runs = set(re.findall(r"SLURM run ID: (\S+)", self.printed))
        return [job for job in records() if job.name in runs]

    def wait_until(
        self, what: Callable[[], object], snakemake: subprocess.Popen[bytes], seconds: float = 240
    ) -> None:
        """Wait for something to come true while Snakemake runs."""
        last = time.monotonic() + seconds
        while not what():
            if snakemake.poll() is not None or time.monotonic() > last:
                end(snakemake)
                raise AssertionError(f"it has not come:\n{self.printed}")
            time.sleep(0.1)

    def running(self, comment: str) -> list[Record]:
        """Return the running jobs whose comment begins so."""
        return [
            job
            for job in self.records()
            if job.state == "RUNNING" and job.comment.startswith(comment)
        ]

    def saved(self, place: str) -> list[Path]:
        """Return the saved progress of training in a folder of the crossover study."""
        return list((self.results / "crossover").glob(f"{place}/.progress/*.safetensors"))

    def artefacts(self) -> dict[str, bytes]:
        """Return all that the configuration decides and nothing else."""
        names = {
            str(path.relative_to(self.results)): path
            for path in self.results.rglob("*")
            if path.is_file()
        }
        return {
            name: path.read_bytes()
            for name, path in sorted(names.items())
            if not any(part in name for part in NOT_COMPARED)
            and name.startswith(("crossover/", *COMPARED_OF_GENDER))
        }


def end(snakemake: subprocess.Popen[bytes]) -> None:
    """End Snakemake at once, and its jobs in the queue."""
    if snakemake.poll() is None:
        os.killpg(snakemake.pid, signal.SIGKILL)
        snakemake.wait(30)
    tried("scancel", "--user=root")
