"""The device that torch works on."""

from __future__ import annotations

import platform

import torch

from crossbreed.errors import CrossbreedError


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


def device_name(device: str) -> str:
    """Return on what hardware a configured device (auto, cpu, cuda) is."""
    if device != "cpu" and torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return platform.machine()
