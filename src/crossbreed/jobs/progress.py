"""The progress of a training job, saved while it works, so that a killed job goes on.

Snakemake deletes what a failed job has declared as its output, so progress lies in a hidden folder
beside the output. It is named after a digest of all that decides the job's numbers: another
experiment never goes on from it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import shutil
import signal
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Generic, Self, TypeVar

from crossbreed.config.schema import SaveEvery
from crossbreed.errors import CrossbreedError
from crossbreed.storage.arrays import Arrays, load_arrays, save_arrays
from crossbreed.storage.files import write_text

log = logging.getLogger(__name__)

PROGRESS = "crossbreed progress 1"
_FOLDER = ".progress"
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


State = TypeVar("State")


@dataclass(frozen=True)
class Form(Generic[State]):
    """How a job's state is written to a file.

    Parameters
    ----------
    unit
        What a job's work is counted in, one word in lower case: "epoch".
    pack
        Returns a state as named arrays and a description that JSON can hold, without "key".
    unpack
        Returns the state that was packed.
    position
        Returns how many units a state has behind it, never fewer than the state before.
    """

    unit: str
    pack: Callable[[State], tuple[Arrays, dict[str, Any]]]
    unpack: Callable[[Arrays, Mapping[str, Any]], State]
    position: Callable[[State], int]


def progress_folder(target: Path) -> Path:
    """Return where the progress of the job that writes `target` lies."""
    return target.parent / _FOLDER


def forget_progress(output: Path) -> None:
    """Remove the progress of the job that has written a file, once Snakemake knows that it has."""
    shutil.rmtree(progress_folder(output), ignore_errors=True)


class Progress(Generic[State]):
    """Progress of one job, a context manager around its work.

    While it is entered, SIGTERM, SIGINT and SIGHUP save the latest state and end the process at
    once, with 128 plus the signal's number. The newest save stays when the job has ended well:
    should Snakemake have died meanwhile, it starts the job again, which then has nothing to do.

    Parameters
    ----------
    target
        The file that the job is to write.
    cache_key
        All that decides the job's numbers, as JSON can hold it.
    every
        How often to save; its epochs are the form's units.
    form
        How the job's state is written to a file.
    start
        Units that were behind the job when it was begun.
    """

    def __init__(
        self, target: Path, cache_key: Any, every: SaveEvery, form: Form[State], start: int
    ) -> None:
        text = json.dumps(cache_key, sort_keys=True)
        self._key = hashlib.sha256(text.encode()).hexdigest()
        self._folder = progress_folder(target)
        self._owner = self._folder / "owner"
        self._every = every
        self._form = form
        self._token = f"process {os.getpid()} of {platform.node()}, {uuid.uuid4()}"
        self._latest: State | None = None
        self._saved: int | None = None
        self._start = start
        self._saved_at = time.monotonic()
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        write_text(self._owner, self._token)
        for number in _SIGNALS:
            # What is ignored, as under nohup, stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if kind is None and self._saved is not None and self._owner_now() == self._token:
            self._remove_all_but([self._path(self._saved)])

    def load(self) -> State | None:
        """Return the newest progress of this very job that is not damaged; None: there is none."""
        saves = sorted(self._saves(), reverse=True)
        ours = [path for path in saves if path.name.startswith(self._key[:16])]
        if saves and not ours:
            log.info("the progress here is that of other settings, code or inputs: not used")
        for path in ours:
            try:
                arrays, description = load_arrays(path, PROGRESS)
            except CrossbreedError as error:
                log.warning("%s; it is not used", error)
                continue
            self._latest = self._form.unpack(arrays, description)
            self._saved = self._form.position(self._latest)
            log.info("going on from %s %d, saved in %s", self._form.unit, self._saved, path)
            return self._latest
        return None

    def record(self, state: State) -> None:
        """Take note of where the job is, and save it if it is time.

        Parameters
        ----------
        state
            A copy that the job does not change.

        Raises
        ------
        CrossbreedError
            If another process works on this job since, or the disk is full.
        """
        self._latest = state
        self._check_owner()
        units = self._form.position(state) - (self._start if self._saved is None else self._saved)
        seconds = time.monotonic() - self._saved_at
        if (self._every.epochs is not None and units >= self._every.epochs) or (
            self._every.seconds is not None and seconds >= self._every.seconds
        ):
            self.save()

    def save(self) -> None:
        """Save the latest state, unless it is saved already.

        Raises
        ------
        CrossbreedError
            If another process works on this job since, or the disk is full.
        """
        self._check_owner()
        if self._latest is None or self._form.position(self._latest) == self._saved:
            return
        position = self._form.position(self._latest)
        arrays, description = self._form.pack(self._latest)
        save_arrays(self._path(position), PROGRESS, arrays, {**description, "key": self._key})
        # The newest may come to harm, so the one before is kept too.
        kept = [self._path(position)]
        if self._saved is not None:
            kept.append(self._path(self._saved))
        self._saved = position
        self._saved_at = time.monotonic()
        self._remove_all_but(kept)

    def start_over(self) -> None:
        """Remove all saves, where what was loaded is of no use."""
        self._latest = self._saved = None
        self._remove_all_but([])

    def _path(self, position: int) -> Path:
        return self._folder / f"{self._key[:16]}-{self._form.unit}-{position:04d}.safetensors"

    def _saves(self) -> list[Path]:
        return list(self._folder.glob("[0-9a-f]*-*.safetensors"))

    def _remove_all_but(self, kept: list[Path]) -> None:
        for path in self._saves():
            if path not in kept:
                path.unlink(missing_ok=True)

    def _check_owner(self) -> None:
        """Stop where the job was begun anew while this process lived on.

        That happens when Snakemake is killed without its jobs. Two processes that write the same
        files would do so in any order, perhaps with different configurations.
        """
        owner = self._owner_now()
        if owner != self._token:
            raise CrossbreedError(f"{self._folder}: this job is now {owner}'s; stopping")

    def _owner_now(self) -> str:
        return self._owner.read_text(encoding="utf-8") if self._owner.exists() else "nobody"

    def _stop(self, number: int, _: FrameType | None) -> None:
        for handled in self._handlers:
            signal.signal(handled, signal.SIG_IGN)  # a second one must not break the saving
        name = signal.Signals(number).name
        try:
            self.save()
            saved = (
                f"{self._form.unit} {self._saved} is saved" if self._saved else "nothing to save"
            )
            log.error("stopped by %s; %s", name, saved)
        except Exception as error:
            log.error("stopped by %s; nothing saved: %s", name, error)
        finally:
            # Not an exception: raised in a callback of the interpreter's it would be lost, and
            # what waits for threads or compilers on the way out may take minutes.
            logging.shutdown()
            os._exit(128 + number)
