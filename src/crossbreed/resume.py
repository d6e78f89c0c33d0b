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
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NamedTuple, Self

from crossbreed.arrays import load_arrays, save_arrays
from crossbreed.checkpoint import POPULATION_FILE, pack_population, unpack_population
from crossbreed.config.schema import SaveEvery
from crossbreed.curves import EpochRecord, join_records, split_records
from crossbreed.errors import CrossbreedError
from crossbreed.files import write_text
from crossbreed.population import Population

log = logging.getLogger(__name__)

PROGRESS = "crossbreed progress 1"
_FOLDER = ".progress"
_SAVES = "-epoch-*.safetensors"
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Saved(NamedTuple):
    """A population in training, and what each epoch of the job has come to so far."""

    population: Population
    records: list[EpochRecord]


def progress_folder(target: Path) -> Path:
    """Return where the progress of the job that writes `target` lies."""
    return target.parent / _FOLDER


def forget_progress(folder: Path) -> None:
    """Remove the progress of all jobs below a folder whose output is there."""
    for progress in sorted(folder.glob(f"**/{_FOLDER}")):
        # Else a job is at work: Snakemake deletes the output before it begins one anew.
        if (progress.parent / POPULATION_FILE).exists():
            shutil.rmtree(progress, ignore_errors=True)


class Progress:
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
        How often to save.
    """

    def __init__(self, target: Path, decisive: Any, every: SaveEvery) -> None:
        text = json.dumps(decisive, sort_keys=True)
        self._key = hashlib.sha256(text.encode()).hexdigest()
        self._folder = progress_folder(target)
        self._every = every
        self._token = f"process {os.getpid()} of {platform.node()}, {uuid.uuid4()}"
        self._latest: Saved | None = None
        self._saved_epoch: int | None = None
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

    def found(self) -> Saved | None:
        """Return the newest progress of this very job that is not damaged; None: there is none."""
        ours = sorted(self._folder.glob(f"{self._key[:16]}{_SAVES}"), reverse=True)
        if not ours and any(self._folder.glob(f"[0-9a-f]*{_SAVES}")):
            log.info("the progress found is that of other settings, code or inputs: not used")
        for path in ours:
            try:
                arrays, description = load_arrays(path, PROGRESS)
                if description["key"] != self._key:
                    raise CrossbreedError(f"{path} belongs to another job")
                records = split_records(arrays, description["epochs"])
                saved = Saved(unpack_population(arrays, description), records)
            except CrossbreedError as problem:
                log.warning("%s; it is not used", problem)
                continue
            log.info("going on from epoch %d, found in %s", saved.population.epoch, path)
            self._latest, self._saved_epoch = saved, saved.population.epoch
            self._kept = [path]
            return saved
        return None

    def reached(self, population: Population, records: list[EpochRecord]) -> None:
        """Take note of an epoch's end, and save it if it is time.

        Parameters
        ----------
        population
            A copy that training does not change.
        records
            Of all the job's epochs so far.

        Raises
        ------
        CrossbreedError
            If another process works on this job since, or the disk is full.
        """
        self._latest = Saved(population, list(records))
        self._check_owner()
        begun = population.epoch - len(records)
        epochs = population.epoch - (begun if self._saved_epoch is None else self._saved_epoch)
        seconds = time.monotonic() - self._saved_at
        if (self._every.epochs is not None and epochs >= self._every.epochs) or (
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
        if self._latest is None or self._latest.population.epoch == self._saved_epoch:
            return
        population, records = self._latest
        arrays, description = pack_population(population)
        description |= {"key": self._key, "epochs": [record.epoch for record in records]}
        path = self._folder / f"{self._key[:16]}-epoch-{population.epoch:04d}.safetensors"
        save_arrays(path, PROGRESS, {**arrays, **join_records(records)}, description)
        self._saved_epoch, self._saved_at = population.epoch, time.monotonic()
        # The newest may come to harm, so the one before is kept too.
        self._kept = [*self._kept[-1:], path]
        self._check_owner()
        for other in self._folder.glob(f"[0-9a-f]*{_SAVES}"):
            if other not in self._kept:
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
                f"epoch {self._saved_epoch} is saved" if self._saved_epoch else "nothing to save"
            )
            log.error("stopped by %s; %s", name, saved)
        except Exception as error:
            log.error("stopped by %s; nothing saved: %s", name, error)
        finally:
            # Not an exception: raised in a callback of the interpreter's it would be lost, and
            # what waits for threads or compilers on the way out may take minutes.
            logging.shutdown()
            os._exit(128 + number)
