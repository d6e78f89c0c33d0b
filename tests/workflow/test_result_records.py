"""No result of other settings, code or inputs is used, whatever has become of Snakemake's notes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from crossbreed.storage.records import FOLDER, inconsistent, job_key, why_invalid, write_record
from planner import plan
from repository import REPOSITORY
from snakemake_call import planned_jobs, snakemake

SETTINGS: dict[str, object] = {"job": ["trainer.learning_rate=0.1", "seed=1"], "code": "0123"}
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
        job=[f"seed={config.get('seed', 1)}"],
        code=config.get("code", "0123"),
    shell: "echo {wildcards.run} {params.job} > {output}"

rule train:
    input: "run-{run}/drawn.txt"
    output: "run-{run}/trained.txt"
    params:
        job=[f"rate={config.get('rate', 0.1)}"],
        code="4567",
    shell: "cat {input} > {output}; echo {params.job} >> {output}"

rule sum:
    input: expand("run-{run}/trained.txt", run=RUNS)
    output: "sum.txt"
    params:
        job=[],
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


def reason(result: Path, settings: dict[str, object] = SETTINGS) -> str | None:
    """Return why a result is not what a job of these settings would make."""
    sources = [result.parents[1] / "examples.bin"]
    return why_invalid(result, job_key(settings, ["upstream"]), settings, sources)


def test_a_record_fits_the_job_that_made_the_result_wherever_it_lies(
    made: Path, tmp_path: Path
) -> None:
    assert reason(made) is None
    shutil.copytree(tmp_path / "study", tmp_path / "elsewhere")
    copied = tmp_path / "elsewhere" / "run-01" / "curve.csv"
    assert reason(copied) is None
    # What was deleted to save room makes nothing run again.
    (copied.parents[1] / "examples.bin").unlink()
    copied.unlink()
    assert reason(copied) is None


def test_what_decided_a_result_and_is_another_now_is_named(made: Path) -> None:
    def check_reasons() -> None:
        rate = {"job": ["trainer.learning_rate=0.2", "seed=1"]}
        assert reason(made, SETTINGS | rate) == "other trainer.learning_rate"
        assert reason(made, SETTINGS | {"job": rate["job"][:1]}) == (
            "other seed, trainer.learning_rate"
        )
        assert reason(made, SETTINGS | {"code": "4567"}) == "other code"

    check_reasons()
    upstream = job_key(SETTINGS, ["other"])
    wanted = "made from results of other settings or code"
    assert why_invalid(made, upstream, SETTINGS, []) == wanted
    assert why_invalid(made, KEY, SETTINGS, [made]) == "made from other files"
    # Also where only the record is left.
    made.unlink()
    check_reasons()


def test_files_that_were_changed_are_noticed(made: Path) -> None:
    table = made.with_name("table.csv")
    table.write_text("sum\n")
    write_record(table, job_key({}, [KEY]), {}, [made])
    assert inconsistent([table]) == []
    source = made.parents[1] / "examples.bin"
    source.write_text("other images\n")
    assert reason(made) == "made from another examples.bin"
    # Who reads only what was made from it notices, too.
    assert inconsistent([table]) == [f"{made}: made from another examples.bin"]
    source.write_text("images\n")
    made.write_text("2.0\n")
    assert reason(made) == "changed since it was made"
    assert f"{made}: changed since it was made" in inconsistent([table])
    record = made.parent / FOLDER / "curve.csv.json"
    record.write_text(record.read_text()[:-20])
    assert reason(made) == "no record of what it was made with"
    record.unlink()
    assert reason(made) == "no record of what it was made with"
    assert inconsistent([made]) == [f"{made}: no record of what it was made with"]


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
