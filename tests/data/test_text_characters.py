"""A text is turned into numbers and split, by hand and by the script."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from workflow.scripts.data.prepare_text import prepare_text

from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.data.jobs import PrepareText
from crossbreed.errors import CrossbreedError
from crossbreed.language.text import load_text

TEXT = "O, to be:\nor not?\r\n" * 5


def test_characters_are_numbered_in_ascending_order() -> None:
    assert vocabulary("beab\n") == "\nabe"
    assert encode("beab\n", "\nabe").tolist() == [2, 3, 1, 2, 0]


def test_vocabularies_go_from_two_characters_to_what_a_byte_can_tell_apart() -> None:
    text = "".join(map(chr, range(257)))
    assert [len(vocabulary(text[start:])) for start in (1, 255)] == [256, 2]
    with pytest.raises(CrossbreedError, match="has 257 different characters; 2 to 256 are"):
        vocabulary(text)


def test_part_to_train_on_is_rounded_down() -> None:
    assert [part.tolist() for part in split(np.arange(3, dtype=np.uint8), 0.4)] == [[0], [1, 2]]


def job_for(folder: Path, content: bytes, **changes: object) -> PrepareText:
    """Write a text with its origins, and return what the script is told of it."""
    origin = {"edition": "quarto", "title": "A quarto", "sha256": "0", "source": "a shelf"}
    (folder / "text.txt").write_bytes(content)
    (folder / "origins.json").write_text(json.dumps(origin))
    values: dict[str, object] = {
        "text": folder / "text.txt",
        "origins": folder / "origins.json",
        "train_share": 0.9,
        "block_size": 4,
        "target": folder / "text.safetensors",
        "digests": {"quarto": hashlib.sha256(content).hexdigest()},
    }
    return PrepareText.model_validate(values | changes)


def test_script_prepares_a_text(tmp_path: Path) -> None:
    job = job_for(tmp_path, TEXT.encode())
    prepare_text(job)
    text = load_text(job.target)
    assert (text.edition, text.title) == ("quarto", "A quarto")
    assert text.characters == "\n\r ,:?Obenort"
    written = "".join(text.characters[token] for token in [*text.train, *text.validation])
    assert written == TEXT
    assert len(text.train) == 85
    content = job.target.read_bytes()
    prepare_text(job)
    assert job.target.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "changes", "reason"),
    [
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
    job = job_for(tmp_path, content, **changes)
    with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(job.text))}{reason}"):
        prepare_text(job)
    assert not job.target.exists()


def test_edition_that_is_not_preferred_is_refused(tmp_path: Path) -> None:
    digests = {"folio": hashlib.sha256(TEXT.encode()).hexdigest()}
    job = job_for(tmp_path, TEXT.encode(), digests=digests)
    reason = r"names the edition 'quarto', text\.prefer has only folio; delete it and run again"
    with pytest.raises(CrossbreedError, match=rf"^{re.escape(str(job.origins))} {reason}$"):
        prepare_text(job)
