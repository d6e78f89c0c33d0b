"""Train a network once, however many jobs ask for it.

What a training is depends on its network, its settings and its seed, not on who asks. So it lies
in a store, under a digest of all that decides its numbers: jobs find there what others have done,
go on from it, and wait for each other while one is at work.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crossbreed.config.schema import SaveEvery
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.progress import PROGRESS, Progress, progress_folder
from crossbreed.language.state import TRAINING_FORM, TrainingState
from crossbreed.language.text import Text
from crossbreed.language.training import LanguageTask, init_state, train_until
from crossbreed.storage.arrays import load_arrays, save_arrays

log = logging.getLogger(__name__)


class Store:
    """Trainings by a digest of what decides them.

    Parameters
    ----------
    folder
        Where they lie; undeclared to Snakemake, which would delete what a failed job declared.
    every
        How often a training saves its progress.
    cache_key
        What decides the numbers of all trainings besides their tasks, as JSON can hold it: code,
        versions, content of the text.
    """

    def __init__(self, folder: Path, every: SaveEvery, cache_key: Any) -> None:
        self._folder = folder
        self._every = every
        self._cache_key = cache_key

    def train(self, task: LanguageTask, text: Text, point: int) -> TrainingState:
        """Return a network trained up to a point of its learning curve or beyond.

        Of a training that has come to its last point only the curve and the facts are kept.

        Raises
        ------
        CrossbreedError
            If the task does not fit the text, or the disk is full.
        """
        key, target = self._key(task), self._target(task)
        with _alone(target), Progress(target, key, self._every, TRAINING_FORM, 0) as progress:
            start = progress.load()
            if start is not None and start.point < point and not start.weights:
                progress.start_over()
                start = None
            state = start = start or init_state(task, text)
            for state in train_until(task, text, start, point, keep_best=False):
                if state.point == task.training.points:
                    state = state.without_weights()
                progress.record(state)
            progress.save()
        return state

    def forget_weights(self, task: LanguageTask) -> None:
        """Keep only the curve of a training that is not to go on, so that disks do not fill.

        Should it go on nevertheless, it starts afresh and comes to the same.
        """
        target = self._target(task)
        with _alone(target):
            for path in progress_folder(target).glob("*.safetensors"):
                try:
                    arrays, description = load_arrays(path, PROGRESS)
                except CrossbreedError:  # whoever needs it will see that it is damaged
                    continue
                curve = TRAINING_FORM.unpack(arrays, description).without_weights()
                kept, facts = TRAINING_FORM.pack(curve)
                save_arrays(path, PROGRESS, kept, description | facts)

    def _key(self, task: LanguageTask) -> Any:
        return [
            self._cache_key,
            task.transformer.model_dump(mode="json"),
            task.training.model_dump(mode="json"),
            task.seed,
            task.threads,
        ]

    def _target(self, task: LanguageTask) -> Path:
        text = json.dumps(self._key(task), sort_keys=True)
        return self._folder / hashlib.sha256(text.encode()).hexdigest()[:16] / "network"


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Wait until no other process of this file system works on a training."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("%s: another job trains the same network; waiting for it", target.parent.name)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
