"""What README and docs say of the published results is what the results say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[1]
REFERENCE = REPOSITORY / "results" / "reference" / "paper_cpu"
SOURCES = json.loads((REFERENCE / "claims.json").read_text(encoding="utf-8"))


def words_of(markdown: str) -> str:
    """Return a page's text without marks of emphasis and quotation, breaks as spaces."""
    return " ".join(re.sub(r"^>|[*`]", "", markdown, flags=re.MULTILINE).split())


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source["source"]))
def test_the_readme_begins_with_the_answer(source: dict[str, Any]) -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    first_screen = words_of("\n".join(lines[:45]))
    for sentence in source["answer"]:
        assert sentence in first_screen
    assert "results/reference/paper_cpu/crossover/learning_curves.svg" in first_screen
    assert "make study" in first_screen
    assert "make compare" in first_screen


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source["source"]))
def test_the_answer_tells_every_claim(source: dict[str, Any]) -> None:
    page = words_of((REPOSITORY / "docs" / "answer.md").read_text(encoding="utf-8"))
    for sentence in source["answer"]:
        assert sentence in page
    for claim in source["claims"]:
        measured = claim["measured"]
        if claim["interval"] != "none":
            measured += f" ({claim['interval']})"
        row = (claim["statement"], claim["holds if"], measured, claim["runs"], claim["verdict"])
        assert f"| {' | '.join(row)} |" in page
