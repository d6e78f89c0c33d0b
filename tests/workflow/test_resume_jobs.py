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

pytestmark = pytest.mark.usefixtures("warm_jobs")


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
    for number, epoch in ((signal.SIGKILL, 2), (signal.SIGINT, 4), (signal.SIGHUP, 6)):
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
    shutil.copytree(undisturbed.target.parent, tmp_path / "job")
    job = TrainJob(tmp_path / "job", examples, study, stop=16)
    # As Snakemake does with a job whose end it did not live to see.
    job.target.unlink()
    job.curve.unlink()
    log = job.run(save_every(None))
    assert "of 16:" not in log
    assert job.outcome() == undisturbed.outcome()


def test_job_of_other_settings_or_inputs_starts_afresh(tmp_path: Path, study: Study) -> None:
    data = tmp_path / "examples.safetensors"
    make_examples(data)
    job = TrainJob(tmp_path / "job", data, study, stop=2)
    job.run()
    assert "going on from epoch 2" in job.run()
    make_examples(data, train=1400)
    for change in ("seed=1", "trainer.learning_rate=0.002"):
        log = job.run(change)
        assert "other settings, code or inputs: not used" in log
        assert "epoch 1 of" in log


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
    trainer = study.trainer.model_copy(update={"compile": True})
    undisturbed, job = (
        TrainJob(tmp_path / name, examples, study, stop=6, model=model, trainer=trainer)
        for name in ("undisturbed", "killed")
    )
    for each in (undisturbed, job):
        # Of its own, so that the second has to compile, too.
        each.environment["TORCHINDUCTOR_CACHE_DIR"] = str(each.target.parent / "compiled")
    undisturbed.run()
    for awaited, seconds in (("torch 2", 4), ("epoch 2 of 6", 0)):
        process = job.start()
        job.wait_for(awaited)
        time.sleep(seconds)  # into the middle of compiling
        assert ("epoch 1 of 6" in job.log.read_text()) == (seconds == 0)
        sent = time.monotonic()
        process.terminate()
        assert process.wait(60) == 128 + signal.SIGTERM
        assert time.monotonic() - sent < 5
    log = job.run()
    assert "going on from epoch" in log
    assert "uncompiled" not in log
    assert job.outcome() == undisturbed.outcome()
