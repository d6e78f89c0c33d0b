from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossbreed.data import download
from web_server import Serve, servers


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Give a function that starts a web server; downloads try once, and wait a second."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(download, "TRIES", 1)
    with servers() as start:
        yield start
