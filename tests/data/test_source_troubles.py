"""Any trouble of a source is its own: it is told with its cause, and the next source is asked."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from crossbreed.config.schema import DebianSource, HttpSource, PinnedFile
from crossbreed.data import sources
from crossbreed.data.sources import NoSourceError, fetch_files
from crossbreed.errors import CrossbreedError
from web_server import Serve, Server, closed_port

CONTENT = b"pictures of shirts " * 50
SERVED = {"/images.gz": gzip.compress(CONTENT)}


def pin(content: bytes) -> list[PinnedFile]:
    return [PinnedFile(name="images", sha256=hashlib.sha256(content).hexdigest())]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clothes"


@pytest.fixture
def good(serve: Serve) -> Server:
    return serve(SERVED)


def assert_next_is_asked(
    folder: Path,
    bad: HttpSource | DebianSource | Path,
    good: Server,
    caplog: pytest.LogCaptureFixture,
    reason: str,
) -> None:
    """Check that a source is given up for a reason, in one line, and the next one has the file."""
    caplog.set_level("INFO", sources.__name__)
    mirror, before = (bad, []) if isinstance(bad, Path) else (None, [bad])
    origins = fetch_files(pin(CONTENT), [*before, good.source], mirror, folder)
    assert origins == {"images": good.source.url}
    assert (folder / "images").read_bytes() == CONTENT
    lines = [record.getMessage() for record in caplog.records if record.name == sources.__name__]
    assert len(lines) == 3
    assert reason in lines[1]
    assert "\n" not in lines[1]


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        ("missing.pem", "suitable TLS CA certificate bundle, invalid path: "),
        ("garbage.pem", "cannot be reached: [X509: NO_CERTIFICATE_OR_CRL_FOUND]"),
        ("empty.pem", "cannot be reached: [X509: NO_CERTIFICATE_OR_CRL_FOUND]"),
    ],
)
def test_certificates_that_cannot_be_read(
    folder: Path,
    good: Server,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    bundle: str,
    reason: str,
) -> None:
    (folder.parent / "garbage.pem").write_text("garbage")
    (folder.parent / "empty.pem").touch()
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(name, str(folder.parent / bundle))
    bad = HttpSource(kind="http", url=good.source.url.replace("http:", "https:"))
    assert_next_is_asked(folder, bad, good, caplog, reason)


@pytest.mark.parametrize(
    ("proxy", "url", "reason"),
    [
        ("http://[", "http://example.org", "cannot be reached: Failed to parse: '['"),
        ("socks5://127.0.0.1", "http://example.org", "Missing dependencies for SOCKS support"),
        ("http://127.0.0.1:1", "http://example.org", "through the proxy: Connection refused"),
        (None, "http://a..b", "cannot be reached: label empty or too long"),
        (None, "http://*.org", "cannot be reached: URL has an invalid label"),
    ],
)
def test_addresses_and_proxies_of_nonsense(
    folder: Path,
    good: Server,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    proxy: str | None,
    url: str,
    reason: str,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    if proxy:
        monkeypatch.setenv("http_proxy", proxy)
    assert_next_is_asked(folder, HttpSource(kind="http", url=url), good, caplog, reason)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/proc/self/mem", "images cannot be read: Input/output error"),
        ("nowhere", "images is no file, or a link that leads to none"),
        ("images", "images is no file, or a link that leads to none"),
        (".", "images is no file, or a link that leads to none"),
    ],
    ids=["unreadable", "broken link", "circle", "folder"],
)
def test_files_of_a_mirror_that_cannot_be_read(
    folder: Path, good: Server, caplog: pytest.LogCaptureFixture, target: str, reason: str
) -> None:
    (folder.parent / "images").symlink_to(target)
    assert_next_is_asked(folder, folder.parent, good, caplog, reason)


@pytest.mark.parametrize(
    ("mirror", "reason"),
    [("m" * 256, "File name too long"), ("file", "has neither images nor images.gz")],
)
def test_mirrors_that_are_no_folder(
    folder: Path, good: Server, caplog: pytest.LogCaptureFixture, mirror: str, reason: str
) -> None:
    (folder.parent / "file").touch()
    assert_next_is_asked(folder, folder.parent / mirror, good, caplog, reason)


@pytest.mark.parametrize(
    ("client", "mode", "reason"),
    [
        ("#!/bin/sh\n", 0o644, "apt-get: Permission denied"),
        ("#!/nowhere\n", 0o755, "apt-get is not installed"),
        ("", 0o755, "apt-get: Exec format error"),
        ("#!/bin/sh\nprintf 'E: \\351\\n' >&2; exit 1\n", 0o755, "E: \N{REPLACEMENT CHARACTER}"),
    ],
    ids=["not executable", "no interpreter", "no program", "message in Latin-1"],
)
def test_package_clients_that_cannot_be_run(
    folder: Path,
    good: Server,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    client: str,
    mode: int,
    reason: str,
) -> None:
    (folder.parent / "apt-get").write_text(client)
    (folder.parent / "apt-get").chmod(mode)
    monkeypatch.setenv("PATH", str(folder.parent))
    bad = DebianSource(kind="debian", package="dataset-clothes", folder="usr/share/clothes")
    assert_next_is_asked(folder, bad, good, caplog, reason)


def test_verified_files_outlast_a_download_that_fails(folder: Path, good: Server) -> None:
    # Snakemake deletes what the job has declared, before the job and after it has failed.
    assert fetch_files(pin(CONTENT), [good.source], None, folder) == {"images": good.source.url}
    (folder / "images").unlink()
    (folder / ".verified" / "download-killed").mkdir()
    with pytest.raises(NoSourceError, match=r"^no source has images; "):
        fetch_files(pin(b"other shirts"), [closed_port(), good.source], None, folder)
    good.asked.clear()
    origins = fetch_files(pin(CONTENT), [closed_port(), good.source], None, folder)
    assert origins == {"images": good.source.url}
    assert (folder / "images").read_bytes() == CONTENT
    assert good.asked == []
    kept = {path.name for path in (folder / ".verified").iterdir()}
    assert kept == {"images", ".origins.json"}
    # Nor is a copy asked for that somebody has written into.
    (folder / "images").write_bytes(b"spoilt")
    fetch_files(pin(CONTENT), [good.source], None, folder)
    assert (folder / "images").read_bytes() == CONTENT
    assert good.asked == []


def test_folder_in_the_place_of_a_file_is_named(folder: Path, good: Server) -> None:
    (folder / "images" / "inside").mkdir(parents=True)
    with pytest.raises(CrossbreedError, match=r"clothes/images cannot be written: Is a directory$"):
        fetch_files(pin(CONTENT), [good.source], None, folder)
