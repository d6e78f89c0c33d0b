"""How long a training job takes to its first step, with compilers' caches cold and warm."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
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
    """Return the seconds that a process takes to its first step, by model and cache."""
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for model in ("dense", "convolutional"):
            for state in ("cold", "warm"):
                environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": f"{cache}/{model}"}
                command = [sys.executable, "-c", _FIRST_STEP, str(ROOT / "config"), model]
                began = time.perf_counter()
                subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
                rows.append((model, state, time.perf_counter() - began))
    return pd.DataFrame(rows, columns=["model", "cache", "seconds"])
