"""The published results are what this code and configuration make of them, and say where from."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from xml.etree import ElementTree

import pandas as pd
import pytest

from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from crossbreed.reference.contents import (
    BY_EPOCH,
    COMPARISON,
    DIGESTS,
    IF_MEASURED,
    copied,
    file_digests,
    read_config,
    record_path,
)
from crossbreed.reference.derived import derive
from crossbreed.reference.settings import differences, of_studies, outdated
from repository import CONFIG, REPOSITORY

REFERENCES = sorted(path.parent for path in REPOSITORY.glob("results/reference/[!.]*/config.yaml"))
LAPTOP = REPOSITORY / "results" / "reference" / "laptop"
AGAIN = "run the preset again and publish it (CONTRIBUTING.md, section Reference results)"
DERIVE = "python -m crossbreed.reference derive results/reference/<preset>, and look at the changes"
EFFECTS = "crossover/effects.svg"


@pytest.fixture(params=REFERENCES, ids=lambda folder: folder.name)
def reference(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def now(reference: Path) -> Study:
    """Return the reference's preset as it is configured now."""
    kept = read_config(reference)
    study = compose_study(CONFIG, {"preset": reference.name, "studies": kept["studies"]})
    # Sources that were added since say nothing of it.
    claims = {name: source for name, source in study.claims.items() if name in kept["claims"]}
    return study.model_copy(update={"claims": claims})


def test_both_studies_are_published_small_and_at_the_poster_s_scale() -> None:
    studies = {folder.name: read_config(folder)["studies"] for folder in REFERENCES}
    assert studies["laptop"] == studies["paper_cpu"] == ["crossover", "gender"]
    kept = read_config(REPOSITORY / "results" / "reference" / "paper_cpu")
    paper = compose_study(CONFIG, {"preset": "paper"}).model_dump(mode="json")
    assert not [key for key, *_ in differences(kept, paper) if of_studies(key, {"crossover"})]


def test_a_reference_is_small_and_holds_what_it_should_and_no_more(reference: Path) -> None:
    studies = read_config(reference)["studies"]
    files = file_digests(reference).keys()
    wanted = {*copied(studies), *([BY_EPOCH] if "crossover" in studies else [])}
    records = {f"{study}/provenance.json" for study in studies}
    assert wanted <= files <= {*wanted, *IF_MEASURED, *records}
    assert sum((reference / name).stat().st_size for name in files) < 3_000_000


def test_no_file_was_changed_by_hand(reference: Path) -> None:
    assert json.loads((reference / DIGESTS).read_text())["files"] == file_digests(reference)


def test_was_made_by_code_that_can_be_had(reference: Path) -> None:
    for study in read_config(reference)["studies"]:
        provenance = json.loads(record_path(reference, study).read_text())
        assert re.fullmatch(r"[0-9a-f]{40}", provenance["git_commit"])
        assert provenance["git_changes"] == []


def test_was_made_with_the_settings_that_its_preset_has_now(reference: Path, now: Study) -> None:
    assert not outdated(read_config(reference), now.model_dump(mode="json")), AGAIN


def test_what_asks_for_a_new_run(study: Study) -> None:
    kept = study.model_dump(mode="json")
    trainer = {**kept["trainer"], "learning_rate": 0.5, "new": 3}
    labels = {name: {**arm, "label": "another"} for name, arm in kept["arm"].items()}
    aside = {"data": {"mirror": "elsewhere"}, "arm": labels, "claims": {}}
    now = {**kept, "trainer": trainer, "runs": 99, **aside}
    del now["epochs"]
    assert outdated(kept, now) == ["runs", "trainer.learning_rate"]
    assert outdated({**kept, "studies": ["gender"]}, now) == []


@pytest.mark.parametrize(
    ("key", "value", "studies"),
    [
        ("margin", {"relative": 0.1, "absolute": 0.005}, ["conditions"]),
        ("resamples", 999, ["conditions"]),
        ("confidence", 0.9, ["crossover", "gender", "conditions"]),
    ],
)
def test_what_is_made_anew_from_kept_tables_asks_for_no_new_run(
    key: str, value: object, studies: list[str], study: Study
) -> None:
    """`studies` are those that have a job which reads the key and which `derive` cannot repeat."""
    for ran in ("crossover", "gender", "conditions"):
        kept = {**study.model_dump(mode="json"), "studies": [ran]}
        now = {**kept, "statistics": {**kept["statistics"], key: value}}
        assert bool(outdated(kept, now)) == (ran in studies)


def test_comparisons_and_verdicts_follow_from_its_tables(
    reference: Path, now: Study, tmp_path: Path
) -> None:
    again = copytree(reference, tmp_path / reference.name)
    derive(again, now)
    changed = {name for name, digest in file_digests(again).items() if digest not in _kept(again)}
    assert not changed, DERIVE


def _kept(folder: Path) -> set[str]:
    return set(json.loads((folder / DIGESTS).read_text())["files"].values())


def test_the_documented_command_derives_what_has_changed_and_no_more(tmp_path: Path) -> None:
    again = copytree(LAPTOP, tmp_path / "results" / "reference" / "laptop")
    (tmp_path / "config").symlink_to(CONFIG)
    call = [sys.executable, "-m", "crossbreed.reference", "derive", "results/reference/laptop"]
    config = again / "config.yaml"
    kept = config.read_text()
    config.write_text(kept.replace("\nepochs: 12\n", "\nepochs: 11\n"))
    refused = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "epochs changed since; run the preset again" in refused.stderr
    config.write_text(f"{kept}gone: 3\n")
    (again / "answer.txt").write_text("of an earlier version")
    # As other processors round; a difference that is none.
    table = pd.read_csv(again / COMPARISON)
    table["difference"] *= 1 + 1e-13
    table.to_csv(again / COMPARISON, index=False)
    rounded = (again / COMPARISON).read_bytes()
    subprocess.run(call, cwd=tmp_path, check=True)
    digests = file_digests(again)
    changed = {name for name, digest in file_digests(LAPTOP).items() if digests[name] != digest}
    assert changed == {COMPARISON}
    assert (again / COMPARISON).read_bytes() == rounded
    assert json.loads((again / DIGESTS).read_text())["files"] == digests


def test_other_numbers_give_another_answer_and_drawing(tmp_path: Path) -> None:
    again = copytree(LAPTOP, tmp_path / "laptop")
    outcomes = pd.read_csv(again / "crossover" / "outcomes.csv")
    outcomes.loc[outcomes["arm"] == "crossover", "best_train_loss"] *= 0.5
    outcomes.to_csv(again / "crossover" / "outcomes.csv", index=False)
    derive(again, compose_study(CONFIG, {}))
    assert "training loss is 4" in (again / "answer.txt").read_text()
    assert (again / EFFECTS).read_bytes() != (LAPTOP / EFFECTS).read_bytes()


def test_figures_are_drawings(reference: Path) -> None:
    for path in reference.rglob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert root.tag.endswith("svg")
        assert len(list(root.iter())) > 50
