"""Full disks and folders that take no writes, all of them real."""

from __future__ import annotations

import errno
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from crossbreed.config.schema import Study
from crossbreed.scheduling.error_messages import refusal
from crossbreed.training.checkpoint import load_population
from filesystems import own_mounts
from snakemake_call import ENVIRONMENT, command
from train_job import TrainJob, make_examples

CROSSOVER = Path("results/ci/crossover")
BEST = CROSSOVER / "run-01/best.csv"
LOGS = "results/ci/logs/crossover/train"
ROOM = 200 << 20
Command = Callable[..., list[str]]


@pytest.fixture(scope="module")
def study_command(mirror: Path) -> Command:
    """Return a function that gives the command to train few tiny networks on few images."""

    def of_folder(folder: Path, *options: str) -> list[str]:
        return command(
            folder,
            *(str(BEST), *options, "--config", "preset=ci", "studies=[crossover]", "runs=1"),
            *("arms=[baseline, crossover]", f"data={{mirror: {mirror}}}"),
            # One of its files of progress or populations takes about 460 kB.
            *("model={hidden_widths: [16]}", "dataset={train: 200, validation: 50, test: 50}"),
        )

    return of_folder


@pytest.fixture(scope="module")
def undisturbed(study_command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the study has run to the evaluation of its run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    subprocess.run(study_command(folder), env=ENVIRONMENT, check=True, capture_output=True)
    return folder


def assert_no_traceback(printed: str) -> None:
    assert "Traceback" not in printed
    assert "Logging error" not in printed


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_training_on_a_full_disk_names_the_file_and_goes_on_when_there_is_room(
    tmp_path: Path, study: Study
) -> None:
    examples, folder = tmp_path / "examples.safetensors", tmp_path / "job"
    make_examples(examples, train=60)
    model = study.model.model_copy(update={"hidden_widths": [16]})
    undisturbed, job = (
        TrainJob(path, examples, study, model=model, stop=2)
        for path in (tmp_path / "undisturbed", folder)
    )
    undisturbed.run()
    size = undisturbed.target.stat().st_size
    # Of a job that has ended well the last save is kept, here that of epoch 2.
    (last,) = (path.name for path in undisturbed.saves())
    progress = [last.replace("0002", "0001"), last]
    with own_mounts() as mounts:
        seen = mounts.inside(folder)

        def train(room: int) -> tuple[int, list[str]]:
            mounts.enlarge(folder, room)
            finished = mounts.run(job.command(), job.environment)
            assert_no_traceback(finished.stderr)
            return finished.returncode, finished.stderr.splitlines()

        mounts.small(folder, size)
        # Room for the progress of the first epoch, not of the second.
        status, lines = train(size * 3 // 2)
        full = "cannot be written: No space left on device"
        assert (status, lines[-1]) == (1, f"train: {folder}/.progress/{progress[1]} {full}")
        assert sum("No space" in line for line in lines) == 1
        assert files_below(seen) == [f".progress/{progress[0]}", ".progress/owner"]
        # Then for that too, not for the result.
        status, lines = train(size * 5 // 2)
        assert (status, lines[-1]) == (1, f"train: {job.target} {full}")
        assert any("going on from epoch 1" in line for line in lines)
        kept = [f".progress/{name}" for name in progress]
        assert files_below(seen) == sorted([*kept, ".progress/owner"])
        # Then for all.
        status, lines = train(ROOM)
        assert status == 0
        assert any("going on from epoch 2" in line for line in lines)
        for path in (undisturbed.target, undisturbed.curve):
            assert (seen / path.name).read_bytes() == path.read_bytes()


def test_study_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    undisturbed: Path, study_command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    with own_mounts() as mounts:
        # Room for the examples, the first population and its progress, not for the next.
        mounts.small(folder, 1_400_000)
        seen = mounts.inside(folder)
        (seen / "results").mkdir()
        (seen / "results/data").symlink_to(undisturbed / "results/data")
        finished = mounts.run(study_command(folder), ENVIRONMENT)
        assert finished.returncode == 1
        assert_no_traceback(finished.stderr)
        log = re.escape(f"{LOGS}/run-01.trunk.epoch-0002.log")
        assert re.search(
            rf"^{log}: train: \S+/epoch-0002/\S+\.safetensors "
            r"cannot be written: No space left on device$",
            finished.stderr,
            re.MULTILINE,
        )
        left = list(seen.glob(f"{CROSSOVER}/**/population.safetensors"))
        assert [path.parent.name for path in left] == ["epoch-0001"]
        load_population(left[0], epoch=1)
        mounts.enlarge(folder, ROOM)
        again = study_command(folder, "--rerun-incomplete", "--verbose")
        finished = mounts.run(again, ENVIRONMENT)
        assert finished.returncode == 0, finished.stderr
        assert "Training crossover, run 01, trunk, to epoch 0002" in finished.stderr
        assert "Training crossover, run 01, trunk, to epoch 0001" not in finished.stderr
        assert mounts.inside(folder / BEST).read_bytes() == (undisturbed / BEST).read_bytes()


def test_folders_that_take_no_writes_are_named_without_a_traceback(
    undisturbed: Path, study_command: Command, tmp_path: Path
) -> None:
    # One that is empty, and one of a study whose examples are made and nothing else yet.
    empty, prepared = tmp_path / "empty", tmp_path / "prepared"
    empty.mkdir()
    shutil.copytree(undisturbed, prepared)
    shutil.rmtree(prepared / CROSSOVER / "run-01")
    before = files_below(prepared / "results")
    cases = [
        (empty, empty, f"{empty}/.snakemake"),
        (prepared, prepared / "results", f"{LOGS}/run-01.trunk.epoch-0001.log"),
    ]
    for folder, read_only, refused in cases:
        with own_mounts() as mounts:
            mounts.read_only(read_only)
            finished = mounts.run(study_command(folder), ENVIRONMENT)
        assert finished.returncode == 1
        assert_no_traceback(finished.stderr)
        last = finished.stderr.splitlines()[-1]
        assert last == f"crossbreed: {refused}: Read-only file system"
    assert files_below(prepared / "results") == before
    assert files_below(empty) == []


def test_only_what_the_system_refuses_is_cut_to_a_line(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert refusal(full) == f"crossbreed: a file below {Path.cwd()}: No space left on device"
    full.filename = "a.log"
    line = "crossbreed: a.log: No space left on device"
    assert refusal(full) == line
    # As Snakemake's concurrent tasks raise it.
    assert refusal(ExceptionGroup("of tasks", [ExceptionGroup("inner", [full])])) == line
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "missing").read_bytes()
    for error in (missing.value, ValueError("a defect"), OSError("no number"), None):
        assert refusal(error) is None
