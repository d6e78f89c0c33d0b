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
_SAVES = "-*.safetensors"
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


State = TypeVar("State")


@dataclass(frozen=True)
class Form(Generic[State]):
    """How a job's state is told in a file.

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

    While it is entered, SIGTERM, SIGINT and SIGHUP save what has been reached and end the process
    at once, with 128 plus the signal's number. The progress stays when the job has ended well:
    should Snakemake have died meanwhile, it starts the job again, which then has nothing to do.

    Parameters
    ----------
    target
        The file that the job is to write.
    decisive
        All that decides the job's numbers, as JSON can hold it.
    every
        How often to save; its epochs are the form's units.
    form
        How the job's state is told in a file.
    start
        Units that were behind the job when it was begun.
    """

    def __init__(
        self, target: Path, decisive: Any, every: SaveEvery, form: Form[State], start: int
    ) -> None:
        text = json.dumps(decisive, sort_keys=True)
        self._key = hashlib.sha256(text.encode()).hexdigest()
        self._folder = progress_folder(target)
        self._every = every
        self._form = form
        self._start = start
        self._token = f"process {os.getpid()} of {platform.node()}, {uuid.uuid4()}"
        self._latest: State | None = None
        self._saved: int | None = None
        self._kept: list[Path] = []
        self._saved_at = time.monotonic()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        write_text(self._owner, self._token)
        for number in _SIGNALS:
            # What is ignored, as under nohup, stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def found(self) -> State | None:
        """Return the newest progress of this very job that is not damaged; None: there is none."""
        # Their numbers have four digits or more.
        ours = sorted(
            self._folder.glob(f"{self._key[:16]}{_SAVES}"),
            key=lambda path: (len(path.name), path.name),
            reverse=True,
        )
        if not ours and any(self._folder.glob(f"[0-9a-f]*{_SAVES}")):
            log.info("the progress found is that of other settings, code or inputs: not used")
        for path in ours:
            try:
                arrays, description = load_arrays(path, PROGRESS)
                if description["key"] != self._key:
                    raise CrossbreedError(f"{path} belongs to another job")
                state = self._form.unpack(arrays, description)
            except CrossbreedError as problem:
                log.warning("%s; it is not used", problem)
                continue
            self._latest, self._saved = state, self._form.position(state)
            log.info("going on from %s %d, found in %s", self._form.unit, self._saved, path)
            self._kept = [path]
            return state
        return None

    def reached(self, state: State) -> None:
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
        """Save what has been reached, unless it is saved already.

        Raises
        ------
        CrossbreedError
            If another process works on this job since, or the disk is full.
        """
        self._check_owner()
        if self._latest is None:
            return
        position = self._form.position(self._latest)
        if position == self._saved:
            return
        arrays, description = self._form.pack(self._latest)
        path = self._folder / f"{self._key[:16]}-{self._form.unit}-{position:04d}.safetensors"
        save_arrays(path, PROGRESS, arrays, {**description, "key": self._key})
        self._saved, self._saved_at = position, time.monotonic()
        # The newest may come to harm, so the one before is kept too.
        self._remove_all_but([*self._kept[-1:], path])

    def keep_newest_only(self) -> None:
        """Remove all saves but the newest, for work that has ended and is cheap to do again."""
        self._remove_all_but(self._kept[-1:])

    def start_over(self) -> None:
        """Remove all saves, where what was found is of no use."""
        self._latest = self._saved = None
        self._remove_all_but([])

    def _remove_all_but(self, kept: list[Path]) -> None:
        self._check_owner()
        self._kept = kept
        for other in self._folder.glob(f"[0-9a-f]*{_SAVES}"):
            if other not in kept:
                other.unlink(missing_ok=True)

    @property
    def _owner(self) -> Path:
        return self._folder / "owner"

    def _check_owner(self) -> None:
        """Stop where the job was begun anew while this process lived on.

        That happens when Snakemake is killed without its jobs. Two processes that write the same
        files would do so in any order, perhaps with different configurations.
        """
        try:
            owner = self._owner.read_text(encoding="utf-8")
        except FileNotFoundError:
            owner = "nobody"
        except (OSError, ValueError) as error:
            raise CrossbreedError(f"{self._owner} cannot be read: {error}") from error
        if owner != self._token:
            raise CrossbreedError(f"{self._folder}: this job is now {owner}'s; stopping")

    def _stop(self, number: int, _: FrameType | None) -> None:
        for other in self._before:
            signal.signal(other, signal.SIG_IGN)  # a second one must not break the saving
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
