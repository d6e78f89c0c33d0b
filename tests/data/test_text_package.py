"""Plays are read out of source distributions that a real pip finds; nothing is executed."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
from pathlib import Path

import pytest

from crossbreed.config.text import Editions
from crossbreed.data.sources import NoSourceError, Origin, fetch_text
from web_server import Serve, Server, closed_port

ARCHIVE = "tiny-plays-1.0.tar.gz"
FOLDER = "tiny-plays-1.0/texts"
PLAYS = {"one.txt": "ACT I.\n\nANNE.\nAy.\n", "two.txt": "ACT I.\n\nBAWD.\n[Exit.] No.\n"}
TEXT = b"Anne:\nAy.\n\nBawd:\nNo.\n"


@pytest.fixture
def archive(tmp_path: Path) -> bytes:
    """Return a source distribution whose setup script would leave a trace."""
    setup = f"open({str(tmp_path / 'executed')!r}, 'w')\nraise SystemExit('executed')\n"
    files = {"tiny-plays-1.0/setup.py": setup}
    files |= {f"{FOLDER}/{name}": play for name, play in PLAYS.items()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            opened.addfile(header, io.BytesIO(content.encode()))
    return packed.getvalue()


def editions(content: bytes, **changes: object) -> Editions:
    """Return the only edition, whose only source is the package, with changes to it."""
    source = {
        "kind": "python_package",
        "package": "tiny-plays",
        "version": "1.0",
        "archive": ARCHIVE,
        "sha256": hashlib.sha256(content).hexdigest(),
        "folder": FOLDER,
        "plays": list(PLAYS),
    }
    edition = {"title": "Tiny plays", "file": "tiny.txt", "sources": [source | changes]}
    edition["sha256"] = hashlib.sha256(TEXT).hexdigest()
    return Editions.model_validate({"prefer": ["tiny"], "editions": {"tiny": edition}})


@pytest.fixture
def serve_archive(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Serve:
    """Give a server of archives and let pip find them in an index of links to it."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())

    def start(answers: dict[str, bytes]) -> Server:
        server = serve(answers)
        write_index(tmp_path, server.source.url)
        return server

    return start


def write_index(folder: Path, url: str) -> None:
    page = folder / "simple" / "tiny-plays" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    names = ("tiny-plays-0.9.tar.gz", ARCHIVE)
    links = "".join(f'<a href="{url}/{name}#sha256=0">{name}</a>' for name in names)
    page.write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")


def test_plays_are_read_and_nothing_is_executed(
    serve_archive: Serve, archive: bytes, tmp_path: Path
) -> None:
    server = serve_archive({f"/{ARCHIVE}": archive})
    target = tmp_path / "data" / "text.txt"
    origin = fetch_text(editions(archive), None, target)
    digest = hashlib.sha256(TEXT).hexdigest()
    assert origin == Origin("tiny", "Tiny plays", digest, "Python package tiny-plays 1.0")
    assert server.asked == [f"/{ARCHIVE}"]
    assert target.read_bytes() == TEXT
    assert not (tmp_path / "executed").exists()


def test_package_of_a_folder_of_the_users_is_read(
    serve_archive: Serve, archive: bytes, tmp_path: Path
) -> None:
    serve_archive({})
    write_index(tmp_path, (tmp_path / "shelf").as_uri())
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / ARCHIVE).write_bytes(archive)
    fetch_text(editions(archive), None, tmp_path / "text.txt")
    assert (tmp_path / "text.txt").read_bytes() == TEXT


def test_what_is_not_the_pinned_content_is_refused(
    serve_archive: Serve, archive: bytes, tmp_path: Path
) -> None:
    serve_archive({f"/{ARCHIVE}": archive})
    assert_refused(editions(archive, sha256="0" * 64), f"{ARCHIVE} has not the SHA-256 0", tmp_path)
    assert_refused(editions(archive, plays=["one.txt"]), "tiny.txt has not the SHA-256 ", tmp_path)
    missing = f"{ARCHIVE}: filename '{FOLDER}/three.txt' not found"
    assert_refused(editions(archive, plays=["three.txt"]), missing, tmp_path)
    setup = editions(archive, folder="tiny-plays-1.0", plays=["setup.py"])
    assert_refused(setup, "a play has no line that begins with ACT", tmp_path)


def test_archive_that_is_none_is_named(serve_archive: Serve, tmp_path: Path) -> None:
    serve_archive({f"/{ARCHIVE}": b"no archive"})
    assert_refused(editions(b"no archive"), f"{ARCHIVE}: not a gzip file", tmp_path)


def test_missing_archive_package_and_index_are_named(
    serve_archive: Serve, archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{serve_archive({}).source.url}/{ARCHIVE}"
    assert_refused(editions(archive), f"404 Client Error: Not Found for url: {url}", tmp_path)
    next_version = editions(archive, archive="tiny-plays-1.1.tar.gz")
    assert_refused(next_version, "pip finds no tiny-plays-1.1.tar.gz", tmp_path)
    shutil.rmtree(tmp_path / "simple" / "tiny-plays")
    reason = "ERROR: No matching distribution found for tiny-plays"
    assert_refused(editions(archive), reason, tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", closed_port().url)
    assert_refused(editions(archive), reason, tmp_path)


def test_missing_pip_is_named(
    archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert_refused(editions(archive), "pip is not installed", tmp_path)


def assert_refused(text: Editions, reason: str, folder: Path) -> None:
    """Check that no text is to be had for a reason, given in one line."""
    beginning = "edition tiny: no source has tiny.txt; Python package tiny-plays 1.0: "
    with pytest.raises(NoSourceError) as caught:
        fetch_text(text, None, folder / "text.txt")
    assert str(caught.value).startswith(beginning + reason)
    assert "\n" not in str(caught.value)
    assert not (folder / "text.txt").exists()
    assert not (folder / "executed").exists()
