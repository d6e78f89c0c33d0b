"""A study of preset `ci` in a folder of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

from planner import plan
from snakemake_call import ENVIRONMENT, PATIENCE, command, planned_jobs, snakemake


class StudyFolder:
    """A folder in which Snakemake makes a target of preset `ci`, with some changes of it.

    Parameters
    ----------
    folder
        Where results go.
    config
        The changes, as `--config` takes them.
    target
        What to make: `all`, or one of the studies.
    """

    def __init__(self, folder: Path, *config: str, target: str = "all") -> None:
        self.folder = folder
        self.results = folder / "results" / "ci"
        # Where what Snakemake prints may be kept.
        self.printed = folder / "printed"
        self._changes = config
        self._config = ("--config", "preset=ci", *config)
        self._target = target

    def copy(self, folder: Path) -> StudyFolder:
        """Return a copy of the study, made in a new folder, with the times of its files."""
        shutil.copytree(self.folder, folder, copy_function=_copy)
        return self.at(folder)

    def at(self, folder: Path) -> StudyFolder:
        """Return the same study in another folder."""
        return StudyFolder(folder, *self._changes, target=self._target)

    def call(self, *changes: str, options: tuple[str, ...] = (), target: str | None = None) -> str:
        """Run Snakemake, expecting success, and return what it printed."""
        targets = (target or self._target, *options)
        finished = snakemake(self.folder, *targets, *self._config, *changes)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    def log(self) -> str:
        """Return Snakemake's log of its last call, which names every job."""
        logs = (self.folder / ".snakemake/log").glob("*.log")
        return max(logs, key=lambda path: path.stat().st_mtime).read_text()

    def jobs(self, *changes: str, target: str | None = None) -> dict[str, int]:
        """Return how many jobs of each rule Snakemake would run."""
        wanted = target or self._target
        status, printed = plan(self.folder, wanted, *self._config, *changes)
        assert status == 0, printed
        return planned_jobs(printed, wanted)

    def kill_when(self, pattern: str, target: str) -> None:
        """Start the study, kill it with all its jobs once a file is there, and take off its lock.

        Parameters
        ----------
        pattern
            The file, as a pattern below the results.
        target
            What to make.
        """
        # What was killed before may have left files that are incomplete.
        call = command(self.folder, target, "--rerun-incomplete", *self._config)
        with self.printed.open("ab") as printed:
            started = subprocess.Popen(
                call, stdout=printed, stderr=printed, env=ENVIRONMENT, start_new_session=True
            )
        end = time.monotonic() + PATIENCE
        while not list(self.results.glob(pattern)):
            assert started.poll() is None, self.printed.read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        subprocess.run(["kill", "-KILL", "--", f"-{started.pid}"], check=True)
        assert started.wait(30) == -signal.SIGKILL
        self.call(options=("--unlock",))


def _copy(source: str, target: str) -> None:
    """Copy a file with its time; of a large one, which are data, make a second name."""
    if Path(source).stat().st_size > 5 << 20:
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)
