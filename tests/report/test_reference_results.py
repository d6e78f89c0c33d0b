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
import yaml

from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from crossbreed.reference.contents import (
    COMPARISON,
    DIGESTS,
    EFFECTS,
    IF_MEASURED,
    copied,
    file_digests,
    made,
    record_path,
)
from crossbreed.reference.derived import derive
from crossbreed.reference.settings import (
    differences,
    of_studies,
    outdated,
    read_config,
    settings_digest,
)
from repository import REPOSITORY

REFERENCES = sorted(path.parent for path in REPOSITORY.glob("results/reference/[!.]*/config.yaml"))
AGAIN = "run the preset again and publish it (CONTRIBUTING.md, section Reference results)"
DERIVE = "python -m crossbreed.reference derive results/reference/<preset>, and look at the changes"


@pytest.fixture(params=REFERENCES, ids=lambda folder: folder.name)
def reference(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def now(reference: Path) -> Study:
    """Return the reference's preset as it is configured now."""
    kept = read_config(reference)
    asked = {"preset": reference.name, "studies": kept["studies"]}
    study = compose_study(REPOSITORY / "config", asked)
    # Sources that were added since say nothing of it.
    claims = {name: source for name, source in study.claims.items() if name in kept["claims"]}
    return study.model_copy(update={"claims": claims})


def test_the_default_study_and_the_poster_s_scale_are_published() -> None:
    studies = {folder.name: read_config(folder)["studies"] for folder in REFERENCES}
    assert studies["laptop"] == studies["paper_cpu"] == ["crossover", "gender"]


def test_the_poster_s_scale_is_that_of_the_preset_paper() -> None:
    kept = read_config(REPOSITORY / "results" / "reference" / "paper_cpu")
    paper = compose_study(REPOSITORY / "config", {"preset": "paper"}).model_dump(mode="json")
    assert not [key for key, *_ in differences(kept, paper) if of_studies(key, {"crossover"})]


def test_holds_what_it_should_and_no_more(reference: Path) -> None:
    studies = read_config(reference)["studies"]
    found = {path.relative_to(reference).as_posix() for path in reference.rglob("*.*")}
    records = {f"{study}/provenance.json" for study in studies} & found
    assert found - set(IF_MEASURED) - records == {*copied(studies), *made(studies)}
    assert len(records) < len(studies)
    of_the_rest = (reference / "provenance.json").read_text()
    assert all((reference / name).read_text() != of_the_rest for name in records)


def test_all_references_are_small() -> None:
    folder = REPOSITORY / "results" / "reference"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 5_000_000


def test_no_file_was_changed_by_hand(reference: Path) -> None:
    kept = json.loads((reference / DIGESTS).read_text())
    assert kept["files"] == file_digests(reference)
    assert kept["settings"] == settings_digest(read_config(reference))


def test_was_made_with_the_settings_that_its_preset_has_now(reference: Path, now: Study) -> None:
    assert not outdated(read_config(reference), now.model_dump(mode="json")), AGAIN


def test_what_asks_for_a_new_run(study: Study) -> None:
    kept = study.model_dump(mode="json")
    trainer = {**kept["trainer"], "learning_rate": 0.5, "warmth": 3}
    now = {**kept, "trainer": trainer, "claims": {}, "runs": 99}
    assert outdated(kept, now) == ["runs", "trainer.learning_rate"]
    assert outdated({**kept, "studies": ["gender"]}, now) == []
    del now["epochs"]
    assert "epochs" in outdated(kept, now)


@pytest.mark.parametrize(
    ("key", "value", "studies"),
    [
        ("contrasts", [], ["conditions"]),
        ("metrics", ["best_train_loss"], ["conditions"]),
        ("power", 0.9, ["conditions"]),
        ("wanted_effect", 0.1, ["conditions"]),
        ("margin", {"relative": 0.1, "absolute": 0.005}, ["conditions"]),
        ("resamples", 999, ["conditions", "gender"]),
        ("confidence", 0.9, ["crossover", "gender", "conditions"]),
        ("reference", "clone_best", ["crossover", "gender", "conditions"]),
    ],
)
def test_what_is_made_anew_from_kept_tables_asks_for_no_new_run(
    key: str, value: object, studies: list[str], study: Study
) -> None:
    """`studies` are those that have a job which reads the key and which `derive` cannot repeat."""
    for ran in ("crossover", "gender", "conditions"):
        kept = {**study.model_dump(mode="json"), "studies": [ran]}
        now = {**kept, "statistics": {**kept["statistics"], key: value}}
        asks = bool(outdated(kept, now))
        assert asks == (ran in studies)
        assert asks == (settings_digest(kept) != settings_digest(now))


def test_the_digest_of_settings_leaves_out_the_claims(study: Study) -> None:
    kept = study.model_dump(mode="json")
    assert settings_digest(kept) == settings_digest({**kept, "claims": {}})


def test_changes_of_settings_are_noticed_if_they_can_change_a_number(study: Study) -> None:
    before = study.model_dump(mode="json")
    rate = {**before, "trainer": {**before["trainer"], "learning_rate": 0.5}}
    assert [key for key, *_ in differences(before, rate)] == ["trainer.learning_rate"]
    assert settings_digest(before) != settings_digest(rate)
    labels = {name: {**arm, "label": "another"} for name, arm in before["arm"].items()}
    aside = {**before, "data": {"mirror": "elsewhere"}, "arm": labels}
    assert not [*differences(before, aside)]
    assert settings_digest(before) == settings_digest(aside)


def test_was_made_by_code_that_can_be_had(reference: Path) -> None:
    for study in read_config(reference)["studies"]:
        provenance = json.loads(record_path(reference, study).read_text())
        assert re.fullmatch(r"[0-9a-f]{40}", provenance["git_commit"])
        assert provenance["git_changes"] == []


def test_comparisons_and_verdicts_follow_from_its_tables(
    reference: Path, now: Study, tmp_path: Path
) -> None:
    again = tmp_path / reference.name
    copytree(reference, again)
    names = derive(again, now, read_config(again))
    assert len(names) >= 3
    assert EFFECTS not in names
    for name in names:
        kept, made_now = reference / name, again / name
        if name.endswith(".csv"):
            # Other processors may round the last digits in another way.
            pd.testing.assert_frame_equal(pd.read_csv(made_now), pd.read_csv(kept), rtol=1e-9)
        else:
            assert made_now.read_text() == kept.read_text(), DERIVE


def test_a_number_that_does_not_follow_is_noticed(tmp_path: Path) -> None:
    laptop = REPOSITORY / "results" / "reference" / "laptop"
    again = tmp_path / "laptop"
    copytree(laptop, again)
    outcomes = pd.read_csv(again / "crossover" / "outcomes.csv")
    outcomes.loc[outcomes["arm"] == "crossover", "best_train_loss"] *= 0.5
    outcomes.to_csv(again / "crossover" / "outcomes.csv", index=False)
    derive(again, compose_study(REPOSITORY / "config", {}), read_config(again))
    assert "training loss is 4" in (again / "answer.txt").read_text()
    assert (again / "answer.txt").read_text() != (laptop / "answer.txt").read_text()


def test_the_documented_command_derives_what_is_there(tmp_path: Path) -> None:
    kept = REPOSITORY / "results" / "reference" / "laptop"
    again = tmp_path / "results" / "reference" / "laptop"
    copytree(kept, again)
    (tmp_path / "config").symlink_to(REPOSITORY / "config")
    (again / "answer.txt").write_text("of an earlier version")
    call = [sys.executable, "-m", "crossbreed.reference", "derive", "results/reference/laptop"]
    subprocess.run(call, cwd=tmp_path, check=True)
    assert (again / "answer.txt").read_text() == (kept / "answer.txt").read_text()
    assert json.loads((again / DIGESTS).read_text())["files"] == file_digests(again)
    config = again / "config.yaml"
    config.write_text(config.read_text().replace("\nepochs: 12\n", "\nepochs: 11\n"))
    refused = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "epochs changed since; run the preset again" in refused.stderr


def test_a_table_that_was_changed_by_hand_is_not_derived_from(tmp_path: Path) -> None:
    again = tmp_path / "results" / "reference" / "laptop"
    copytree(REPOSITORY / "results" / "reference" / "laptop", again)
    (tmp_path / "config").symlink_to(REPOSITORY / "config")
    outcomes = again / "crossover" / "outcomes.csv"
    outcomes.write_text(outcomes.read_text().replace(",0.4", ",0.3"))
    before = file_digests(again)
    call = [sys.executable, "-m", "crossbreed.reference", "derive", "results/reference/laptop"]
    refused = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "crossover/outcomes.csv: not as it was published" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert file_digests(again) == before


def test_tables_that_differ_by_rounding_only_are_left(tmp_path: Path) -> None:
    kept = REPOSITORY / "results" / "reference" / "laptop"
    again = tmp_path / "laptop"
    copytree(kept, again)
    table = pd.read_csv(again / COMPARISON)
    table["difference"] *= 1 + 1e-13
    table.to_csv(again / COMPARISON, index=False)
    rounded = (again / COMPARISON).read_bytes()
    study = compose_study(REPOSITORY / "config", {})
    assert EFFECTS not in derive(again, study, read_config(again))
    assert (again / COMPARISON).read_bytes() == rounded
    table["difference"] *= 1.01
    table.to_csv(again / COMPARISON, index=False)
    assert EFFECTS in derive(again, study, read_config(again))
    pd.testing.assert_frame_equal(
        pd.read_csv(again / COMPARISON), pd.read_csv(kept / COMPARISON), rtol=1e-9
    )


def test_another_contrast_is_derived_without_training_and_drawn(tmp_path: Path) -> None:
    kept = REPOSITORY / "results" / "reference" / "laptop"
    again = tmp_path / "results" / "reference" / "laptop"
    copytree(kept, again)
    (tmp_path / "config").symlink_to(REPOSITORY / "config")
    settings = read_config(again)
    settings["statistics"]["contrasts"] = settings["statistics"]["contrasts"][:1]
    (again / "config.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    drawing = again / "crossover" / "effects.svg"
    drawing.write_text("of one contrast less")
    call = [sys.executable, "-m", "crossbreed.reference", "derive", "results/reference/laptop"]
    subprocess.run(call, cwd=tmp_path, check=True)
    now = compose_study(REPOSITORY / "config", {}).model_dump(mode="json")
    assert read_config(again)["statistics"]["contrasts"] == now["statistics"]["contrasts"]
    assert ElementTree.parse(drawing).getroot().tag.endswith("svg")
    assert json.loads((again / DIGESTS).read_text())["files"] == file_digests(again)


def test_figures_are_drawings(reference: Path) -> None:
    for path in reference.rglob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert root.tag.endswith("svg")
        assert len(list(root.iter())) > 50
