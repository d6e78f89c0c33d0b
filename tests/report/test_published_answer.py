"""What README and docs show of the published results is what the results say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crossbreed.documentation.published import fill
from repository import CONFIG, REPOSITORY

SOURCES = sorted(path.stem for path in (CONFIG / "claims").glob("*.yaml"))
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_pages_show_the_published_results(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == fill(text, REPOSITORY), "make docs copies them anew"
    assert len(re.findall("<!-- from ", text)) == len(re.findall("<!-- end -->", text))


def test_the_readme_begins_with_all_answers_a_figure_and_two_commands() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    first_screen = "\n".join(lines[:50])
    for source in SOURCES:
        assert f"claims.json: answer of {source} -->" in first_screen
    for wanted in ("crossover/learning_curves.svg)", "make study", "make compare"):
        assert wanted in first_screen


def test_the_answer_shows_every_claim() -> None:
    text = (REPOSITORY / "docs" / "answer.md").read_text(encoding="utf-8")
    for source in SOURCES:
        assert f"claims.json: answer of {source} -->" in text
        assert f"claims.json: claims of {source} -->" in text


def test_blocks_are_copied_anew_and_nothing_else_changes(tmp_path: Path) -> None:
    claim = {"statement": "It pays.", "holds if": "below 0", "measured": "+1.0 %"}
    claim |= {"interval": "none", "runs": "5", "verdict": "contradicted", "p": "0.1"}
    source = {"source": "poster", "answer": ["It does not.", "Of 1 claim."], "claims": [claim]}
    (tmp_path / "claims.json").write_text(json.dumps([{"source": "paper"}, source]))
    (tmp_path / "summary.txt").write_text("in words\n")
    (tmp_path / "table.csv").write_text("arm,test_loss,size\na,0.12345,1\nb,,12345\nc,1,2\n")
    page = """before
<!-- from claims.json: answer of poster -->
of an earlier study
<!-- end -->
between
<!-- from claims.json: claims of poster -->
<!-- end -->
<!-- from summary.txt: text -->
<!-- end -->
<!-- from table.csv: arm, size, test_loss; arm != "c" -->
<!-- end -->
after
"""
    assert (
        fill(page, tmp_path)
        == """before
<!-- from claims.json: answer of poster -->
> It does not.
> Of 1 claim.
<!-- end -->
between
<!-- from claims.json: claims of poster -->
| statement | holds if | measured | interval | runs | verdict |
| --- | --- | --- | --- | --- | --- |
| It pays. | below 0 | +1.0 % | none | 5 | contradicted |
<!-- end -->
<!-- from summary.txt: text -->
```text
in words
```
<!-- end -->
<!-- from table.csv: arm, size, test_loss; arm != "c" -->
| arm | size | test loss |
| --- | --- | --- |
| a | 1 | 0.123 |
| b | 12345 |  |
<!-- end -->
after
"""
    )
