"""What a study takes besides training: starting jobs, planning, evaluating, drawing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
_TRAINED = re.compile(r"trained for ([\d.]+) s")
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
            changes = ("preset=paper", f"runs={runs}")
            rows.append((runs, _snakemake(Path(folder), ("--dry-run",), *changes)))
    return pd.DataFrame(rows, columns=["runs", "seconds"])


def laptop(folder: Path, data: Path, cores: int) -> str:
    """Run the laptop's crossover study from nothing; say how long it took, and what of it trained.

    Parameters
    ----------
    folder
        Where to run it.
    data
        Folder with the files of Fashion-MNIST.
    cores
        Cores that it has.
    """
    options, mirror = ("--cores", str(cores)), f"data={{mirror: {data.resolve()}}}"
    wall = _snakemake(folder, (*options, "--forceall"), mirror)
    again = _snakemake(folder, options, mirror)
    logs = sorted(folder.glob("results/laptop/logs/crossover/train/*.log"))
    training = sum(
        float(seconds)
        for log in logs
        for seconds in _TRAINED.findall(log.read_text(encoding="utf-8"))
    )
    return (
        f"{wall:.0f} s on {cores} cores; {training:.0f} core-seconds were epochs, in {len(logs)} "
        f"training jobs: {1 - training / (wall * cores):.0%} of the cores' time was not training. "
        f"Again, with nothing to do: {again:.1f} s."
    )


def _snakemake(folder: Path, options: tuple[str, ...], *changes: str) -> float:
    snakemake = Path(sys.executable).parent / "snakemake"
    command = [str(snakemake), "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    # Whatever the machine, unless options say more.
    return _seconds(
        [*command, "--cores", "1", *options, "--config", "studies=[crossover]", *changes]
    )


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
