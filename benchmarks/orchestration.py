"""What a study takes besides training: planning, starting jobs, evaluating, drawing."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
_TRAINED = re.compile(r"trained for ([\d.]+) s")


def planning(runs: tuple[int, ...] = (10, 1000)) -> pd.DataFrame:
    """Return the seconds of a dry run of the poster's study, all six arms, by runs."""
    rows = []
    for count in runs:
        with tempfile.TemporaryDirectory() as folder:
            seconds = _snakemake(Path(folder), "--dry-run", "paper", f"runs={count}")
        rows.append((count, seconds))
    return pd.DataFrame(rows, columns=["runs", "seconds"])


def nothing_to_do(folder: Path, preset: str) -> float:
    """Return the seconds that a study that is done takes to find that out."""
    return _snakemake(folder, "--quiet", preset)


def training_share(results: Path, cores: int) -> dict[str, float]:
    """Return what part of a study's wall time was training.

    Parameters
    ----------
    results
        results/<preset>, after one run of the crossover study from nothing.
    cores
        Cores that it had.

    Returns
    -------
    dict
        jobs: training jobs; training_seconds: in epochs, all jobs together, as their logs tell;
        job_seconds: of all jobs; wall_seconds: from the first job's beginning to the last file's
        time; not_training: the share of wall time times cores that was not in epochs.
    """
    logs = sorted(results.glob("logs/crossover/train/*.log"))
    training = sum(
        float(found) for log in logs for found in _TRAINED.findall(log.read_text(encoding="utf-8"))
    )
    tables = sorted(results.glob("benchmarks/**/*.tsv"))
    jobs = [(path.stat().st_mtime, float(pd.read_csv(path, sep="\t")["s"][0])) for path in tables]
    wall = max(end for end, _ in jobs) - min(end - seconds for end, seconds in jobs)
    return {
        "jobs": len(logs),
        "training_seconds": training,
        "job_seconds": sum(seconds for _, seconds in jobs),
        "wall_seconds": wall,
        "not_training": 1 - training / (wall * cores),
    }


def _snakemake(folder: Path, option: str, preset: str, *changes: str) -> float:
    snakemake = Path(sys.executable).parent / "snakemake"
    command = [str(snakemake), "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    given = ["--config", f"preset={preset}", "studies=[crossover]", *changes]
    began = time.perf_counter()
    subprocess.run(
        [*command, "--cores", "1", option, *given],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began
