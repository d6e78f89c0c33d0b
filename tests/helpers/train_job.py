"""A training job as Snakemake runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from crossbreed.config.overrides import override
from crossbreed.config.schema import Study
from crossbreed.crossover.jobs import Train
from crossbreed.data.examples import SPLITS, Examples, save_examples
from job_command import ENVIRONMENT, command
from snakemake_call import PATIENCE


def make_examples(path: Path, train: int = 3000) -> None:
    """Write images whose labels can be learnt: each class is brighter somewhere else."""
    draws = np.random.default_rng(0)
    splits = {}
    for name, count in zip(SPLITS, (train, 100, 100), strict=True):
        labels = draws.integers(0, 10, count)
        images = draws.integers(0, 150, (count, 28, 28), np.uint8)
        images[np.arange(count), 2 * labels] += 100
        splits[name] = Examples(images, labels)
    save_examples(path, splits, {})


class TrainJob:
    """One job of the rule `train`, from epoch 0 to `stop`."""

    def __init__(self, folder: Path, examples: Path, study: Study, **changes: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.target = folder / "population.safetensors"
        self.curve = folder / "curve.csv"
        self.log = folder / "train.log"
        params: dict[str, Any] = {
            "classes": study.dataset.classes,
            **{"seed": 1, "run": 1, "start": 0, "stop": 8, "threads": 1},
            "save_every": {"seconds": None, "epochs": 1},
            **{"examples": examples, "source": None, "target": self.target, "curve": self.curve},
            "seconds": folder / "train.seconds.json",
        }
        self._job = Train.of(study, **params | changes)
        self.environment = dict(ENVIRONMENT)

    def command(self, *changes: str) -> list[str]:
        """Return the command, with some overrides."""
        return command(self._job, *changes)

    def start(self, *changes: str) -> subprocess.Popen[bytes]:
        """Start the process; it writes its log from the beginning."""
        with self.log.open("wb") as log:
            return subprocess.Popen(
                self.command(*changes),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                preexec_fn=_heed_signals,
            )

    def run(self, *changes: str) -> str:
        """Run the job to its end, expect success and return its log."""
        assert self.start(*changes).wait(PATIENCE) == 0, self.log.read_text()
        return self.log.read_text()

    def wait_for(self, text: str) -> None:
        """Wait until the log has a text."""
        end = time.monotonic() + PATIENCE
        while text not in self.log.read_text():
            assert time.monotonic() < end, f"no {text!r} in:\n{self.log.read_text()}"
            time.sleep(0.01)

    def outcome(self) -> tuple[bytes, bytes]:
        """Return the bytes of the population and of the learning curve."""
        return self.target.read_bytes(), self.curve.read_bytes()

    def saves(self) -> list[Path]:
        """Return the saved progress, the oldest epoch first."""
        return sorted((self.target.parent / ".progress").glob("*.safetensors"))


def _heed_signals() -> None:
    """Undo what a caller in the background, or under nohup, has handed down."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def save_every(epochs: int | None, seconds: float | None = None) -> str:
    return override("save_every", {"seconds": seconds, "epochs": epochs})
