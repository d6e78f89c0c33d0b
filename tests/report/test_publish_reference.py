"""Publishing: a reference is made from one run of all of a study, or nothing is changed."""

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

from crossbreed.errors import CrossbreedError
from crossbreed.reference.comparison import compared
from crossbreed.reference.contents import (
    BY_EPOCH,
    CURVES,
    DIGESTS,
    IF_MEASURED,
    copied,
    file_digests,
    read_config,
)
from crossbreed.reference.publishing import publish
from crossbreed.storage.files import write_csv, write_json, write_text
from crossbreed.storage.records import FOLDER, write_record
from repository import REPOSITORY

LAPTOP = REPOSITORY / "results" / "reference" / "laptop"
STUDIES = ["crossover", "gender"]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a real run's results; of each population the best network and one for the others."""
    folder = copytree(LAPTOP, tmp_path / "own" / "laptop")
    (folder / DIGESTS).unlink()
    for study in STUDIES:
        (folder / study / "provenance.json").unlink(missing_ok=True)
    by_epoch = pd.read_csv(folder / BY_EPOCH)
    (folder / BY_EPOCH).unlink()
    best = by_epoch[["run", "arm", "epoch", "validation_loss"]].assign(
        network=0, train_loss=by_epoch["best_train_loss"]
    )
    second = best.assign(
        network=1,
        train_loss=2 * by_epoch["mean_train_loss"] - by_epoch["best_train_loss"],
        validation_loss=9.0,
    )
    write_csv(folder / CURVES, pd.concat([best, second]))
    write_records(folder)
    return folder


def write_records(folder: Path) -> None:
    """Let all files of results bear records, as made by one run."""
    made_from = {
        "claims.csv": [*folder.glob("*/outcomes.csv"), *folder.glob("*/differences.csv")],
        "crossover/outcomes.csv": [folder / CURVES],
    }
    for name in files(folder):
        write_record(folder / name, "key", {}, made_from.get(name, []))


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """Return a folder with an earlier reference of the same preset."""
    earlier = tmp_path / "checkout" / "results" / "reference" / "laptop"
    write_text(earlier / "crossover" / "leftover.csv", "earlier\n")
    write_text(earlier / "config.yaml", (LAPTOP / "config.yaml").read_text())
    return earlier.parent


def files(folder: Path) -> set[str]:
    """Return the names of all files of a folder but the records."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != FOLDER
    }


def test_publishing_takes_what_is_needed_and_leaves_nothing_else(
    results: Path, references: Path
) -> None:
    write_text(references / "another" / "claims.csv", "of another preset\n")
    (results / "crossover" / "barrier.csv").unlink()  # is published only where it was measured
    target = publish(results, references)
    assert target == references / "laptop"
    measured = {*IF_MEASURED} - {"crossover/barrier.csv"}
    assert files(target) == {*copied(STUDIES), BY_EPOCH, DIGESTS, *measured}
    assert {path.name for path in references.iterdir()} == {"laptop", "another"}
    assert files(references / "another") == {"claims.csv"}
    assert json.loads((target / DIGESTS).read_text())["files"] == file_digests(target)
    by_epoch = pd.read_csv(target / BY_EPOCH)
    pd.testing.assert_frame_equal(by_epoch, pd.read_csv(LAPTOP / BY_EPOCH), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("crossover/curves.csv", "", "curves.csv: changed since it was made"),
        ("claims.csv", "claim\n", "claims.csv: changed since it was made"),
        ("provenance.json", "{", "is damaged or of another version"),
        ("config.yaml", "preset: laptop\n", "is damaged or of another version"),
    ],
)
def test_a_damaged_result_is_reported_and_changes_nothing(
    name: str, content: str, wanted: str, results: Path, references: Path
) -> None:
    write_text(results / name, content)
    before = file_digests(references)
    with pytest.raises(CrossbreedError, match=wanted) as caught:
        publish(results, references)
    assert str(results / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert file_digests(references) == before


def test_a_part_of_a_study_is_not_published(results: Path, references: Path) -> None:
    (results / "crossover" / "cost.csv").unlink()
    with pytest.raises(CrossbreedError, match=r"crossover/cost\.csv missing"):
        publish(results, references)


def test_a_kill_leaves_the_earlier_reference_and_the_next_call_completes(
    results: Path, references: Path
) -> None:
    earlier = file_digests(references)
    # So large that there is time for a kill.
    (results / "gender" / "family_tree.svg").write_bytes(bytes(30_000_000))
    write_records(results)
    checkout = references.parents[1]
    call = (sys.executable, "-m", "crossbreed.reference", "publish", str(results))
    killed = subprocess.Popen(call, cwd=checkout, stdout=subprocess.DEVNULL)
    begun = references / ".laptop.new" / "config.yaml"
    while killed.poll() is None and not begun.exists():
        time.sleep(0.001)
    killed.kill()
    killed.wait()
    assert killed.returncode != 0, "the kill came too late"
    assert file_digests(references).items() >= earlier.items()
    # What is half written is none to compare with.
    compare = (sys.executable, "-m", "crossbreed.reference", "compare", str(LAPTOP))
    printed = subprocess.run(compare, cwd=checkout, check=False, capture_output=True, text=True)
    assert ".laptop" not in printed.stdout + printed.stderr
    subprocess.run(call, cwd=checkout, check=True, capture_output=True)
    assert [path.name for path in references.iterdir()] == ["laptop"]
    recorded = json.loads((references / "laptop" / DIGESTS).read_text())["files"]
    assert recorded == file_digests(references / "laptop")


def test_a_kill_between_old_and_new_loses_nothing(results: Path, references: Path) -> None:
    (references / "laptop").rename(references / ".laptop.old")
    write_text(references / ".laptop.new" / "claims.csv", "of the killed attempt\n")
    (results / "claims.csv").unlink()
    with pytest.raises(CrossbreedError, match=r"claims\.csv missing"):
        publish(results, references)
    assert files(references) == {"laptop/config.yaml", "laptop/crossover/leftover.csv"}


@pytest.mark.parametrize("table", ["crossover/outcomes.csv", "gender/differences.csv"])
def test_two_studies_are_not_mixed(table: str, results: Path, references: Path) -> None:
    """As after `snakemake crossover --config runs=3`, which renews the tables only."""
    write_csv(results / table, pd.read_csv(results / table)[:-1])
    write_record(results / table, "key", {}, [])
    with pytest.raises(CrossbreedError, match=r"claims\.csv: made from another") as caught:
        publish(results, references)
    told = "run all of the study (snakemake --cores all --config preset=laptop)"
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "change", [{"git_changes": ["M src/crossbreed/x.py"]}, {"git_commit": None}]
)
def test_results_of_code_that_nobody_can_get_are_not_published(
    change: dict[str, Any], results: Path, references: Path
) -> None:
    record = json.loads((results / "provenance.json").read_text())
    write_json(results / "provenance.json", record | change)
    with pytest.raises(CrossbreedError, match="must be a commit and no changes"):
        publish(results, references)


def of_one_study(results: Path, study: str, **changes: Any) -> Path:
    """Leave of results what a later run of one study alone has, by another commit."""
    settings = {**read_config(results), "studies": [study], **changes}
    write_text(results / "config.yaml", yaml.safe_dump(settings, sort_keys=False))
    record = json.loads((results / "provenance.json").read_text())
    write_json(results / "provenance.json", record | {"git_commit": "b" * 40})
    ledger = pd.read_csv(results / "claims.csv")
    ours = {name for name, source in settings["claims"].items() if source["study"] == study}
    write_csv(results / "claims.csv", ledger[ledger["source"].isin(ours)])
    for name in {*STUDIES} - {study}:
        rmtree(results / name)
    write_records(results)
    return results


@pytest.mark.parametrize(("again", "kept"), [STUDIES, STUDIES[::-1]])
def test_a_study_that_ran_alone_leaves_the_other_with_its_own_record(
    again: str, kept: str, results: Path, tmp_path: Path
) -> None:
    target = publish(results, tmp_path / "references")
    before, record = file_digests(target), (target / "provenance.json").read_text()
    ledger = pd.read_csv(target / "claims.csv")
    publish(of_one_study(results, again), tmp_path / "references")
    after = file_digests(target)
    assert after.keys() == {*before, f"{kept}/provenance.json"}
    # Both studies' settings and claims, as before; comparisons that are made again are the same.
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"claims.csv"} == {"provenance.json"}
    pd.testing.assert_frame_equal(pd.read_csv(target / "claims.csv"), ledger, rtol=1e-9)
    assert (target / kept / "provenance.json").read_text() == record
    told = compared(target, target)
    assert told.count(f"{again} study: commit bbbbbbb,") == 2
    assert told.count(f"{kept} study: commit {json.loads(record)['git_commit'][:7]},") == 2


def test_studies_of_different_settings_make_no_reference(results: Path, tmp_path: Path) -> None:
    target = publish(results, tmp_path / "references")
    before = file_digests(target)
    with pytest.raises(CrossbreedError, match=r"crossover study .* other settings \(epochs\);"):
        publish(of_one_study(results, "gender", epochs=13), tmp_path / "references")
    assert file_digests(target) == before


def test_a_map_of_conditions_is_published(tmp_path: Path) -> None:
    published = REPOSITORY / "results" / "reference" / "conditions"
    folder = copytree(published, tmp_path / "conditions")
    (folder / DIGESTS).unlink()
    write_records(folder)
    target = publish(folder, tmp_path / "references")
    assert file_digests(target) == file_digests(published)
