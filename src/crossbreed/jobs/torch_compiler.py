"""Functions compiled by torch, and why one could not be."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, ParamSpec, TypeVar

import torch

Given = ParamSpec("Given")
Made = TypeVar("Made")

_CACHE = "TORCHINDUCTOR_CACHE_DIR"
# What a compiled function raises where there is no compiler, or it fails.
FAILURES = (RuntimeError, OSError)


def compiled(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """Return a function that is compiled when it is first called, which may raise `FAILURES`."""
    # Else every job starts Python anew to try the processor's vector instructions out.
    os.environ.setdefault("TORCHINDUCTOR_VEC_ISA_OK", "1")
    if _CACHE in os.environ and not _usable(Path(os.environ[_CACHE])):
        # torch then keeps its own among temporary files.
        del os.environ[_CACHE]
    for path in (Path(torch.__file__).parent, Path(tempfile.gettempdir())):
        if not _fits(path):
            # The compiler would come to the same, after half a minute in each job.
            return _refusal(
                f"{path}: torch cannot compile there, for spaces, quotes or backslashes"
            )
    return torch.compile(function, dynamic=False)


def reason(error: Exception) -> str:
    """Say in one line why compiling failed.

    Parameters
    ----------
    error
        One of `FAILURES`.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # The compiler's own words stand below its command.
    said = [line for line in lines if "error: " in line]
    return next(iter(said + lines), type(error).__name__)


def _usable(cache: Path) -> bool:
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return _fits(cache) and os.access(cache, os.W_OK)


def _fits(path: Path) -> bool:
    """Tell whether a path survives torch's command to the compiler, in which it is not quoted."""
    return not re.search(r"[\s'\"\\]", str(path))


def _refusal(why: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(why)

    return refuse
