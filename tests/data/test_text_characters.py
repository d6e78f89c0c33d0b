"""A text is turned into numbers and split, by hand and by the script."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow.scripts.data.prepare_text import prepare_text

from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.data.jobs import PrepareText
from crossbreed.errors import CrossbreedError
from crossbreed.language.text import load_text
from job_command import run

TEXT = "O, to be:\nor not?\r\n" * 5


@given(st.text(st.characters(max_codepoint=255)))
def test_text_is_found_again(beginning: str) -> None:
    text = beginning + "ab"
    characters = vocabulary(text)
    assert list(characters) == sorted(set(text))
    tokens = encode(text, characters)
    assert tokens.dtype == np.uint8
    assert "".join(characters[token] for token in tokens) == text
    train, validation = split(tokens, 0.5)
    assert len(train) == len(text) // 2
    assert np.array_equal(np.concatenate([train, validation]), tokens)


def test_characters_are_numbered_in_ascending_order() -> None:
    assert vocabulary("beab\n") == "\nabe"
    assert encode("beab\n", "\nabe").tolist() == [2, 3, 1, 2, 0]


def test_vocabularies_go_from_two_characters_to_what_a_byte_can_tell_apart() -> None:
    text = "".join(map(chr, range(257)))
    assert [len(vocabulary(text[start:])) for start in (1, 255)] == [256, 2]
    for refused, count in ((text, 257), ("aaaa", 1), ("", 0)):
        with pytest.raises(CrossbreedError, match=f"has {count} different characters; 2 to 256 a"):
            vocabulary(refused)


@pytest.mark.parametrize("share", [0.3, 0.999])
def test_empty_part_is_refused(share: float) -> None:
    assert [len(part) for part in split(np.zeros(3, np.uint8), 0.4)] == [1, 2]
    tokens = np.zeros(3 if share < 0.5 else 1, np.uint8)
    with pytest.raises(CrossbreedError, match=rf"^text\.train_share = {share}: leaves nothing"):
        split(tokens, share)


def describe(folder: Path, content: bytes, **changes: object) -> dict[str, object]:
    """Write a text with its origins, and return what the script is told of it."""
    origin = {"edition": "quarto", "title": "A quarto", "sha256": "0", "source": "a shelf"}
    (folder / "text.txt").write_bytes(content)
    (folder / "origins.json").write_text(json.dumps(origin))
    task: dict[str, object] = {
        "text": str(folder / "text.txt"),
        "origins": str(folder / "origins.json"),
    }
    task |= {"train_share": 0.9, "block_size": 4, "target": str(folder / "text.safetensors")}
    return {**task, "digests": {"quarto": hashlib.sha256(content).hexdigest()}, **changes}


def prepare(folder: Path, content: bytes) -> subprocess.CompletedProcess[str]:
    return run(PrepareText.model_validate(describe(folder, content)))


def test_script_prepares_a_text(tmp_path: Path) -> None:
    finished = prepare(tmp_path, TEXT.encode())
    assert finished.returncode == 0, finished.stderr
    text = load_text(tmp_path / "text.safetensors")
    assert (text.edition, text.title) == ("quarto", "A quarto")
    assert text.characters == "\n\r ,:?Obenort"
    written = "".join(text.characters[token] for token in [*text.train, *text.validation])
    assert written == TEXT
    assert len(text.train) == 85
    digest = hashlib.sha256((tmp_path / "text.safetensors").read_bytes()).digest()
    prepare(tmp_path, TEXT.encode())
    assert hashlib.sha256((tmp_path / "text.safetensors").read_bytes()).digest() == digest


def test_script_refuses_what_is_no_text(tmp_path: Path) -> None:
    finished = prepare(tmp_path, b"\xff\xfe")
    assert finished.returncode == 1
    assert finished.stderr == f"prepare_text: {tmp_path}/text.txt is not text in UTF-8\n"


@pytest.mark.parametrize(
    ("content", "changes", "reason"),
    [
        (b"", {}, r": the text has 0 different characters; 2 to 256"),
        (b"a" * 100, {}, r": the text has 1 different characters; 2 to 256"),
        (b"a" * 95 + b"bcdef", {}, r": the train part .* is the same character 90 times; "),
        (b"abcd" * 22 + b"abaaaaaaaaaa", {}, r": the validation part .* same character 10 times"),
        (
            b"abcde" * 20,
            {"block_size": 10},
            r": language\.block_size = 10: must be less than the 10",
        ),
        (b"ab", {"train_share": 0.1}, r": text\.train_share = 0\.1: leaves nothing to train"),
        (b"\xff\xfea\0b\0", {}, " is not text in UTF-8"),
        (
            TEXT.encode(),
            {"digests": {"quarto": "0" * 64}},
            r" has SHA-256 \w{12}…, expected 0{12}…; ",
        ),
    ],
)
def test_text_that_teaches_nothing_or_is_another_is_refused(
    tmp_path: Path, content: bytes, changes: dict[str, object], reason: str
) -> None:
    task = PrepareText.model_validate(describe(tmp_path, content, **changes))
    with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(task.text))}{reason}"):
        prepare_text(task)
    assert not task.target.exists()


def test_edition_that_is_not_preferred_is_refused(tmp_path: Path) -> None:
    editions = {"folio": hashlib.sha256(TEXT.encode()).hexdigest()}
    task = PrepareText.model_validate(describe(tmp_path, TEXT.encode(), digests=editions))
    reason = r"names the edition 'quarto', text\.prefer has only folio; delete it and run again"
    with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(task.origins))} {reason}$"):
        prepare_text(task)
