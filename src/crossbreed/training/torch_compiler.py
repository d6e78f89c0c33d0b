"""Functions compiled by torch, which give way to others where it cannot compile."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import torch

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_CACHE = "TORCHINDUCTOR_CACHE_DIR"


def compiled(
    function: Callable[Arguments, Result], otherwise: Callable[Arguments, Result]
) -> Callable[Arguments, Result]:
    """Return a function that is compiled when it is first called.

    Parameters
    ----------
    function
        What is compiled.
    otherwise
        What is called in its place from the first time that compiling fails, as where there is no
        C++ compiler; a warning says why.
    """
    # Else every job starts Python anew to try the processor's vector instructions out.
    os.environ.setdefault("TORCHINDUCTOR_VEC_ISA_OK", "1")
    if re.search(r"[\s'\"\\]", os.environ.get(_CACHE, "")):
        # torch does not quote it when it calls the compiler, and has a folder of its own without.
        del os.environ[_CACHE]
    fast = torch.compile(function, dynamic=False)
    works = True

    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        nonlocal works
        if works:
            try:
                return fast(*args, **kwargs)
            except (RuntimeError, OSError) as error:
                log.warning("training uncompiled, which is slower: %s", _reason(error))
                works = False
        return otherwise(*args, **kwargs)

    return call


def _reason(error: Exception) -> str:
    """Say in one line why compiling failed."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # The compiler's own words stand below its command.
    compiler_errors = [line for line in lines if "error: " in line]
    return next(iter(compiler_errors + lines), type(error).__name__)
