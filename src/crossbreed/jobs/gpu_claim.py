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
    """
    gpus = visible_gpus()
    if device == "cpu" or not gpus:
        return
    if len(gpus) == 1:
        log.info("GPU %s", gpus[0])
        return
    try:
        _claim_least_shared(gpus)
    except OSError as error:
        log.warning("GPU %s: others cannot be told of it: %s", gpus[0], error)
        os.environ[VISIBLE] = gpus[0]


def _claim_least_shared(gpus: list[str]) -> None:
    """Leave this process one of some GPUs, and hold a lock on it."""
    # Of this user and machine. In an allocation GPUs are counted anew, so that a number means
    # another one elsewhere.
    owner = f"{os.getuid()}-{platform.node()}-{os.environ.get('SLURM_JOB_ID', 0)}"
    folder = Path(tempfile.gettempdir()) / f"crossbreed-gpus-{owner}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for sharers, gpu in ((count, gpu) for count in itertools.count() for gpu in gpus):
        file = (folder / f"{gpu.replace('/', '_')}.{sharers}").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _held.append(file)
        os.environ[VISIBLE] = gpu
        log.info("GPU %s of %s, %d others on it", gpu, ", ".join(gpus), sharers)
        return


def visible_gpus() -> list[str]:
    """Return the names, as in CUDA_VISIBLE_DEVICES, of the GPUs that this process may use."""
    if VISIBLE in os.environ:
        return [name.strip() for name in os.environ[VISIBLE].split(",") if name.strip()]
    if not _DRIVER.is_dir():
        return []
    return [str(number) for number in range(len(list(_DRIVER.iterdir())))]
