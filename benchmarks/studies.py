"""What a study takes besides training: starting jobs, planning, evaluating, drawing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
_TRAINED = re.compile(r"trained for ([\d.]+) s")
_USED = re.compile(r"used ([\d.]+) s of processor time and \d+ MiB; ([\d.]+) s to start")
# By the names of the logs or of their folders.
_MEASURING = {
    "train",
    "evaluate",
    "measure_barrier",
    "train_cells",
    "train_individuals",
    "train_winner",
}
_FIRST_STEP = """
import sys
from pathlib import Path
import numpy as np
from crossbreed.config.compose import compose_study
from crossbreed.data.examples import Examples
from crossbreed.training.engines import architecture_of, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population
study = compose_study(Path(sys.argv[1]), {"model": sys.argv[2]})
task = Task(study.model, study.trainer.model_copy(update={"device": "cpu"}), (28, 28), 10, 1)
start = initial_population(architecture_of("torch", task), 10, 1, 1)
engine = create_engine("torch", task, start)
examples = Examples(np.zeros((32, 28, 28), np.uint8), np.zeros(32, np.int64))
engine.train_epoch(examples, np.tile(np.arange(32), (10, 1)))
"""


def to_first_step() -> pd.DataFrame:
    """Return the seconds that a process takes to its first step, by model and compiler's cache."""
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for model in ("dense", "convolutional"):
            for state in ("cold", "warm"):
                environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": f"{cache}/{model}"}
                command = [sys.executable, "-c", _FIRST_STEP, str(ROOT / "config"), model]
                rows.append((model, state, _seconds(command, environment)))
    return pd.DataFrame(rows, columns=["model", "cache", "seconds"])


def planning() -> pd.DataFrame:
    """Return the seconds of a dry run of the poster's study, all six arms, by runs."""
    rows = []
    for runs in (10, 1000):
        with tempfile.TemporaryDirectory() as folder:
            changes = ("preset=paper", "studies=[crossover]", f"runs={runs}")
            rows.append((runs, _snakemake(Path(folder), ("--dry-run",), *changes)))
    return pd.DataFrame(rows, columns=["runs", "seconds"])


def study(folder: Path, data: Path, cores: int, preset: str) -> tuple[str, pd.DataFrame]:
    """Run a preset's studies from nothing, and say what they took.

    Parameters
    ----------
    folder
        Where to run them.
    data
        Folder with the files of the data sets.
    cores
        Cores that they have.
    preset
        Which studies.

    Returns
    -------
    str
        The time that went by, and that of a second call, which has nothing to do.
    DataFrame
        spent on, core-seconds, share; see `core_seconds`.
    """
    options = ("--cores", str(cores))
    changes = (f"preset={preset}", f"data={{mirror: {data.resolve()}}}")
    # Trainings of an earlier call would be taken over.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wall = _snakemake(folder, options, *changes)
    spent = core_seconds(folder / "results" / preset, wall * cores)
    again = _snakemake(folder, options, *changes)
    text = f"{wall:.0f} s on {cores} cores. Again, with nothing to do: {again:.1f} s."
    return text, spent


def core_seconds(results: Path, total: float) -> pd.DataFrame:
    """Return what the processor time of a finished study was spent on.

    Parameters
    ----------
    results
        The results of the study's preset; its logs say what each job used.
    total
        Core-seconds that there were: what no job used was of Snakemake, of shells, or idle.

    Returns
    -------
    DataFrame
        spent on, core-seconds, share. Training is that of networks alone; what else training jobs
        do, and all jobs that measure networks, is evaluating.
    """
    spent = dict.fromkeys(
        ("training", "evaluating", "statistics, figures, page", "starting jobs"), 0.0
    )
    for log in results.rglob("*.log"):
        text = log.read_text(encoding="utf-8")
        if used := _USED.findall(text):
            work, start = map(float, used[-1])
            measures = _MEASURING & {*log.parts, log.stem}
            spent["evaluating" if measures else "statistics, figures, page"] += work
            spent["starting jobs"] += start
    trained = sum(
        float(seconds)
        for log in results.glob("logs/**/train/*.log")
        for seconds in _TRAINED.findall(log.read_text(encoding="utf-8"))
    )
    for table in results.glob("gender/table.csv.gz"):
        trained += pd.read_csv(table)["training_seconds"].sum()
    spent["training"] = trained
    spent["evaluating"] -= trained
    spent["Snakemake, shells, idle"] = total - sum(spent.values())
    frame = pd.DataFrame(spent.items(), columns=["spent on", "core-seconds"])
    return frame.assign(share=frame["core-seconds"] / total)


def tests(cores: int) -> str:
    """Run the tests; say how long they take."""
    command = ["make", "--directory", str(ROOT), "test", f"TESTS={cores}"]
    wall = _seconds(command)
    return f"`make test`: {wall:.0f} s on {cores} cores."


def _snakemake(folder: Path, options: tuple[str, ...], *changes: str) -> float:
    snakemake = Path(sys.executable).parent / "snakemake"
    command = [str(snakemake), "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    # Whatever the machine, unless options say more.
    return _seconds([*command, "--cores", "1", *options, "--config", *changes])


def _seconds(command: list[str], environment: dict[str, str] | None = None) -> float:
    began = time.perf_counter()
    subprocess.run(
        command,
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began
