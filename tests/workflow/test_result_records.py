"""No result of other settings, code or inputs is used, whatever has become of Snakemake's notes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from crossbreed.storage.records import FOLDER, inconsistent, job_key, why_invalid, write_record
from planner import plan
from repository import REPOSITORY
from snakemake_call import planned_jobs, snakemake

SETTINGS = {"hydra": ["trainer.learning_rate=0.1", "seed=1"], "code": "0123"}
KEY = job_key(SETTINGS, ["upstream"])

# Numbers are drawn for each run, and summed; each job also takes what the configuration says.
SNAKEFILE = """
from pathlib import Path

from crossbreed.scheduling.records import keep_records

if workflow.is_main_process:
    keep_records(Path(workflow.basedir))

RUNS = range(config.get("runs", 2))

rule all:
    input: "sum.txt"

rule draw:
    output: "run-{run}/drawn.txt"
    params:
        hydra=[f"seed={config.get('seed', 1)}"],
        code=config.get("code", "0123"),
    shell: "echo {wildcards.run} {params.hydra} > {output}"

rule train:
    input: "run-{run}/drawn.txt"
    output: "run-{run}/trained.txt"
    params:
        hydra=[f"rate={config.get('rate', 0.1)}"],
        code="4567",
    shell: "cat {input} > {output}; echo {params.hydra} >> {output}"

rule sum:
    input: expand("run-{run}/trained.txt", run=RUNS)
    output: "sum.txt"
    params:
        hydra=[],
        code="89ab",
    shell: "cat {input} > {output}"
"""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a result with a record of how it was made."""
    result = tmp_path / "study" / "run-01" / "curve.csv"
    result.parent.mkdir(parents=True)
    result.write_text("1.0\n")
    source = tmp_path / "study" / "examples.bin"
    source.write_text("images\n")
    write_record(result, KEY, SETTINGS, [source])
    return result


def sources(result: Path) -> list[Path]:
    return [result.parents[1] / "examples.bin"]


def test_a_record_fits_the_job_that_made_the_result_wherever_it_lies(
    made: Path, tmp_path: Path
) -> None:
    assert why_invalid(made, KEY, SETTINGS, sources(made)) is None
    copied = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "study", copied)
    result = copied / "run-01" / "curve.csv"
    assert why_invalid(result, KEY, SETTINGS, sources(result)) is None
    # What was deleted to save room makes nothing run again.
    sources(result)[0].unlink()
    result.unlink()
    assert why_invalid(result, KEY, SETTINGS, sources(result)) is None


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"hydra": ["trainer.learning_rate=0.2", "seed=1"]}, "other trainer.learning_rate"),
        ({"hydra": ["trainer.learning_rate=0.1", "seed=2"]}, "other seed"),
        ({"hydra": ["trainer.learning_rate=0.1"]}, "other seed"),
        ({"code": "4567"}, "other code"),
        ({"content": {"train": "abcd"}}, "other content"),
    ],
)
def test_other_settings_or_code_are_named(
    settings: dict[str, object], wanted: str, made: Path
) -> None:
    changed = {**SETTINGS, **settings}
    assert why_invalid(made, job_key(changed, ["upstream"]), changed, sources(made)) == wanted
    # Also where only the record is left.
    made.unlink()
    assert why_invalid(made, job_key(changed, ["upstream"]), changed, sources(made)) == wanted


def replace_result(result: Path) -> None:
    result.write_text("2.0\n")


def replace_input(result: Path) -> None:
    sources(result)[0].write_text("other images\n")


def remove_record(result: Path) -> None:
    shutil.rmtree(result.parent / FOLDER)


def cut_record(result: Path) -> None:
    path = result.parent / FOLDER / f"{result.name}.json"
    path.write_text(path.read_text()[:-20])


def empty_record(result: Path) -> None:
    (result.parent / FOLDER / f"{result.name}.json").write_text("[]\n")


@pytest.mark.parametrize(
    ("harm", "wanted"),
    [
        (replace_result, "changed since it was made"),
        (replace_input, "made from another examples.bin"),
        (remove_record, "no record of what it was made with"),
        (cut_record, "no record of what it was made with"),
        (empty_record, "no record of what it was made with"),
    ],
)
def test_what_was_changed_is_noticed(harm: Callable[[Path], None], wanted: str, made: Path) -> None:
    table = made.with_name("table.csv")
    table.write_text("sum\n")
    write_record(table, job_key({}, [KEY]), {}, [made])
    assert inconsistent([table]) == []
    harm(made)
    assert why_invalid(made, KEY, SETTINGS, sources(made)) == wanted
    # Who reads only what was made from it notices, too, unless there is nothing left to read.
    if harm in {replace_result, replace_input}:
        assert f"{made}: {wanted}" in inconsistent([table])
    else:
        assert inconsistent([made]) == [f"{made}: {wanted}"]


def test_other_settings_of_jobs_before_and_other_inputs_are_noticed(made: Path) -> None:
    wanted = "made from results of other settings or code"
    assert why_invalid(made, job_key(SETTINGS, ["other"]), SETTINGS, sources(made)) == wanted
    more = [*sources(made), made.with_name("more.csv")]
    assert why_invalid(made, KEY, SETTINGS, more) == "made from other files"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small workflow")
    (folder / "Snakefile").write_text(SNAKEFILE)
    ended = snakemake(folder, checkout=folder)
    assert ended.returncode == 0, ended.stderr
    shutil.rmtree(folder / ".snakemake")
    return folder


def jobs(folder: Path, *changes: str, options: tuple[str, ...] = ()) -> dict[str, int]:
    configured = ("--config", *changes) if changes else ()
    status, printed = plan(folder, *options, *configured, checkout=folder)
    assert status == 0, printed
    return planned_jobs(printed, "all")


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ([], {}),
        (["rate=0.2", "runs=3"], {"draw": 1, "train": 3, "sum": 1}),
        (["seed=2"], {"draw": 2, "train": 2, "sum": 1}),
        (["code=cdef"], {"draw": 2, "train": 2, "sum": 1}),
        # Fewer runs: what is there is valid, but it was summed with another.
        (["runs=1"], {"sum": 1}),
    ],
)
def test_snakemake_makes_again_what_has_changed_though_its_notes_are_gone(
    changes: list[str], wanted: dict[str, int], finished: Path
) -> None:
    assert jobs(finished, *changes) == wanted
    # Also if times alone are to decide.
    assert jobs(finished, *changes, options=("--rerun-triggers", "mtime")) == wanted


def test_results_of_another_folder_are_not_taken_for_ours(finished: Path, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    shutil.copytree(finished, ours)
    shutil.copytree(finished, theirs)
    ended = snakemake(theirs, "--config", "rate=0.2", checkout=theirs)
    assert ended.returncode == 0, ended.stderr
    assert "run-0/trained.txt and 1 more: other rate" in ended.stderr
    shutil.copytree(theirs / "run-0", ours / "run-0", dirs_exist_ok=True)
    assert jobs(ours) == {"train": 1, "sum": 1}
    # The file without its record.
    shutil.rmtree(ours / "run-0")
    shutil.copytree(finished / "run-0", ours / "run-0")
    shutil.copy2(theirs / "run-0" / "trained.txt", ours / "run-0")
    assert jobs(ours) == {"train": 1, "sum": 1}
    # An intermediate one was deleted with its record: what was made of it still says so.
    shutil.rmtree(ours / "run-0")
    assert jobs(ours) == {}
    assert jobs(ours, "rate=0.2") == {"draw": 1, "train": 2, "sum": 1}


def test_touching_makes_nothing_valid(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "touched"
    shutil.copytree(finished, folder)
    ended = snakemake(folder, "--touch", "--config", "rate=0.2", checkout=folder)
    assert ended.returncode == 0, ended.stderr
    assert jobs(folder, "rate=0.2") == {"train": 2, "sum": 1}


def test_a_failed_job_leaves_no_record(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "failed"
    shutil.copytree(finished, folder)
    text = SNAKEFILE.replace('cat {input} > {output}"', 'cat {input} > {output}; exit 1"')
    (folder / "Snakefile").write_text(text)
    (folder / "sum.txt").unlink()
    record = folder / FOLDER / "sum.txt.json"
    before = json.loads(record.read_text())
    ended = snakemake(folder, "--keep-incomplete", "--config", "rate=0.2", checkout=folder)
    assert ended.returncode == 1
    assert (folder / "sum.txt").exists()
    assert json.loads(record.read_text()) == before
    assert jobs(folder, "rate=0.2", options=("--ignore-incomplete",)) == {"sum": 1}


def test_cleaning_deletes_the_results_behind_a_link_too(tmp_path: Path) -> None:
    disk, checkout = tmp_path / "disk", tmp_path / "checkout"
    for name in ("ci/answer.txt", "data/images", "reference/laptop/answer.txt", "README.md"):
        (disk / name).parent.mkdir(parents=True, exist_ok=True)
        (disk / name).write_text("content\n")
    checkout.mkdir()
    (checkout / "results").symlink_to(disk)
    command = ["make", "--file", str(REPOSITORY / "Makefile"), "clean"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    assert sorted(path.name for path in disk.iterdir()) == ["README.md", "data", "reference"]


def test_files_of_the_checkout_are_known_wherever_results_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caption, result = tmp_path / "checkout" / "caption.rst", Path("results/page.html")
    caption.parent.mkdir()
    caption.write_text("caption\n")
    (tmp_path / "here" / "results").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    result.write_text("page\n")
    write_record(result, KEY, SETTINGS, [caption])
    shutil.copytree(tmp_path / "here", tmp_path / "elsewhere" / "deeper")
    monkeypatch.chdir(tmp_path / "elsewhere" / "deeper")
    assert why_invalid(result, KEY, SETTINGS, [caption]) is None
    caption.write_text("another caption\n")
    assert why_invalid(result, KEY, SETTINGS, [caption]) == "made from another caption.rst"
