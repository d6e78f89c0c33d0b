"""Kill a study at random moments, continue it, and compare what it leaves with an undisturbed one.

The study is preset `ci` with more and longer epochs, every second of which is saved. A study is
killed again and again until it is done; then the next one starts, until there were enough kills.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
from benchmarks.contenders import fetch

REPOSITORY = Path(__file__).resolve().parents[1]
CHANGES = (
    "preset=ci",
    "studies=[crossover]",
    "epochs=16",
    "dataset={train: 10000}",
    "save_every={epochs: 2}",
)
# Tell of times and machines, or of how often a job was begun.
NOT_COMPARED = (
    *("logs/", "seconds.json", "cost.csv"),
    *("provenance.json", "index.html", "download."),
)
LONGEST_CALL_SECONDS = 20.0
Snakemake = subprocess.Popen[bytes]


class Study:
    """A study in a folder of its own, driven by Snakemake."""

    def __init__(self, folder: Path, mirror: Path, engine: str) -> None:
        self.folder = folder
        self._config = [*CHANGES, f"engine={engine}", f"data={{mirror: {mirror}}}"]
        folder.mkdir(parents=True)

    def start(self, *options: str) -> Snakemake:
        """Start Snakemake with all its jobs in a process group of their own."""
        snakemake = Path(sys.executable).parent / "snakemake"
        command = [str(snakemake), "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "2"]
        with (self.folder / "snakemake.log").open("ab") as output:
            return subprocess.Popen(
                [*command, *options, "--config", *self._config],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def artefacts(self) -> dict[str, str]:
        """Return a digest of every file that the configuration decides."""
        results = self.folder / "results"
        names = (str(path.relative_to(results)) for path in results.rglob("*") if path.is_file())
        return {
            name: hashlib.sha256((results / name).read_bytes()).hexdigest()
            for name in names
            if not any(part in name for part in NOT_COMPARED)
        }

    def training_jobs(self) -> list[psutil.Process]:
        """Return the training processes at work in this folder."""
        jobs = []
        for process in psutil.process_iter():
            try:
                if process.cwd() == str(self.folder) and any(
                    part.endswith("train.py") for part in process.cmdline()[:2]
                ):
                    jobs.append(process)
            except psutil.Error:  # gone, or not ours
                continue
        return jobs


def wait(snakemake: Snakemake, seconds: float) -> int | None:
    """Wait for Snakemake, at most so long; return its status, None if it still runs."""
    try:
        return snakemake.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


# Sends its signal; returns whether there was somebody to receive it.
Kill = Callable[[Study, Snakemake], bool]


def everything(number: signal.Signals) -> Kill:
    """Return what sends a signal to Snakemake and all its jobs: a shutdown, Ctrl-C."""

    def kill(_: Study, snakemake: Snakemake) -> bool:
        os.killpg(snakemake.pid, number)
        wait(snakemake, 60)
        return True

    return kill


def snakemake_alone(_: Study, snakemake: Snakemake) -> bool:
    """Kill Snakemake and let its jobs live on, as when a login node goes down."""
    snakemake.kill()
    wait(snakemake, 60)
    return True


def one_job(number: signal.Signals) -> Kill:
    """Return what sends a signal to a training job: an out-of-memory kill, pre-emption."""

    def kill(study: Study, _: Snakemake) -> bool:
        try:
            study.training_jobs()[0].send_signal(number)
        except (IndexError, psutil.NoSuchProcess):
            return False
        return True

    return kill


KILLS: dict[str, Kill] = {
    "SIGKILL to all": everything(signal.SIGKILL),
    "SIGTERM to all": everything(signal.SIGTERM),
    "SIGINT to all": everything(signal.SIGINT),
    "SIGKILL to Snakemake alone": snakemake_alone,
    "SIGKILL to a job": one_job(signal.SIGKILL),
    "SIGTERM to a job": one_job(signal.SIGTERM),
}


def run_killed(study: Study, draws: random.Random, kills: int) -> list[str]:
    """Run a study to its end, killed at most so many times; return how.

    Raises
    ------
    SystemExit
        If the study fails without having been killed, or does not come to an end.
    """
    done: list[str] = []
    while True:
        # Where Snakemake lives on, it tries a killed job again itself.
        snakemake = study.start("--rerun-incomplete", "--retries", "3")
        before = len(done)
        while len(done) < kills:
            if wait(snakemake, draws.uniform(0.5, LONGEST_CALL_SECONDS)) is not None:
                break
            name = draws.choice(sorted(KILLS))
            if KILLS[name](study, snakemake):
                done.append(name)
                print(f"  {len(done)}: {name}", flush=True)
        status = wait(snakemake, 600)
        if status == 0:
            return done
        if status is None or len(done) == before:
            raise SystemExit(f"{study.folder}/snakemake.log: the study does not come to an end")
        wait(study.start("--unlock"), 60)


def main(arguments: list[str] | None = None) -> int:
    """Kill, continue, compare; return 0 if every kill was survived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=30, help="how often to kill (default: 30)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and kinds of kills")
    parser.add_argument("--engine", default="torch", help="torch (the default) or tensorflow")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="faults-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        mirror = folder / "data"
        fetch(mirror)
        undisturbed = Study(folder / "undisturbed", mirror, options.engine)
        if wait(undisturbed.start(), 600) != 0:
            raise SystemExit(f"{undisturbed.folder}/snakemake.log: the study fails by itself")
        wanted = undisturbed.artefacts()
        draws = random.Random(options.seed)
        kinds: Counter[str] = Counter()
        survived, studies, differing = 0, 0, set()
        while kinds.total() < options.kills:
            studies += 1
            study = Study(folder / f"study-{studies}", mirror, options.engine)
            done = run_killed(study, draws, options.kills - kinds.total())
            artefacts = study.artefacts()
            different = {
                name for name in wanted | artefacts if wanted.get(name) != artefacts.get(name)
            }
            kinds.update(done)
            survived += 0 if different else len(done)
            differing |= {f"{study.folder.name}: {name}" for name in different}
    for name in sorted(differing):
        print(f"differs: {name}")
    print(", ".join(f"{count} x {name}" for name, count in sorted(kinds.items())))
    print(f"kills survived: {survived}/{kinds.total()}, differing artefacts: {len(differing)}")
    return 0 if survived == kinds.total() else 1


if __name__ == "__main__":
    sys.exit(main())
