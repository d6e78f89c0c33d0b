"""Files are fetched from real servers, folders and packages; bad sources are given up."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from crossbreed.config.schema import Data, DebianSource, Files, HttpSource, PinnedFile
from crossbreed.data import download, sources
from crossbreed.data.jobs import Download
from crossbreed.data.sources import NoSourceError, fetch_files
from crossbreed.errors import CrossbreedError
from filesystems import own_mounts
from job_command import ENVIRONMENT, command
from web_server import CLOSE, HANG, Serve, closed_port

CONTENT = {"images": b"pictures of shirts " * 500, "labels": bytes(range(10)) * 30}
PACKED = {f"/{name}.gz": gzip.compress(content) for name, content in CONTENT.items()}


def pin(contents: dict[str, bytes]) -> list[PinnedFile]:
    return [
        PinnedFile(name=name, sha256=hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    ]


FILES = pin(CONTENT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clothes"


def assert_complete(folder: Path) -> None:
    """Check that the folder holds the wanted files, right, and besides its store nothing else."""
    assert {path.name for path in folder.iterdir()} == {*CONTENT, ".verified"}
    for kept in (folder, folder / ".verified"):
        assert {name: (kept / name).read_bytes() for name in CONTENT} == CONTENT


def assert_given_up(
    caplog: pytest.LogCaptureFixture, serve: Serve, folder: Path, bad: HttpSource, reason: str
) -> None:
    """Check that a source is given up for a reason, in one line, and the next has the files."""
    caplog.set_level("INFO", sources.__name__)
    good = serve(PACKED)
    origins = fetch_files(FILES, [bad, good.source], None, folder)
    assert_complete(folder)
    assert set(origins.values()) == {good.source.url}
    _, line, _ = [record.message for record in caplog.records if record.name == sources.__name__]
    assert re.match(rf"{re.escape(bad.url)}: [^\n]*{reason}", line)


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
        pytest.param(None, "404 Client Error: Not Found for url", id="no such file"),
        pytest.param(b"<!DOCTYPE html><p>moved", "images has not the SHA-256 ", id="web page"),
        pytest.param(PACKED["/images.gz"][:-9], "images is damaged or not gzip", id="cut off"),
        pytest.param(HANG, "cannot be reached: .*timed out", id="no answer"),
        pytest.param(CLOSE, "cannot be reached: ", id="connection breaks half way"),
    ],
)
def test_bad_answer_gives_up_the_source(
    serve: Serve, folder: Path, caplog: pytest.LogCaptureFixture, answer: bytes | None, reason: str
) -> None:
    rest = {"/labels.gz": PACKED["/labels.gz"]}
    bad = serve(rest if answer is None else {"/images.gz": answer, **rest})
    assert_given_up(caplog, serve, folder, bad.source, reason)
    assert bad.asked == ["/images.gz"]


@pytest.mark.parametrize(
    ("variable", "value", "url", "reason"),
    [
        ("REQUESTS_CA_BUNDLE", "/no.pem", "https://127.0.0.1", "bundle, invalid path: /no.pem"),
        ("http_proxy", "http://127.0.0.1:1", "http://example.org", "proxy: .*Connection refused"),
        ("http_proxy", "http://[", "http://example.org", "Failed to parse"),
        ("http_proxy", "", "http://a..b", "label empty or too long"),
    ],
    ids=["certificates", "proxy away", "no proxy's address", "no address"],
)
def test_settings_that_keep_a_source_from_being_asked(
    serve: Serve,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    url: str,
    reason: str,
) -> None:
    monkeypatch.setenv(variable, value)
    assert_given_up(caplog, serve, folder, HttpSource(kind="http", url=url), reason)


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
    monkeypatch.setattr(download, "TRIES", 2)
    with pytest.raises(NoSourceError):
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


def test_message_names_files_and_sources_with_reasons(serve: Serve, folder: Path) -> None:
    absent, away, mirror = serve({}), closed_port(), folder.parent
    (mirror / "images").write_bytes(b"not these")
    with pytest.raises(NoSourceError) as caught:
        fetch_files(FILES, [absent.source, away], mirror, folder)
    assert str(caught.value) == (
        "no source has images, labels; "
        f"folder {mirror}: images has not the SHA-256 {FILES[0].sha256[:12]}…; "
        f"{absent.source.url}: 404 Client Error: Not Found for url: "
        f"{absent.source.url}/images.gz; "
        f"{away.url}: cannot be reached: [Errno 111] Connection refused"
    )
    assert not folder.exists()


def test_verified_files_are_kept_until_their_replacement_is_whole(
    serve: Serve, folder: Path
) -> None:
    half = serve({"/images.gz": PACKED["/images.gz"]})
    with pytest.raises(NoSourceError, match=r"^no source has labels; "):
        fetch_files(FILES, [half.source], None, folder)
    assert [path.name for path in folder.iterdir()] == [".verified"]
    # A download of other content fails, and the next one of the first content goes on.
    with pytest.raises(NoSourceError, match=r"^no source has images; "):
        fetch_files(pin({"images": b"other shirts"}), [half.source], None, folder)
    server = serve(PACKED)
    origins = fetch_files(FILES, [server.source], None, folder)
    assert_complete(folder)
    assert server.asked == ["/labels.gz"]
    assert origins == {"images": half.source.url, "labels": server.source.url}


def test_damaged_copies_are_made_again(serve: Serve, folder: Path) -> None:
    server = serve(PACKED)
    fetch_files(FILES, [server.source], None, folder)
    # Snakemake deletes what a job has declared, before the job and after it has failed.
    (folder / "images").unlink()
    (folder / "labels").write_bytes(b"spoilt")
    fetch_files(FILES, [closed_port()], None, folder)
    assert_complete(folder)
    (folder / ".verified" / "images").write_bytes(CONTENT["images"][:-1])
    fetch_files(FILES, [server.source], None, folder)
    assert_complete(folder)
    assert server.asked == ["/images.gz", "/labels.gz", "/images.gz"]


def test_folder_in_the_place_of_a_file_is_named(serve: Serve, folder: Path) -> None:
    (folder / "images" / "inside").mkdir(parents=True)
    with pytest.raises(CrossbreedError, match=r"clothes/images cannot be written: Is a directory$"):
        fetch_files(FILES, [serve(PACKED).source], None, folder)


def test_full_disk_is_named_and_leaves_no_half_file(serve: Serve, folder: Path) -> None:
    names = ("train_images", "train_labels", "test_images", "test_labels")
    content = dict.fromkeys(names, CONTENT["labels"])
    content["test_images"] = np.random.default_rng(1).bytes(300_000)
    server = serve({f"/{name}.gz": gzip.compress(data) for name, data in content.items()})
    job = Download(
        files=Files(**{file.name: file for file in pin(content)}),
        sources=[server.source],
        data=Data(mirror=None),
        folder=folder,
        origins=folder.parent / "origins.json",
    )
    folder.mkdir()
    with own_mounts() as mounts:
        mounts.small(folder, 200_000)
        finished = mounts.run(command(job), ENVIRONMENT)
        path = rf"{re.escape(str(folder))}/\.verified/test_images"
        last = finished.stderr.splitlines()[-1]
        assert re.fullmatch(rf"download: {path} cannot be written: No space left on device", last)
        kept = mounts.inside(folder) / ".verified"
        assert {path.name for path in kept.iterdir()} == {*names[:2], ".origins.json"}
        mounts.enlarge(folder, 2_000_000)
        finished = mounts.run(command(job), ENVIRONMENT)
        assert finished.returncode == 0, finished.stderr
        assert {name: (kept.parent / name).read_bytes() for name in content} == content
        assert server.asked.count("/train_images.gz") == 1
        assert job.origins.read_text().count(server.source.url) == 4


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
        (":", "has neither images nor images.gz"),
        ("echo this is none > broken.deb", "dpkg-deb: error: .* is not a Debian format archive"),
    ],
)
def test_failing_package_client_says_why(
    monkeypatch: pytest.MonkeyPatch, folder: Path, on_download: str, reason: str
) -> None:
    put_client(monkeypatch, folder.parent, on_download)
    with pytest.raises(NoSourceError, match=rf"Debian package dataset-clothes: {reason}$"):
        fetch_files(FILES, [DEBIAN], None, folder)


def test_missing_package_client_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder.parent))
    with pytest.raises(NoSourceError, match=r"dataset-clothes: .*No such file.*: 'apt-get'$"):
        fetch_files(FILES, [DEBIAN], None, folder)
