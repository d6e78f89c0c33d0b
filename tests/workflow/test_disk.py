"""Full disks and folders that take no writes, all of them real."""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from crossbreed.config.compose import compose_study
from crossbreed.crossover.plan import CrossoverPlan
from crossbreed.data.examples import Examples, save_examples
from crossbreed.jobs.environment import set_environment
from crossbreed.scheduling.error_messages import refusal
from crossbreed.training.checkpoint import load_population
from filesystems import Mounts, own_mounts
from job_command import command
from repository import REPOSITORY
from snakemake_call import ENVIRONMENT, PATIENCE
from snakemake_call import command as snakemake_command

CROSSOVER = Path("results/ci/crossover")
BEST = CROSSOVER / "run-01/best.csv"
SHAPES = {"train": (300, 28, 28), "t10k": (100, 28, 28)}
ROOM = 200 << 20
# One of its files of progress or populations takes about 460 kB.
SMALL = "model={hidden_widths: [16]}"


@dataclass
class Place:
    """What Snakemake would fill into the paths of a training job."""

    run: str
    lineage: str
    epoch: str


@dataclass(frozen=True)
class Studies:
    """How to run preset `ci` with few tiny networks on few images."""

    mirror: Path
    dataset: str

    def command(self, folder: Path, *options: str | Path) -> list[str]:
        return snakemake_command(
            folder,
            *map(str, options),
            *("--config", "preset=ci", "studies=[crossover]", "runs=1"),
            *("arms=[baseline, crossover]", SMALL),
            *(f"data={{mirror: {self.mirror}}}", self.dataset),
        )

    def run(self, folder: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
        return call(self.command(folder, *options))


def call(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=ENVIRONMENT,
        timeout=PATIENCE,
        check=False,
    )


def images(shape: tuple[int, ...], seed: int) -> Examples:
    labels = np.arange(shape[0]) % 10
    noise = np.random.default_rng(seed).integers(0, 60, shape)
    return Examples((noise + 15 * labels[:, None, None]).astype(np.uint8), labels)


def idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Studies:
    mirror = tmp_path_factory.mktemp("mirror")
    digests = []
    for kind, (name, shape) in zip(("train", "test"), SHAPES.items(), strict=True):
        made = images(shape, len(name))
        for what, file, array in (
            ("images", "images-idx3", made.images),
            ("labels", "labels-idx1", made.labels.astype(np.uint8)),
        ):
            content = idx(array)
            (mirror / f"{name}-{file}-ubyte").write_bytes(content)
            digests.append(f"{kind}_{what}: {{sha256: '{hashlib.sha256(content).hexdigest()}'}}")
    sizes = "available: {train: 300, test: 100}, train: 200, validation: 50, test: 50"
    return Studies(mirror, f"dataset={{{sizes}, files: {{{', '.join(digests)}}}}}")


@pytest.fixture(scope="module")
def undisturbed(studies: Studies, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the study has run to the evaluation of its run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    finished = studies.run(folder, BEST)
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.fixture
def prepared(undisturbed: Path, tmp_path: Path) -> Path:
    """Return a folder of a study whose examples are made and nothing else yet."""
    folder = tmp_path / "study"
    shutil.copytree(undisturbed, folder)
    for made in (folder / CROSSOVER).glob("run-*"):
        shutil.rmtree(made)
    shutil.rmtree(folder / "results/ci/logs/crossover/train")
    return folder


def assert_no_traceback(printed: str) -> None:
    assert "Traceback" not in printed
    assert "Logging error" not in printed


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def training(folder: Path, examples: Path) -> tuple[list[str], Mapping[str, str]]:
    """Return the command and environment by which Snakemake would train two epochs."""
    changes = {"preset": "ci", "model": {"hidden_widths": [16]}, "save_every": {"epochs": 1}}
    study = compose_study(REPOSITORY / "config", {**changes, "arms": ["baseline"]})
    environment = dict(ENVIRONMENT)
    set_environment(REPOSITORY, environment)
    # Cut in the middle by no arm, which baseline's evaluation at half time else does.
    job = CrossoverPlan(study).train(Place("01", "trunk", "0001")).model_copy(update={"stop": 2})
    files = {
        "examples": examples,
        "target": folder / "population.safetensors",
        "curve": folder / "curve.csv",
    }
    return command(job, *job.added(files, save_every=study.save_every, threads=1)), environment


def test_training_on_a_full_disk_names_the_file_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    examples, folder, elsewhere = (tmp_path / name for name in ("e.safetensors", "a", "b"))
    splits = {name: images((60, 28, 28), seed) for seed, name in enumerate(("train", "test"))}
    save_examples(examples, {**splits, "validation": splits["test"]}, None)
    folder.mkdir()
    command, environment = training(elsewhere, examples)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    whole = (elsewhere / "population.safetensors").stat().st_size
    # Of a job that has ended well the last save is kept, here that of epoch 2.
    (last,) = (path.name for path in (elsewhere / ".progress").glob("*.safetensors"))
    progress = [last.replace("0002", "0001"), last]
    command, environment = training(folder, examples)
    with own_mounts() as mounts:
        seen = mounts.inside(folder)

        def train(size: int) -> tuple[int, list[str]]:
            mounts.enlarge(folder, size)
            finished = mounts.run(command, environment)
            assert_no_traceback(finished.stderr)
            return finished.returncode, finished.stderr.splitlines()

        mounts.small(folder, whole)
        # Room for the progress of the first epoch, not of the second.
        status, lines = train(whole * 3 // 2)
        full = "cannot be written: No space left on device"
        assert (status, lines[-1]) == (1, f"train: {folder}/.progress/{progress[1]} {full}")
        assert sum("No space" in line for line in lines) == 1
        assert files_below(seen) == [f".progress/{progress[0]}", ".progress/owner"]
        # Then for that too, not for the result.
        status, lines = train(whole * 5 // 2)
        assert (status, lines[-1]) == (1, f"train: {folder}/population.safetensors {full}")
        assert any("going on from epoch 1" in line for line in lines)
        kept = [f".progress/{name}" for name in progress]
        assert files_below(seen) == sorted([*kept, ".progress/owner"])
        # Then for all.
        status, lines = train(ROOM)
        assert status == 0
        assert any("going on from epoch 2" in line for line in lines)
        assert files_below(seen) == files_below(elsewhere)
        for name in ("population.safetensors", "curve.csv"):
            assert (seen / name).read_bytes() == (elsewhere / name).read_bytes()


def put(mounts: Mounts, source: Path, folder: Path) -> None:
    """Copy a study to a file system that only the commands see."""
    copied = mounts.run(["cp", "--archive", f"{source}/.", str(folder)])
    assert copied.returncode == 0, copied.stderr


def test_study_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    studies: Studies, undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    with own_mounts() as mounts:
        # Room for the data, the first population and its progress, not for the next.
        mounts.small(folder, 2_000_000)
        finished = mounts.run(studies.command(folder, BEST), ENVIRONMENT)
        assert finished.returncode == 1
        assert_no_traceback(finished.stderr)
        log = "results/ci/logs/crossover/train/run-01.trunk.epoch-0002.log"
        assert re.search(
            rf"^{re.escape(log)}: train: \S+/epoch-0002/\S+\.safetensors "
            r"cannot be written: No space left on device$",
            finished.stderr,
            re.MULTILINE,
        )
        left = list(mounts.inside(folder).glob(f"{CROSSOVER}/**/population.safetensors"))
        assert [path.parent.name for path in left] == ["epoch-0001"]
        load_population(left[0], epoch=1)
        mounts.enlarge(folder, ROOM)
        finished = mounts.run(studies.command(folder, "--rerun-incomplete", BEST), ENVIRONMENT)
        assert finished.returncode == 0, finished.stderr
        assert "Training crossover, run 01, trunk, to epoch 0001" not in finished.stderr
        assert mounts.inside(folder / BEST).read_bytes() == (undisturbed / BEST).read_bytes()


def test_folders_that_take_no_writes_are_named_without_a_traceback(
    studies: Studies, prepared: Path
) -> None:
    fresh = prepared.parent / "fresh"
    fresh.mkdir()
    cases = [
        (fresh, fresh, rf"crossbreed: {fresh}/\.snakemake: Read-only file system"),
        (prepared, prepared / "results", r"OSError: \[Errno 30\] Read-only file system: '.*'"),
    ]
    before = files_below(prepared / "results")
    for folder, refused, message in cases:
        with own_mounts() as mounts:
            mounts.read_only(refused)
            finished = mounts.run(studies.command(folder, BEST), ENVIRONMENT)
            assert finished.returncode == 1, message
            assert_no_traceback(finished.stderr)
            assert re.fullmatch(message, finished.stderr.splitlines()[-1])
            if refused != folder:
                # What writes no results is no worse off.
                planned = mounts.run(studies.command(folder, "--dry-run", BEST), ENVIRONMENT)
                assert planned.returncode == 0, planned.stderr
    assert files_below(prepared / "results") == before
    assert files_below(fresh) == []


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
