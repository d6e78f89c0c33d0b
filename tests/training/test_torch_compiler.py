"""Where torch cannot compile, training goes on and the log says why."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from crossbreed.training.torch_compiler import compiled

CACHE = "TORCHINDUCTOR_CACHE_DIR"


def compiling(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    """Compile nothing, which takes long and is tested elsewhere; raise when it is called."""

    def leave(function: Callable[[], str], **_: object) -> Callable[[], str]:
        def call() -> str:
            if error:
                raise error
            return function()

        return call

    monkeypatch.setattr(torch, "compile", leave)


@pytest.mark.parametrize(("name", "kept"), [("plain", True), ("a b", False), ("a'b", False)])
def test_a_cache_that_torch_cannot_name_gives_way_to_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kept: bool
) -> None:
    compiling(monkeypatch)
    monkeypatch.setenv(CACHE, str(tmp_path / name))
    assert compiled(lambda: "fast", otherwise=lambda: "slow")() == "fast"
    assert (CACHE in os.environ) == kept


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            RuntimeError("C++ compile error\n\nCommand:\ng++ x\nOutput:\ng++: fatal error: no y\n"),
            "g++: fatal error: no y",
        ),
        (RuntimeError("\nno compiler\nmany more lines"), "no compiler"),
        (PermissionError(13, "Permission denied", "/c"), "[Errno 13] Permission denied: '/c'"),
    ],
)
def test_failing_is_told_once_and_in_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, reason: str
) -> None:
    compiling(monkeypatch, error)
    call = compiled(lambda: "fast", otherwise=lambda: "slow")
    with caplog.at_level(logging.WARNING):
        assert [call(), call()] == ["slow", "slow"]
    assert caplog.messages == [f"training uncompiled, which is slower: {reason}"]
