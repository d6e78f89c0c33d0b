"""The published results are what this code and configuration make of them, and say where from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
import yaml

from crossbreed.claims.crossover import CrossoverResults
from crossbreed.claims.gender import GenderResults
from crossbreed.claims.ledger import as_table, digests, judge
from crossbreed.claims.page import claims_content
from crossbreed.claims.words import lines
from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from crossbreed.lineage import epoch_at
from crossbreed.reference.contents import (
    BY_EPOCH,
    DIGESTS,
    copied,
    file_digests,
    made,
    settings_digest,
)
from crossbreed.statistics.contrasts import as_table as comparison_table
from crossbreed.statistics.contrasts import compare_arms
from crossbreed.statistics.paired import Question

REPOSITORY = Path(__file__).parents[1]
REFERENCES = sorted(path.parent for path in REPOSITORY.glob("results/reference/*/config.yaml"))
AGAIN = (
    "the settings of this preset have changed since: run it again and publish it "
    "(CONTRIBUTING.md, section Reference results)"
)


@pytest.fixture(params=REFERENCES, ids=lambda folder: folder.name)
def reference(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def settings(reference: Path) -> Study:
    return Study.model_validate(yaml.safe_load((reference / "config.yaml").read_text()))


def test_the_default_study_and_the_poster_s_scale_are_published() -> None:
    assert {"laptop", "paper_cpu"} <= {folder.name for folder in REFERENCES}


def test_holds_what_it_should_and_no_more(reference: Path, settings: Study) -> None:
    found = {str(path.relative_to(reference)) for path in reference.rglob("*") if path.is_file()}
    assert found == {*copied(settings.studies), *made(settings.studies)}


def test_all_references_are_small() -> None:
    folder = REPOSITORY / "results" / "reference"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 5_000_000


def test_no_file_was_changed_since(reference: Path) -> None:
    assert json.loads((reference / DIGESTS).read_text())["files"] == file_digests(reference)


def test_was_made_with_the_settings_of_its_preset(reference: Path, settings: Study) -> None:
    asked = {"preset": reference.name, "studies": settings.studies}
    now = compose_study(REPOSITORY / "config", asked).model_dump(mode="json")
    assert settings_digest(settings.model_dump(mode="json")) == settings_digest(now), AGAIN
    assert json.loads((reference / DIGESTS).read_text())["settings"] == settings_digest(now)


def test_a_changed_setting_changes_the_digest(study: Study) -> None:
    before = study.model_dump(mode="json")
    changed = {**before, "trainer": {**before["trainer"], "learning_rate": 0.5}}
    aside = {**before, "data": {"mirror": "elsewhere"}}
    assert settings_digest(changed) != settings_digest(before) == settings_digest(aside)


def test_was_made_by_code_that_can_be_had(reference: Path) -> None:
    provenance = json.loads((reference / "provenance.json").read_text())
    assert re.fullmatch(r"[0-9a-f]{40}", provenance["git_commit"])
    assert provenance["git_changes"] == []


def test_the_ledger_follows_from_the_tables(reference: Path, settings: Study) -> None:
    crossover = gender = None
    if "crossover" in settings.studies:
        folder = reference / "crossover"
        first = {
            name: epoch_at(settings.arm[name].events[0].at, settings.epochs)
            for name in settings.arms
            if settings.arm[name].events
        }
        crossover = CrossoverResults(
            pd.read_csv(folder / "outcomes.csv"),
            pd.read_csv(reference / BY_EPOCH),
            pd.read_csv(folder / "targets.csv"),
            first,
        )
    if "gender" in settings.studies:
        folder = reference / "gender"
        gender = GenderResults(
            pd.read_csv(folder / "differences.csv"),
            pd.read_csv(folder / "evidence.csv", dtype={"seed": str}),
            pd.read_csv(folder / "published.csv"),
        )
    confidence = settings.statistics.confidence
    judged = judge(settings.claims, crossover, gender, confidence)
    rules = digests(settings.claims, confidence)
    pd.testing.assert_frame_equal(
        as_table(judged), pd.read_csv(reference / "claims.csv"), check_dtype=False, rtol=1e-9
    )
    assert claims_content(settings.claims, judged, rules, confidence) == json.loads(
        (reference / "claims.json").read_text()
    )
    text = "\n".join(lines(settings.claims, judged, rules, confidence))
    assert f"{text}\n" == (reference / "answer.txt").read_text()


def test_the_comparisons_follow_from_the_outcomes(reference: Path, settings: Study) -> None:
    if "crossover" not in settings.studies:
        return
    given = settings.statistics
    asked = Question(
        given.confidence,
        given.power,
        given.wanted_effect,
        given.margin.relative,
        given.margin.absolute,
        given.resamples,
        settings.seed,
    )
    outcomes = pd.read_csv(reference / "crossover" / "outcomes.csv")
    made_again = comparison_table(compare_arms(outcomes, given, asked))
    published = pd.read_csv(reference / "crossover" / "comparison.csv")
    pd.testing.assert_frame_equal(made_again, published, check_dtype=False, rtol=1e-9)


def test_figures_are_drawings(reference: Path) -> None:
    for path in reference.rglob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert root.tag.endswith("svg")
        assert len(list(root.iter())) > 50
