"""Where torch can compile, where it cannot, and what is said then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from crossbreed.jobs import torch_compiler

CACHE = "TORCHINDUCTOR_CACHE_DIR"


@pytest.fixture(autouse=True)
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile nothing, which takes long and is tested elsewhere."""

    def leave(function: Callable[[], str], **_: object) -> Callable[[], str]:
        return function

    monkeypatch.setattr(torch, "compile", leave)


def work() -> str:
    return "done"


@pytest.mark.parametrize("name", ["plain", "new/below", "ü$;{a}#%,=:&(b)*[c]"])
def test_a_cache_that_can_be_used_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path / name))
    assert torch_compiler.compiled(work)() == "done"
    assert os.environ[CACHE] == str(tmp_path / name)


@pytest.mark.parametrize("name", ["a b", "a'b", 'a"b', "a\\b", "a\tb", "file/below"])
def test_any_other_gives_way_to_torchs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE, str(tmp_path / name))
    assert torch_compiler.compiled(work)() == "done"
    assert CACHE not in os.environ


@pytest.mark.parametrize("name", ["a b", "a'b", "a\\b"])
@pytest.mark.parametrize("what", ["torch", "temporary files"])
def test_where_torch_cannot_compile_the_path_is_named(
    monkeypatch: pytest.MonkeyPatch, what: str, name: str
) -> None:
    if what == "torch":
        monkeypatch.setattr(torch, "__file__", f"/{name}/torch/__init__.py")
    else:
        monkeypatch.setattr("tempfile.gettempdir", lambda: f"/{name}")
    refused = torch_compiler.compiled(work)
    with pytest.raises(torch_compiler.FAILURES) as told:
        refused()
    assert f"/{name}" in torch_compiler.reason(told.value)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            RuntimeError("C++ compile error\n\nCommand:\ng++ x\nOutput:\ng++: fatal error: no y\n"),
            0,
        ),
        (RuntimeError("\nno compiler\nmany more lines"), 1),
        (RuntimeError(), 2),
        (PermissionError(13, "Permission denied", "/cache"), 3),
    ],
)
def test_the_reason_is_one_line(error: Exception, told: int) -> None:
    lines = [
        "g++: fatal error: no y",
        "no compiler",
        "RuntimeError",
        "[Errno 13] Permission denied: '/cache'",
    ]
    assert torch_compiler.reason(error) == lines[told]
