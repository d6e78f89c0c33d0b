"""What README and docs say of the published results is what the results say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crossbreed.documentation.results import fill
from crossbreed.errors import CrossbreedError
from repository import REPOSITORY

REFERENCES = REPOSITORY / "results" / "reference"
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_pages_hold_the_published_numbers(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == fill(text, REFERENCES), "make docs writes them anew"


def test_the_readme_begins_with_both_answers_a_figure_and_two_commands() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    first_screen = "\n".join(lines[:50])
    assert "<!-- results: answer poster " in first_screen
    assert "<!-- results: answer paper " in first_screen
    assert "crossover/learning_curves.svg)" in first_screen
    assert "make study" in first_screen
    assert "make compare" in first_screen


def test_the_answer_tells_every_claim() -> None:
    text = (REPOSITORY / "docs" / "answer.md").read_text(encoding="utf-8")
    assert "<!-- results: claims poster " in text
    assert "<!-- results: claims paper " in text


def test_blocks_are_written_anew_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    claim = {
        "statement": "It pays.",
        "holds if": "below 0",
        "measured": "+1.0 %",
        "interval": "+0.5 to +1.5 %",
        "runs": "5",
        "verdict": "contradicted",
    }
    source = {
        "source": "poster",
        "study": "crossover",
        "answer": ["It does not.", "Of one claim one is contradicted."],
        "claims": [claim, {**claim, "interval": "none"}],
    }
    (folder / "claims.json").write_text(json.dumps([source]))
    page = """before
<!-- results: answer poster small -->
of an earlier study
<!-- end of results -->
between
<!-- results: claims poster small -->
<!-- end of results -->
after
"""
    assert (
        fill(page, tmp_path)
        == """before
<!-- results: answer poster small -->
> It does not.
> Of one claim one is contradicted.
<!-- end of results -->
between
<!-- results: claims poster small -->
| claim | holds if | measured (interval) | runs | verdict |
| --- | --- | --- | --- | --- |
| It pays. | below 0 | +1.0 % (+0.5 to +1.5 %) | 5 | **contradicted** |
| It pays. | below 0 | +1.0 % | 5 | **contradicted** |
<!-- end of results -->
after
"""
    )


def test_conditions_are_a_row_each(tmp_path: Path) -> None:
    folder = tmp_path / "small" / "conditions"
    folder.mkdir(parents=True)
    (folder / "conditions.csv").write_text(
        "label,arm,reference,metric,difference,interval_low,interval_high\n"
        "wide,bred,baseline,best_train_loss,0.1,0.05,0.15\n"
        "wide,bred,baseline,test_loss,-0.02,-0.03,-0.01\n"
        "wide,bred,clone,test_loss,9,9,9\n"
        "wide,bred,baseline,test_accuracy,9,9,9\n"
        "late,bred,baseline,best_train_loss,0.2,,\n"
        "late,bred,baseline,test_loss,0,-0.1,0.1\n"
    )
    page = "<!-- results: conditions small -->\n<!-- end of results -->\n"
    assert fill(page, tmp_path).splitlines()[1:-1] == [
        "| condition | `bred`, best training loss | `bred`, test loss |",
        "| --- | --- | --- |",
        "| wide | +10.0 % (+5.0 to +15.0) | -2.0 % (-3.0 to -1.0) |",
        "| late | +20.0 % | +0.0 % (-10.0 to +10.0) |",
    ]


@pytest.mark.parametrize("asked", ["answer poster nothing", "weather poster laptop"])
def test_what_is_not_there_is_refused(asked: str) -> None:
    page = f"<!-- results: {asked} -->\n<!-- end of results -->\n"
    with pytest.raises(CrossbreedError, match=asked):
        fill(page, REFERENCES)
