"""What README and docs say of the published results is what the results say."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from crossbreed.documentation.results import fill
from crossbreed.errors import CrossbreedError
from repository import REPOSITORY

REFERENCES = REPOSITORY / "results" / "reference"
SOURCES = sorted(path.stem for path in (REPOSITORY / "config" / "claims").glob("*.yaml"))
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_pages_hold_the_published_numbers(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == fill(text, REFERENCES), "make docs writes them anew"


def test_the_readme_begins_with_both_answers_a_figure_and_two_commands() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    first_screen = "\n".join(lines[:50])
    for source in SOURCES:
        assert f"<!-- results: answer {source} " in first_screen
    assert "crossover/learning_curves.svg)" in first_screen
    assert "make study" in first_screen
    assert "make compare" in first_screen


def test_the_answer_tells_every_claim() -> None:
    text = (REPOSITORY / "docs" / "answer.md").read_text(encoding="utf-8")
    for source in SOURCES:
        assert f"<!-- results: answer {source} " in text
        assert f"<!-- results: claims {source} " in text


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


@pytest.mark.parametrize(
    "asked",
    [
        *("answer poster nothing", "weather poster laptop", "weather laptop", "answer", ""),
        *(
            "answer laptop",
            "arms laptop laptop",
            "answer poster twice laptop",
            "modes ../reference",
        ),
        "answer poster no-such-reference",
    ],
)
def test_what_is_not_there_is_refused(asked: str) -> None:
    page = f"<!-- results: {asked} -->\n<!-- end of results -->\n"
    with pytest.raises(CrossbreedError, match=f"^results: {asked}: .+$"):
        fill(page, REFERENCES)


def test_a_source_that_made_no_claims_is_refused() -> None:
    page = "<!-- results: answer nobody laptop -->\n<!-- end of results -->\n"
    with pytest.raises(CrossbreedError, match=r"^results: nobody: not in .+, only poster, "):
        fill(page, REFERENCES)


def test_a_block_without_an_end_is_refused_and_takes_no_text_with_it() -> None:
    block = "<!-- results: answer poster laptop -->\n"
    page = f"{block}prose\n{block}<!-- end of results -->\n"
    with pytest.raises(CrossbreedError, match="1 of 2 blocks are not closed"):
        fill(page, REFERENCES)


def published(folder: Path, study: str, **tables: str) -> Path:
    (folder / "small" / study).mkdir(parents=True)
    for name, table in tables.items():
        (folder / "small" / study / f"{name}.csv").write_text(table)
    (folder / "small" / "config.yaml").write_text(
        "preset: small\nstudies: [crossover]\nseed: 1\nclaims: {}\n"
        "statistics: {confidence: 0.95, margin: {relative: 0.02, absolute: 0.005}}\n"
    )
    return folder


def filled(folder: Path, kind: str) -> list[str]:
    page = f"<!-- results: {kind} small -->\n<!-- end of results -->\n"
    return fill(page, folder).splitlines()[3:-1]


def test_networks_between_parents_are_set_against_the_straight_line(tmp_path: Path) -> None:
    lines = ["run,path,fraction,train_loss,train_accuracy,test_loss,test_accuracy"]
    for run in (1, 2):
        lines += [
            f"{run},plain,0.0,0.1,0.9,1.0,0.80",
            f"{run},plain,0.25,0.2,0.9,3.0,{0.70 + 0.01 * run}",
            f"{run},plain,0.5,0.9,0.9,{2.0 * run},0.60",
            f"{run},plain,1.0,0.3,0.9,3.0,0.90",
        ]
    folder = published(tmp_path, "crossover", barrier="\n".join(lines))
    # Ratios 3.0 / 1.5 in both runs leave no interval, nor do accuracies 0.85 - 0.60.
    # Of ratios 1 and 2: the geometric mean, and log(2) / 2 times t(1) to either side.
    half = 0.34657359 * 12.7062047
    low, high = (100 * (2**0.5 * math.exp(end) - 1) for end in (-half, half))
    assert filled(folder, "barrier") == [
        "| as they are, 25 % | 0.200 (+0.050) | 3.000 | +100.0 % "
        f"| -11.00 pp ({-11 - 0.5 * 12.7062047:+.2f} to {-11 + 0.5 * 12.7062047:+.2f}) |",
        f"| as they are, 50 % | 0.900 (+0.700) | 3.000 | +41.4 % ({low:+.1f} to {high:+.1f}) "
        "| -25.00 pp |",
    ]


def test_sameness_is_told_by_its_test(tmp_path: Path) -> None:
    folder = published(
        tmp_path,
        "crossover",
        comparison="epoch,arm,reference,metric,p_equivalence\n"
        "1,bred,baseline,best_train_loss,0.9\n1,bred,baseline,test_accuracy,0.9\n"
        "2,bred,baseline,best_train_loss,0.97531\n2,bred,baseline,test_accuracy,0.0123\n"
        "2,bred,clone,best_train_loss,0.5\n2,bred,clone,test_accuracy,0.5\n",
    )
    assert filled(folder, "equivalence") == ["| `bred` | 0.98 | 0.012 |"]


def test_modes_are_set_beside_the_baseline(tmp_path: Path) -> None:
    rows = "contrast,metric,mean_difference,interval_low,interval_high"
    folder = published(
        tmp_path,
        "gender",
        table="mode,whole_validation_loss_mean,parameters\nbaseline,2.5,100\nmale,2.25,1234.5\n",
        winners="mode,parameters\nbaseline,100\nbaseline,100\nmale,90\nmale,2379\n",
        differences=f"{rows}\nmale - baseline,whole_validation_loss,-0.25,-0.5,0.125\n"
        "male - baseline,final_train_loss,9,9,9\nmale_selection,whole_validation_loss,0.5,,\n",
    )
    assert filled(folder, "modes") == [
        "| `baseline` | 2.500 |  | 100 |  |",
        "| `male` | 2.250 | -0.250 nats (-0.500 to +0.125) | 1,234 | 1 of 2 |",
    ]
    assert filled(folder, "selection") == ["| male selection | +0.500 nats |"]


def test_evolved_predictors_are_named(tmp_path: Path) -> None:
    folder = published(tmp_path, "gender")
    (folder / "small" / "gender" / "summary.txt").write_text(
        "Do predictors foretell?\nBest predictor of combined, seed 1: log(width)\n"
        "Best predictor of combined, seed 2: train_loss_last * 2\nPublished: nothing\n"
    )
    assert filled(folder, "evolved") == [
        "| `combined`, seed 1 | `log(width)` |",
        "| `combined`, seed 2 | `train_loss_last * 2` |",
    ]


def test_evidence_on_both_assumptions_is_set_out(tmp_path: Path) -> None:
    rows = "assumption,mode,predictor,architectures,seed,tau,interval_low,interval_high,n"
    folder = published(
        tmp_path,
        "gender",
        evidence=f"{rows}\nearly_speed,,,all,1,9,9,9,9\nearly_speed,,,all,mean,0.5,0.25,0.75,3\n"
        "early_speed,,,all,pooled,0.4,0.3,0.5,60\n"
        "prediction,male,evolved,unselected,1,9,9,9,9\n"
        "prediction,male,evolved,unselected,mean,0.8,0.6,1.0,3\n"
        "prediction,male,ridge,unselected,mean,0.7,,,1\n"
        "prediction,male,last_loss,unselected,pooled,9,9,9,9\n",
    )
    assert filled(folder, "early_speed") == [
        "| all | 60 | +0.50 (+0.25 to +0.75) | +0.40 (+0.30 to +0.50) |"
    ]
    assert filled(folder, "predictors") == [
        "| `male` | +0.80 (+0.60 to +1.00) |  |  | +0.70 |  |  |"
    ]
