"""A real training job, killed in every way, goes on where it was, to the same bytes."""

from __future__ import annotations

import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from crossbreed.config.compose import compose_study
from crossbreed.config.schema import Study
from repository import REPOSITORY
from train_job import TrainJob, make_examples, save_every


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "examples.safetensors"
    make_examples(path)
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, examples: Path, study: Study) -> TrainJob:
    job = TrainJob(tmp_path_factory.mktemp("undisturbed"), examples, study, stop=16)
    log = job.run(save_every(None))
    assert len(re.findall(r"epoch \d+ of 16", log)) == 16
    return job


def test_job_killed_in_every_way_ends_in_the_same_bytes(
    tmp_path: Path, examples: Path, study: Study, undisturbed: TrainJob
) -> None:
    job = TrainJob(tmp_path, examples, study, stop=16)
    saved = 0
    for number, epoch in (
        *((signal.SIGKILL, 2), (signal.SIGTERM, 4)),
        *((signal.SIGINT, 6), (signal.SIGHUP, 8)),
    ):
        process = job.start()
        job.wait_for(f"epoch {epoch} of 16")
        sent = time.monotonic()
        process.send_signal(number)
        status = process.wait(60)
        log = job.log.read_text()
        assert (f"going on from epoch {saved}" in log) == (saved > 0)
        saved = int(job.saves()[-1].stem[-4:])
        if number == signal.SIGKILL:
            assert status == -signal.SIGKILL
        else:
            assert status == 128 + number
            assert time.monotonic() - sent < 5
            assert log.endswith(f"stopped by {number.name}; epoch {saved} is saved\n")
        # An epoch is logged a moment before it is handed on.
        assert saved >= epoch - 1
        assert "Traceback" not in log
        assert not job.target.exists()
    log = job.run()
    assert f"epoch {saved} of 16" not in log
    assert job.outcome() == undisturbed.outcome()


def test_signal_saves_what_the_interval_has_not(
    tmp_path: Path, examples: Path, study: Study, undisturbed: TrainJob
) -> None:
    job = TrainJob(tmp_path, examples, study, stop=16)
    process = job.start(save_every(None))
    job.wait_for("epoch 3 of 16")
    assert job.saves() == []
    process.terminate()
    assert process.wait(10) == 143
    assert len(job.saves()) == 1
    job.run(save_every(None))
    assert job.outcome() == undisturbed.outcome()


def test_job_that_was_done_has_nothing_left_to_do(
    tmp_path: Path, examples: Path, study: Study, undisturbed: TrainJob
) -> None:
    job = TrainJob(tmp_path, examples, study, stop=16)
    job.run(save_every(None))
    # As Snakemake does with a job whose end it did not live to see.
    job.target.unlink()
    job.curve.unlink()
    log = job.run(save_every(None))
    assert "of 16:" not in log
    assert job.outcome() == undisturbed.outcome()


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, examples: Path, study: Study) -> Path:
    """Return the folder of a job that is done, its progress still there."""
    job = TrainJob(tmp_path_factory.mktemp("short"), examples, study, stop=2)
    job.run()
    return job.target.parent


@pytest.mark.parametrize("change", ["trainer.learning_rate=0.002", "stop=3", "threads=2"])
def test_job_of_another_configuration_starts_afresh(
    tmp_path: Path, short: Path, examples: Path, study: Study, change: str
) -> None:
    shutil.copytree(short, tmp_path / "job")
    log = TrainJob(tmp_path / "job", examples, study, stop=2).run(change)
    assert "other settings, code or inputs: not used" in log
    assert "epoch 1 of" in log


def test_job_with_other_examples_starts_afresh(tmp_path: Path, study: Study) -> None:
    data = tmp_path / "examples.safetensors"
    job = TrainJob(tmp_path / "job", data, study, stop=2)
    make_examples(data)
    job.run()
    make_examples(data, train=1400)
    assert "going on from" not in job.run()


def test_job_begun_anew_stops_the_old_one(
    tmp_path: Path, examples: Path, study: Study, undisturbed: TrainJob
) -> None:
    old = TrainJob(tmp_path, examples, study, stop=5000)
    orphan = old.start()
    old.wait_for("epoch 2 of 5000")
    job = TrainJob(tmp_path, examples, study, stop=16)
    job.log = tmp_path / "new.log"
    job.run()
    assert orphan.wait(60) == 1
    assert "Traceback" not in old.log.read_text()
    assert "this job is now process" in old.log.read_text().splitlines()[-1]
    assert job.outcome() == undisturbed.outcome()


def test_training_cut_into_jobs_ends_in_the_same_bytes(
    tmp_path: Path, examples: Path, study: Study, undisturbed: TrainJob
) -> None:
    source, start, rows = None, 0, ""
    for stop in (7, 8, 16):
        job = TrainJob(
            *(tmp_path / f"to-{stop}", examples, study),
            start=start,
            stop=stop,
            source=source,
        )
        job.run()
        source, start = str(job.target), stop
        rows += "".join(job.curve.read_text().splitlines(keepends=True)[1 if rows else 0 :])
    assert job.target.read_bytes() == undisturbed.target.read_bytes()
    assert rows == undisturbed.curve.read_text()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("c++") is None, reason="compiling needs a C++ compiler")
def test_compiled_job_goes_on_and_stops_at_once(
    tmp_path: Path, examples: Path, study: Study
) -> None:
    # Dense networks train without the compiler.
    model = compose_study(REPOSITORY / "config", {"model": "convolutional"}).model.model_dump()
    changes = {"stop": 6, "model": model} | {
        "trainer": study.trainer.model_copy(update={"compile": True})
    }
    whole, job = (
        TrainJob(tmp_path / name, examples, study, **changes) for name in ("whole", "killed")
    )
    for each in (whole, job):
        # Of its own, so that the second has to compile, too.
        each.environment["TORCHINDUCTOR_CACHE_DIR"] = str(each.target.parent / "compiled")
    whole.run()
    process = job.start()
    job.wait_for("torch 2")
    for number, awaited in ((signal.SIGTERM, ""), (signal.SIGTERM, "epoch 2 of 6")):
        if awaited:
            process = job.start()
            job.wait_for(awaited)
        else:
            time.sleep(4)  # in the middle of compiling
            assert "epoch" not in job.log.read_text()
        sent = time.monotonic()
        process.send_signal(number)
        assert process.wait(60) == 128 + number
        assert time.monotonic() - sent < 5
    log = job.run()
    assert "going on from epoch" in log
    assert "uncompiled" not in log
    assert job.outcome() == whole.outcome()
