"""Publishing: a reference is made whole from one whole run, or nothing is changed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pandas as pd
import pytest
import yaml

from crossbreed.config.compose import check_study
from crossbreed.config.schema import Study
from crossbreed.documentation.results import fill
from crossbreed.errors import CrossbreedError
from crossbreed.reference.contents import (
    BY_EPOCH,
    CURVES,
    DIGESTS,
    copied,
    file_digests,
    made,
    write_digests,
)
from crossbreed.reference.derived import derive
from crossbreed.reference.publishing import publish
from crossbreed.reference.settings import read_config
from crossbreed.reference.words import compared
from crossbreed.report.claims.ledger import COLUMNS
from crossbreed.storage.files import write_csv, write_json, write_text
from crossbreed.storage.records import FOLDER, write_record
from few_arms import leave_arms
from repository import REPOSITORY

LAPTOP = REPOSITORY / "results" / "reference" / "laptop"
STUDIES = ["crossover", "gender"]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """Return a real run's results; of each population the best network and one for the others."""
    folder = tmp_path / "own" / "laptop"
    copytree(LAPTOP, folder)
    (folder / DIGESTS).unlink()
    for study in STUDIES:
        (folder / study / "provenance.json").unlink(missing_ok=True)
    by_epoch = pd.read_csv(folder / BY_EPOCH)
    (folder / BY_EPOCH).unlink()
    best = by_epoch[["run", "arm", "epoch", "validation_loss"]].assign(
        network=0, train_loss=by_epoch["best_train_loss"]
    )
    others = best.assign(
        network=1,
        train_loss=2 * by_epoch["mean_train_loss"] - by_epoch["best_train_loss"],
        validation_loss=9.0,
    )
    write_csv(folder / CURVES, pd.concat([best, others]))
    write_records(folder)
    return folder


def write_records(folder: Path) -> None:
    """Let all files of results bear records, as made by one run."""
    tables = ("outcomes.csv", "differences.csv", "conditions.csv")
    made_from = {
        "claims.csv": [path for name in tables for path in folder.glob(f"*/{name}")],
        "crossover/outcomes.csv": [folder / CURVES],
        "index.html": [folder / "conditions" / "conditions.csv"],
    }
    for name in files(folder):
        write_record(folder / name, "key", {}, made_from.get(name, []))


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """Return a folder with an earlier reference of the same preset."""
    earlier = tmp_path / "references" / "laptop"
    write_text(earlier / "crossover" / "leftover.csv", "earlier\n")
    write_text(earlier / "config.yaml", (LAPTOP / "config.yaml").read_text())
    write_text(earlier / DIGESTS, "{}\n")
    return tmp_path / "references"


def files(folder: Path) -> set[str]:
    """Return the names of all files of a folder but the records."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != FOLDER
    }


def test_publishing_takes_what_is_needed_and_leaves_nothing_else(
    whole: Path, references: Path
) -> None:
    other = references / "other" / "claims.csv"
    write_text(other, "of another preset\n")
    target = publish(whole, references)
    assert target == references / "laptop"
    wanted = {*copied(STUDIES), *made(STUDIES)}
    assert files(target) == {*wanted, "crossover/barrier.csv", "crossover/loss_barrier.svg"}
    assert {path.name for path in references.iterdir()} == {"laptop", "other"}
    assert other.is_file()
    assert json.loads((target / DIGESTS).read_text())["files"] == file_digests(target)
    by_epoch = pd.read_csv(target / BY_EPOCH)
    pd.testing.assert_frame_equal(by_epoch, pd.read_csv(LAPTOP / BY_EPOCH), rtol=1e-9)


def test_the_barrier_is_published_only_where_it_was_measured(whole: Path, tmp_path: Path) -> None:
    (whole / "crossover" / "barrier.csv").unlink()
    target = publish(whole, tmp_path / "references")
    assert not (target / "crossover" / "barrier.csv").exists()


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("crossover/curves.csv", "", "curves.csv: changed since it was made"),
        ("gender/winners.csv", None, "winners.csv: changed since it was made"),
        ("claims.csv", "claim\n", "claims.csv: changed since it was made"),
        ("provenance.json", "{", "it is no JSON, or cut off"),
        ("config.yaml", "preset: laptop\n", "must hold"),
    ],
)
def test_a_damaged_result_is_told_and_changes_nothing(
    name: str, content: str | None, wanted: str, whole: Path, references: Path
) -> None:
    if content is None:
        content = (whole / name).read_text()[:-3]
    write_text(whole / name, content)
    before = file_digests(references)
    with pytest.raises(CrossbreedError, match=wanted) as caught:
        publish(whole, references)
    assert str(whole / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert file_digests(references) == before


def test_a_kill_leaves_the_earlier_reference_and_the_next_call_completes(
    whole: Path, tmp_path: Path
) -> None:
    references = tmp_path / "checkout" / "results" / "reference"
    earlier = {"config.yaml": (LAPTOP / "config.yaml").read_text(), DIGESTS: "{}\n"}
    for name, text in earlier.items():
        write_text(references / "laptop" / name, text)
    # So large that there is time for a kill.
    (whole / "gender" / "family_tree.svg").write_bytes(bytes(30_000_000))
    write_records(whole)
    call = (sys.executable, "-m", "crossbreed.reference", "publish", str(whole))
    killed = subprocess.Popen(call, cwd=tmp_path / "checkout", stdout=subprocess.DEVNULL)
    begun = references / ".laptop.new" / "config.yaml"
    while killed.poll() is None and not begun.exists():
        time.sleep(0.001)
    killed.kill()
    killed.wait()
    assert killed.returncode != 0, "the kill came too late"
    assert files(references / "laptop") == {*earlier}
    subprocess.run(call, cwd=tmp_path / "checkout", check=True, capture_output=True)
    assert [path.name for path in references.iterdir()] == ["laptop"]
    recorded = json.loads((references / "laptop" / DIGESTS).read_text())["files"]
    assert recorded == file_digests(references / "laptop")


def test_a_kill_between_old_and_new_loses_nothing(whole: Path, references: Path) -> None:
    (references / "laptop").rename(references / ".laptop.old")
    write_text(references / ".laptop.new" / "claims.csv", "of the killed attempt\n")
    (whole / "claims.csv").unlink()
    with pytest.raises(CrossbreedError, match=r"claims\.csv missing"):
        publish(whole, references)
    wanted = {"laptop/config.yaml", "laptop/digests.json", "laptop/crossover/leftover.csv"}
    assert files(references) == wanted


def test_a_half_written_reference_is_none_to_compare_with(whole: Path, tmp_path: Path) -> None:
    references = tmp_path / "checkout" / "results" / "reference"
    copytree(LAPTOP, references / "laptop")
    write_text(references / ".laptop.new" / "config.yaml", "preset: la")
    call = (sys.executable, "-m", "crossbreed.reference", "compare", str(whole))
    finished = subprocess.run(
        call, cwd=tmp_path / "checkout", capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert "Other references" not in finished.stdout


@pytest.mark.parametrize("again", STUDIES)
def test_two_studies_are_not_mixed(again: str, whole: Path, references: Path) -> None:
    """As after `snakemake crossover --config runs=3`, which renews the tables only."""
    if again == "crossover":
        for name in ("outcomes.csv", "curves.csv"):
            table = pd.read_csv(whole / "crossover" / name)
            write_csv(whole / "crossover" / name, table[table["run"] <= 3])
    else:
        table = pd.read_csv(whole / "gender" / "differences.csv")
        table["mean_difference"] *= 1.01
        write_csv(whole / "gender" / "differences.csv", table)
    before = file_digests(references)
    with pytest.raises(CrossbreedError, match=r"claims\.csv: made from another") as caught:
        publish(whole, references)
    assert "run all of the study (snakemake --cores all --config preset=laptop)" in str(
        caught.value
    )
    assert file_digests(references) == before


def test_a_folder_that_is_no_reference_is_left_alone(whole: Path, tmp_path: Path) -> None:
    checkpoint = tmp_path / "results" / "laptop" / "run-01" / "population.safetensors"
    write_text(checkpoint, "hours of training\n")
    with pytest.raises(CrossbreedError, match="something else than a reference"):
        publish(whole, tmp_path / "results")
    assert files(tmp_path / "results") == {"laptop/run-01/population.safetensors"}


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"git_changes": ["M src/crossbreed/x.py"]}, "git_changes = .*: must be none"),
        ({"git_commit": None}, "names no commit"),
        ({"git_commit": ...}, "names no commit"),
        ({"git_changes": ...}, "git_changes is missing"),
    ],
)
def test_results_of_code_that_nobody_can_get_are_not_published(
    change: dict[str, Any], wanted: str, whole: Path, tmp_path: Path
) -> None:
    record = {**json.loads((whole / "provenance.json").read_text()), **change}
    kept = {key: value for key, value in record.items() if value is not ...}
    write_json(whole / "provenance.json", kept)
    with pytest.raises(CrossbreedError, match=wanted):
        publish(whole, tmp_path / "references")
    assert not (tmp_path / "references").exists()


def test_a_part_of_a_study_is_not_published(whole: Path, tmp_path: Path) -> None:
    (whole / "crossover" / "cost.csv").unlink()
    with pytest.raises(CrossbreedError, match=r"crossover/cost\.csv missing"):
        publish(whole, tmp_path / "references")
    assert not (tmp_path / "references").exists()


def rounded(path: Path) -> Any:
    """Return what a JSON file holds, numbers to nine digits: processors round differently."""
    return json.loads(path.read_text(), parse_float=lambda digits: f"{float(digits):.9g}")


def of_one_study(whole: Path, study: str, **changes: Any) -> Path:
    """Leave of results what a later run of one study alone has, by another commit."""
    settings = {**read_config(whole), "studies": [study], **changes}
    write_text(whole / "config.yaml", yaml.safe_dump(settings, sort_keys=False))
    record = {**json.loads((whole / "provenance.json").read_text()), "git_commit": "b" * 40}
    write_json(whole / "provenance.json", record)
    ledger = pd.read_csv(whole / "claims.csv")
    ours = {name for name, source in settings["claims"].items() if source["study"] == study}
    write_csv(whole / "claims.csv", ledger[ledger["source"].isin(ours)])
    for other in {*STUDIES} - {study}:
        rmtree(whole / other)
    write_records(whole)
    return whole


@pytest.mark.parametrize("again", STUDIES)
def test_a_study_that_ran_alone_leaves_the_other_with_its_own_record(
    again: str, whole: Path, tmp_path: Path
) -> None:
    before = publish(whole, tmp_path / "references")
    whole_run = copytree(before, tmp_path / "before")
    other = next(name for name in STUDIES if name != again)
    target = publish(of_one_study(whole, again), tmp_path / "references")
    assert files(target) == {*files(whole_run), f"{other}/provenance.json"}
    record = (target / other / "provenance.json").read_bytes()
    assert record == (whole_run / "provenance.json").read_bytes()
    for path in sorted((whole_run / other).iterdir()):
        taken = target / other / path.name
        if path.suffix == ".csv":  # comparisons are made again from tables of decimal digits
            pd.testing.assert_frame_equal(pd.read_csv(taken), pd.read_csv(path), rtol=1e-9)
        else:
            assert taken.read_bytes() == path.read_bytes()
    assert json.loads((target / "provenance.json").read_text())["git_commit"] == "b" * 40
    assert read_config(target)["studies"] == STUDIES
    assert (target / "answer.txt").read_text() == (whole_run / "answer.txt").read_text()
    assert rounded(target / "claims.json") == rounded(whole_run / "claims.json")
    assert json.loads((target / DIGESTS).read_text())["files"] == file_digests(target)
    old = json.loads(record)["git_commit"]
    told = compared(target, target)
    assert told.count(f"{again} study: commit bbbbbbb,") == 2
    assert told.count(f"{other} study: commit {old[:7]},") == 2
    page = fill("<!-- results: setting laptop -->\n<!-- end of results -->", target.parent)
    assert f"{again} study: gathered by commit `bbbbbbbbbbbb`" in page
    assert f"{other} study: gathered by commit `{old[:12]}`" in page


def test_a_kept_study_of_few_arms_is_judged_again(whole: Path, tmp_path: Path) -> None:
    leave_arms(whole, ["baseline", "crossover"])
    write_records(whole)
    before = pd.read_csv(publish(whole, tmp_path / "references") / "claims.csv")
    target = publish(of_one_study(whole, "gender"), tmp_path / "references")
    pd.testing.assert_frame_equal(pd.read_csv(target / "claims.csv"), before, rtol=1e-9)
    assert (before["verdict"] == "contradicted").any()


def test_studies_of_different_settings_make_no_reference(whole: Path, tmp_path: Path) -> None:
    target = publish(whole, tmp_path / "references")
    before = file_digests(target)
    with pytest.raises(CrossbreedError, match=r"crossover study .* other settings \(epochs\);"):
        publish(of_one_study(whole, "gender", epochs=13), tmp_path / "references")
    assert file_digests(target) == before


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("config.yaml", r"config\.yaml is missing, so it is not known which studies"),
        ("provenance.json", r"provenance\.json: not as it was published; restore it"),
        ("crossover/cost.csv", r"crossover/cost\.csv: not as it was published; restore it"),
        ("digests.json", "something else than a reference"),
    ],
)
def test_a_reference_with_a_gap_is_not_built_on(name: str, wanted: str, whole: Path) -> None:
    references = whole.parent / "references"
    target = publish(whole, references)
    (target / name).unlink()
    before = file_digests(target)
    with pytest.raises(CrossbreedError, match=wanted):
        publish(of_one_study(whole, "gender"), references)
    assert file_digests(target) == before
    assert [path.name for path in references.iterdir()] == ["laptop"]


def test_a_kept_table_without_sense_is_told_in_one_line(whole: Path) -> None:
    target = publish(whole, whole.parent / "references")
    outcomes = pd.read_csv(target / "crossover" / "outcomes.csv")
    write_csv(target / "crossover" / "outcomes.csv", pd.concat([outcomes, outcomes]))
    write_digests(target)
    before = file_digests(target)
    with pytest.raises(CrossbreedError, match="its tables cannot be judged; they are damaged"):
        publish(of_one_study(whole, "gender"), whole.parent / "references")
    assert file_digests(target) == before


def mapped_results(folder: Path, study: Study) -> Path:
    """Write the results of a map of one condition, whose difference its page shows."""
    write_text(folder / "config.yaml", yaml.safe_dump(study.model_dump(mode="json")))
    write_text(folder / "provenance.json", (LAPTOP / "provenance.json").read_text())
    write_csv(folder / "claims.csv", pd.DataFrame(columns=list(COLUMNS)))
    for name in copied(["conditions"]):
        if not (folder / name).exists():
            write_text(folder / name, f"{name}\n")
    row = {"condition": "wide", "label": "1024 units", "group": "model", "arm": "crossover"}
    row |= {"reference": "baseline", "metric": "best_train_loss", "kind": "relative"}
    ends = {"difference": 0.1, "interval_low": 0.05, "interval_high": 0.15}
    rest = {"runs": 4, "missing_runs": None, "runs_needed": 3, "p_over_conditions": 0.01}
    write_csv(folder / "conditions" / "conditions.csv", pd.DataFrame([row | ends | rest]))
    write_text(folder / "index.html", "page\n")
    write_records(folder)
    return folder


def test_a_map_of_conditions_is_published_and_told_again(tmp_path: Path, study: Study) -> None:
    wide = {"label": "1024 units", "group": "model", "change": {"model": {"hidden": [1024]}}}
    # Claims are of arms that this study leaves out.
    arms = ["baseline", "crossover"]
    settings = {"studies": ["conditions"], "arms": arms, "conditions": {"wide": wide}}
    mapped = check_study({**study.model_dump(mode="json"), **settings})
    assert list(mapped.arm) == arms
    folder = mapped_results(tmp_path / "results", mapped)
    target = publish(folder, tmp_path / "references")
    assert (target / "conditions" / "map.svg").is_file()
    assert "conditions/summary.txt" in derive(target, mapped, read_config(target))
    told = (target / "conditions" / "summary.txt").read_text()
    assert "1024 units   +10.0%  (+5.0% to +15.0%; 4 runs)  hurts" in told
    write_csv(folder / "conditions" / "conditions.csv", pd.DataFrame([{"condition": "wide"}]))
    with pytest.raises(CrossbreedError, match=r"claims\.csv: made from another conditions"):
        publish(folder, tmp_path / "references")


def test_a_study_that_is_not_known_is_not_published(tmp_path: Path, study: Study) -> None:
    settings = {**study.model_dump(mode="json"), "studies": ["weather"]}
    write_text(tmp_path / "results" / "config.yaml", yaml.safe_dump(settings))
    with pytest.raises(CrossbreedError, match="must be of crossover, gender, conditions"):
        publish(tmp_path / "results", tmp_path / "references")
