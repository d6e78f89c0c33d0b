"""A folder in which the gender study of preset `ci` runs."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

from planner import plan
from snakemake_call import ENVIRONMENT, PATIENCE, command, planned_jobs, snakemake

# Results that hold seconds, which are different every time.
TIMED = ("seconds.json", "speed.json")


class GenderStudy:
    """The study in a folder, with some changes of its configuration."""

    def __init__(self, folder: Path, text_folder: Path, *changes: str) -> None:
        self.folder = folder
        self.results = folder / "results" / "ci"
        self.gender = self.results / "gender"
        self._changes = ("preset=ci", f"data={{mirror: {text_folder}}}", *changes)

    def call(self, *changes: str, options: tuple[str, ...] = (), target: str = "gender") -> str:
        """Run Snakemake, expecting success, and return what it printed."""
        finished = snakemake(self.folder, target, *options, "--config", *self._changes, *changes)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    def jobs(self, *changes: str) -> dict[str, int]:
        """Return the jobs that Snakemake would run, by rule."""
        status, printed = plan(self.folder, "gender", "--config", *self._changes, *changes)
        assert status == 0, printed
        return planned_jobs(printed, "gender")

    def kill_when(self, file: str, target: str = "gender") -> None:
        """Start the study and kill it with all its jobs once a file is there."""
        # What was killed before may have left files that are incomplete.
        options = (target, "--rerun-incomplete")
        call = command(self.folder, *options, "--config", *self._changes)
        with (self.folder / "printed").open("ab") as printed:
            started = subprocess.Popen(
                call, stdout=printed, stderr=printed, env=ENVIRONMENT, start_new_session=True
            )
        end = time.monotonic() + PATIENCE
        while not list(self.gender.glob(file)):
            assert started.poll() is None, (self.folder / "printed").read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        subprocess.run(["kill", "-KILL", "--", f"-{started.pid}"], check=True)
        assert started.wait(30) == -signal.SIGKILL

    def artefacts(self, *modes: str) -> dict[str, bytes]:
        """Return the bytes of all that searches of these modes leave and must leave again."""
        folders = [*(self.gender / "seed-01" / mode for mode in ("founders", *modes))]
        folders += [self.gender / "final" / mode for mode in ("baseline", *modes)]
        return {
            str(path.relative_to(self.gender)): path.read_bytes()
            for folder in folders
            for path in sorted(folder.glob("**/*"))
            if path.is_file()
            and not path.name.endswith(TIMED)
            and not {".progress", ".records"} & {*path.parts}
        }
