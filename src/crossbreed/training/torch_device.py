"""The device that torch works on, and how it works on a processor."""

from __future__ import annotations

import ctypes
import platform
import time
from collections.abc import Callable

import torch

from crossbreed.errors import CrossbreedError

# Parameters of glibc's mallopt.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 1 << 30


def prepare_processor(threads: int) -> None:
    """Set torch up for training in this process, with so many CPU threads."""
    torch.set_num_threads(threads)
    # Adam's moments of inputs that are seldom or never there decay into denormal numbers, which
    # slow the processor down.
    torch.set_flush_denormal(True)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Use freed memory again, rather than have the system clear new pages at every step."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if platform.system() == "Linux" else None
    if mallopt:
        mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)


def choose_device(device: str, key: str) -> torch.device:
    """Return the device that the configuration asks for; auto: CUDA if the job sees a GPU.

    Parameters
    ----------
    device
        auto, cpu or cuda.
    key
        The configuration's key, for the message.

    Raises
    ------
    CrossbreedError
        If CUDA is asked for and absent.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise CrossbreedError(f"{key} = 'cuda': this job sees no GPU; use auto or cpu")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def clock(device: torch.device, threads: int) -> Callable[[], float]:
    """Return what tells the seconds of a computation, of which differences are taken.

    On one thread of a processor it is that processor's time, which other jobs beside hardly
    lengthen; else the time that goes by.
    """
    return time.process_time if device.type == "cpu" and threads == 1 else time.perf_counter


def mixed_precision(device: torch.device, mixed: bool) -> torch.autocast:
    """Return a context in which products are of bfloat16 (Micikevicius 2018, arXiv:1710.03740).

    What is summed or stored stays float32, as do weights and gradients. bfloat16 has float32's
    range, so that losses need no scaling.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=mixed)


def device_name(device: str) -> str:
    """Return on what hardware a configured device (auto, cpu, cuda) is."""
    if device != "cpu" and torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return platform.machine()
