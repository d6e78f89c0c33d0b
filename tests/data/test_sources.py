"""Data sets are fetched from real servers, folders and packages; bad ones are given up."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from crossbreed.config.schema import Data, DebianSource, Files, PinnedFile
from crossbreed.data import sources
from crossbreed.data.jobs import Download
from crossbreed.data.sources import fetch_files
from crossbreed.errors import CrossbreedError
from filesystems import own_mounts
from job_command import ENVIRONMENT, command
from web_server import CLOSE, HANG, STALL, Serve, closed_port

CONTENT = {"images": b"pictures of shirts " * 500, "labels": bytes(range(10)) * 30}
FILES = [
    PinnedFile(name=name, sha256=hashlib.sha256(data).hexdigest()) for name, data in CONTENT.items()
]
PACKED = {f"/{name}.gz": gzip.compress(content) for name, content in CONTENT.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clothes"


def assert_complete(folder: Path) -> None:
    """Check that the folder holds the wanted files, right, and besides its store nothing else."""
    names = {path.name for path in folder.iterdir()}
    assert names == {*CONTENT, ".verified"}
    for kept in (folder, folder / ".verified"):
        assert {name: (kept / name).read_bytes() for name in CONTENT} == CONTENT


def assert_nothing_final(folder: Path) -> None:
    """Check that no file has its final name and that no scratch is left."""
    assert [path.name for path in folder.iterdir()] == [".verified"]
    assert {path.name for path in (folder / ".verified").glob("[!.]*")} <= set(CONTENT)


def test_files_are_fetched_verified_and_unpacked(serve: Serve, folder: Path) -> None:
    first, second = serve(PACKED), serve(PACKED)
    origins = fetch_files(FILES, [first.source, second.source], None, folder)
    assert_complete(folder)
    assert origins == {"images": first.source.url, "labels": first.source.url}
    assert first.asked == ["/images.gz", "/labels.gz"]
    assert second.asked == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(gzip.compress(b"other shirts"), "images has SHA-256 ", id="other content"),
        pytest.param(None, "404", id="no such file"),
        pytest.param(b"<!DOCTYPE html><p>moved", "images has SHA-256 ", id="web page"),
        pytest.param(PACKED["/images.gz"][:-9], "damaged or not gzip", id="cut off"),
        pytest.param(PACKED["/images.gz"][:3], "damaged or not gzip", id="cut off in header"),
        pytest.param(b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 9, "damaged", id="bad deflate"),
        pytest.param(b"", "images has SHA-256 ", id="empty"),
        pytest.param(HANG, "did not answer within 1 s", id="no answer"),
        pytest.param(STALL, "cannot be reached", id="answer stops half way"),
        pytest.param(CLOSE, "cannot be reached", id="connection breaks half way"),
    ],
)
def test_bad_answer_gives_up_the_source(
    serve: Serve, folder: Path, caplog: pytest.LogCaptureFixture, answer: bytes | None, reason: str
) -> None:
    caplog.set_level("INFO", sources.__name__)
    rest = {"/labels.gz": PACKED["/labels.gz"]}
    bad = serve(rest if answer is None else {"/images.gz": answer, **rest})
    good = serve(PACKED)
    origins = fetch_files(FILES, [bad.source, good.source], None, folder)
    assert_complete(folder)
    assert origins == {"images": good.source.url, "labels": good.source.url}
    assert bad.asked == ["/images.gz"]
    assert reason in caplog.text


def test_server_that_calls_packing_an_encoding_is_understood(serve: Serve, folder: Path) -> None:
    # Apache's usual settings do so for `.gz`, and HTTP clients then unpack by themselves.
    server = serve(PACKED)
    server.encoding = "x-gzip"
    fetch_files(FILES, [server.source], None, folder)
    assert_complete(folder)


def test_next_source_is_asked_only_for_what_is_missing(serve: Serve, folder: Path) -> None:
    first, second = serve({"/images.gz": PACKED["/images.gz"]}), serve(PACKED)
    origins = fetch_files(FILES, [closed_port(), first.source, second.source], None, folder)
    assert_complete(folder)
    assert second.asked == ["/labels.gz"]
    assert origins == {"images": first.source.url, "labels": second.source.url}


def test_failed_request_is_tried_again(
    serve: Serve, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve({})
    monkeypatch.setattr(sources, "TRIES", 2)
    with pytest.raises(CrossbreedError):
        fetch_files(FILES[:1], [server.source], None, folder)
    assert server.asked == ["/images.gz"] * 2


def test_mirror_is_asked_first_for_plain_and_packed_files(serve: Serve, folder: Path) -> None:
    mirror = folder.parent / "mirror"
    mirror.mkdir()
    (mirror / "images").write_bytes(CONTENT["images"])
    (mirror / "labels.gz").write_bytes(PACKED["/labels.gz"])
    server = serve(PACKED)
    origins = fetch_files(FILES, [server.source], mirror, folder)
    assert_complete(folder)
    assert origins == {"images": f"folder {mirror}", "labels": f"folder {mirror}"}
    assert server.asked == []
    assert sorted(path.name for path in mirror.iterdir()) == ["images", "labels.gz"]


def test_mirror_with_other_content_is_given_up(serve: Serve, folder: Path) -> None:
    (folder.parent / "images").write_bytes(b"not these")
    server = serve(PACKED)
    origins = fetch_files(FILES, [server.source], folder.parent, folder)
    assert_complete(folder)
    assert set(origins.values()) == {server.source.url}


def test_message_names_files_and_sources_with_reasons(serve: Serve, folder: Path) -> None:
    wrong, absent = serve({"/images.gz": gzip.compress(b"no")}), serve({})
    away, mirror = closed_port(), folder.parent / "mirror"
    with pytest.raises(CrossbreedError) as caught:
        fetch_files(FILES, [wrong.source, absent.source, away], mirror, folder)
    found, wanted = hashlib.sha256(b"no").hexdigest()[:12], FILES[0].sha256[:12]
    assert str(caught.value) == (
        "no source has images, labels; "
        f"folder {mirror}: has neither images nor images.gz; "
        f"{wrong.source.url}: images has SHA-256 {found}…, expected {wanted}…; "
        f"{absent.source.url}: 404 Client Error: Not Found for url: "
        f"{absent.source.url}/images.gz; "
        f"{away.url}: cannot be reached: Connection refused"
    )
    assert_nothing_final(folder)


def test_verified_files_are_not_fetched_again(serve: Serve, folder: Path) -> None:
    half = serve({"/images.gz": PACKED["/images.gz"]})
    with pytest.raises(CrossbreedError, match=r"^no source has labels; "):
        fetch_files(FILES, [half.source], None, folder)
    assert_nothing_final(folder)
    server = serve(PACKED)
    origins = fetch_files(FILES, [server.source], None, folder)
    assert_complete(folder)
    assert server.asked == ["/labels.gz"]
    assert origins == {"images": half.source.url, "labels": server.source.url}


def test_damaged_file_of_an_earlier_download_is_fetched_again(serve: Serve, folder: Path) -> None:
    (folder / ".verified").mkdir(parents=True)
    (folder / ".verified" / "images").write_bytes(CONTENT["images"][:-1])
    server = serve(PACKED)
    fetch_files(FILES, [server.source], None, folder)
    assert_complete(folder)
    assert server.asked == ["/images.gz", "/labels.gz"]


@pytest.mark.parametrize("fetching", [True, False], ids=["fetching", "unpacking"])
def test_full_disk_is_named_and_leaves_no_half_file(
    serve: Serve, folder: Path, fetching: bool
) -> None:
    # What packs well is fetched whole and has no room unpacked.
    big = np.random.default_rng(1).bytes(300_000) if fetching else bytes(300_000)
    content = {"train_images": CONTENT["images"], "train_labels": CONTENT["labels"]}
    content |= {"test_images": big, "test_labels": CONTENT["labels"][:100]}
    pinned = {
        kind: PinnedFile(name=kind, sha256=hashlib.sha256(data).hexdigest())
        for kind, data in content.items()
    }
    server = serve({f"/{name}.gz": gzip.compress(data) for name, data in content.items()})
    origins = folder.parent / "origins.json"
    download = command(
        Download(
            files=Files(**pinned),
            sources=[server.source],
            data=Data(mirror=None),
            folder=folder,
            origins=origins,
        )
    )
    folder.mkdir()
    with own_mounts() as mounts:
        mounts.small(folder, 200_000)
        finished = mounts.run(download, ENVIRONMENT)
        assert finished.returncode == 1
        assert "Traceback" not in finished.stderr
        last = finished.stderr.splitlines()[-1]
        name = r"download-\w+" if fetching else "test_images"
        path = rf"{re.escape(str(folder))}/\.verified/{name}"
        assert re.fullmatch(rf"download: {path} cannot be written: No space left on device", last)
        # Nothing but what is whole and verified.
        seen = mounts.inside(folder)
        assert [path.name for path in seen.iterdir()] == [".verified"]
        kept = {path.name: path.read_bytes() for path in (seen / ".verified").glob("[!.]*")}
        assert kept == {name: content[name] for name in ("train_images", "train_labels")}
        assert not origins.exists()
        mounts.enlarge(folder, 2_000_000)
        finished = mounts.run(download, ENVIRONMENT)
        assert finished.returncode == 0, finished.stderr
        assert {name: (seen / name).read_bytes() for name in content} == content
        assert server.asked.count("/train_images.gz") == 1
        assert origins.read_text().count(server.source.url) == 4


DEBIAN = DebianSource(kind="debian", package="dataset-clothes", folder="usr/share/clothes")


def build_package(folder: Path) -> Path:
    """Build a real package that holds one file plain and one packed."""
    tree, built = folder / "tree", folder / "dataset-clothes_1_all.deb"
    (tree / "DEBIAN").mkdir(mode=0o755, parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: dataset-clothes\nVersion: 1\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@example.org>\nDescription: two tiny files\n"
    )
    (tree / DEBIAN.folder).mkdir(parents=True)
    (tree / DEBIAN.folder / "images.gz").write_bytes(PACKED["/images.gz"])
    (tree / DEBIAN.folder / "labels").write_bytes(CONTENT["labels"])
    subprocess.run(["dpkg-deb", "--build", tree, built], check=True, stdout=subprocess.DEVNULL)
    return built


def put_client(monkeypatch: pytest.MonkeyPatch, folder: Path, on_download: str) -> Path:
    """Put an `apt-get` that needs no network first on PATH; return the list of its calls."""
    client, calls = folder / "bin" / "apt-get", folder / "calls"
    client.parent.mkdir()
    client.write_text(
        f"#!/bin/sh\nfor last; do :; done\necho $last >> {calls}\n"
        f"if [ $last = dataset-clothes ]; then {on_download}; fi\n"
    )
    client.chmod(0o755)
    monkeypatch.setenv("PATH", str(client.parent), prepend=":")
    return calls


def test_package_is_fetched_once(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    calls = put_client(monkeypatch, folder.parent, f"cp {build_package(folder.parent)} .")
    origins = fetch_files(FILES, [DEBIAN], None, folder)
    assert_complete(folder)
    assert set(origins.values()) == {"Debian package dataset-clothes"}
    assert calls.read_text().split() == ["update", "dataset-clothes"]


@pytest.mark.parametrize(
    ("on_download", "reason"),
    [
        ("echo 'E: Unable to locate package' >&2; exit 100", "E: Unable to locate package"),
        ("exit 1", "apt-get failed"),
        (":", "the package client fetched nothing"),
        ("echo this is none > broken.deb", "dpkg-deb: error: .* is not a Debian format archive"),
    ],
)
def test_failing_package_client_says_why(
    monkeypatch: pytest.MonkeyPatch, folder: Path, on_download: str, reason: str
) -> None:
    put_client(monkeypatch, folder.parent, on_download)
    with pytest.raises(CrossbreedError, match=rf"Debian package dataset-clothes: {reason}$"):
        fetch_files(FILES, [DEBIAN], None, folder)
    assert_nothing_final(folder)


def test_missing_package_client_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder.parent))
    with pytest.raises(CrossbreedError, match=r"dataset-clothes: apt-get is not installed$"):
        fetch_files(FILES, [DEBIAN], None, folder)
    put_client(monkeypatch, folder.parent, "echo > one.deb")
    with pytest.raises(CrossbreedError, match=r"dataset-clothes: dpkg-deb is not installed$"):
        fetch_files(FILES, [DEBIAN], None, folder)
