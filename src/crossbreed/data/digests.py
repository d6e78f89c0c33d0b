"""Know a file by the digest of its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from crossbreed.errors import CrossbreedError


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(path: Path, digest: str) -> None:
    """Refuse a file that has not the content that the configuration wants.

    Raises
    ------
    CrossbreedError
        If its SHA-256 is not `digest`.
    """
    actual = sha256(path)
    if actual != digest:
        raise CrossbreedError(
            f"{path} has SHA-256 {actual[:12]}…, expected {digest[:12]}…; delete it and run again"
        )
