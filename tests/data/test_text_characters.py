"""A text is turned into numbers and split, by hand and by the script."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.errors import CrossbreedError
from crossbreed.language.text import load_text
from crossbreed.plan import told
from repository import REPOSITORY

TEXT = "O, to be:\nor not?\r\n" * 5


@given(st.text(st.characters(max_codepoint=255)), st.text("ab", min_size=2))
def test_text_is_found_again(beginning: str, end: str) -> None:
    text = beginning + end
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


def test_more_characters_than_a_byte_can_tell_apart_are_refused() -> None:
    text = "".join(map(chr, range(257)))
    assert len(vocabulary(text[1:])) == 256
    with pytest.raises(CrossbreedError, match="has 257 different characters; at most 256 are all"):
        vocabulary(text)


@pytest.mark.parametrize("share", [0.3, 0.999])
def test_empty_part_is_refused(share: float) -> None:
    assert [len(part) for part in split(np.zeros(3, np.uint8), 0.4)] == [1, 2]
    tokens = np.zeros(3 if share < 0.5 else 1, np.uint8)
    with pytest.raises(CrossbreedError, match=rf"^text\.train_share = {share}: leaves nothing"):
        split(tokens, share)


def prepare(folder: Path, content: bytes) -> subprocess.CompletedProcess[str]:
    origin = {"edition": "quarto", "title": "A quarto", "sha256": "0", "source": "a shelf"}
    (folder / "text.txt").write_bytes(content)
    (folder / "origins.json").write_text(json.dumps(origin))
    return subprocess.run(
        [
            sys.executable,
            REPOSITORY / "workflow/scripts/prepare_text.py",
            *told(text=str(folder / "text.txt"), origins=str(folder / "origins.json")),
            *told(train_share=0.9, target=str(folder / "text.safetensors")),
        ],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


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
