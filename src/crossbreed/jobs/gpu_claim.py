"""Which of several GPUs a job takes, where no scheduler has given it one."""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
import platform
import tempfile
from pathlib import Path
from typing import IO

from crossbreed.errors import CrossbreedError

log = logging.getLogger(__name__)

VISIBLE = "CUDA_VISIBLE_DEVICES"
# NVIDIA's driver lists one folder per GPU here, whichever framework is installed.
_DRIVER = Path("/proc/driver/nvidia/gpus")
# Held, and so locked, until the process ends, however it ends.
_held: list[IO[str]] = []


def claim_gpu(device: str) -> None:
    """Leave this process one GPU of those that it sees: the one that fewest others have claimed.

    To be called before a framework looks for GPUs. Where a scheduler has set CUDA_VISIBLE_DEVICES
    to one GPU, that is it; of several, here or in a machine without a scheduler, jobs that run at
    the same time get different ones until each has one.

    Parameters
    ----------
    device
        auto, cpu or cuda; cpu: nothing is claimed.

    Raises
    ------
    CrossbreedError
        If the folder of claims belongs to another user.
    """
    found = visible_gpus()
    if device == "cpu" or not found:
        return
    if len(found) == 1:
        log.info("GPU %s", found[0])
        return
    try:
        _claim_one(found, _folder())
    except OSError as error:
        log.warning("GPU %s: others cannot be told of it: %s", found[0], error)
        os.environ[VISIBLE] = found[0]


def _claim_one(found: list[str], folder: Path) -> None:
    """Leave this process one of some GPUs, and hold a lock on it."""
    for sharers, gpu in ((count, gpu) for count in itertools.count() for gpu in found):
        file = (folder / f"{gpu.replace('/', '_')}.{sharers}").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _held.append(file)
        os.environ[VISIBLE] = gpu
        log.info("GPU %s of %s, %d others on it", gpu, ", ".join(found), sharers)
        return


def visible_gpus() -> list[str]:
    """Return the names, as in CUDA_VISIBLE_DEVICES, of the GPUs that this process may use."""
    given = os.environ.get(VISIBLE)
    if given is not None:
        return [name.strip() for name in given.split(",") if name.strip()]
    if not _DRIVER.is_dir():
        return []
    return [str(number) for number in range(len(list(_DRIVER.iterdir())))]


def _folder() -> Path:
    """Return this user's folder of claims, on this machine and within a scheduler's allocation."""
    # In an allocation GPUs are counted anew, so that a number means another one elsewhere.
    where = f"{os.getuid()}-{platform.node()}-{os.environ.get('SLURM_JOB_ID', 0)}"
    folder = Path(tempfile.gettempdir()) / f"crossbreed-gpus-{where}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise CrossbreedError(f"{folder}: belongs to another user; delete it, or set TMPDIR")
    return folder
