"""A job that trains architectures of a table: killed, cut, and with rows of an earlier table."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crossbreed.gender.jobs import TrainCells
from crossbreed.language.text import save_text
from job_command import ENVIRONMENT, command, run
from language_models import VERSES, sampling, text_of, training, transformer
from snakemake_call import PATIENCE

pytestmark = pytest.mark.usefixtures("warm_jobs")

CELLS = [transformer(learning_rate=rate) for rate in (0.001, 0.002, 0.004)]
# Long enough to be killed in its midst.
TRAINING = training(tokens=4 * 8 * 400)
# What differs every time.
TIMED = ["training_seconds", "tokens_per_second", "cached_tokens_per_second"]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "text.safetensors"
    save_text(path, text_of(VERSES), {})
    return path


def job(folder: Path, text: Path, **changes: Any) -> TrainCells:
    values: dict[str, Any] = {
        **{"language": TRAINING, "sampling": sampling(), "seed": 1, "table_seed": 1},
        **{"cells": CELLS, "store": folder / "trained", "threads": 1, "text": text},
        **{"save_every": {"seconds": None, "epochs": 1}, "known": None},
        "rows": folder / "rows.csv",
    }
    return TrainCells.model_validate(values | changes)


def rows_of(job: TrainCells) -> pd.DataFrame:
    """Run a job and return its rows, as text."""
    done = run(job)
    assert done.returncode == 0, done.stderr
    return pd.read_csv(job.rows, dtype=str)


def untimed(job: TrainCells) -> pd.DataFrame:
    """Return the rows that a job has left, without what differs every time, as text."""
    return pd.read_csv(job.rows, dtype=str).drop(columns=TIMED)


def trained(job: TrainCells) -> int:
    """Return how many trainings a job's store holds."""
    return len(list(job.store.glob("*/row.csv")))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, text: Path) -> TrainCells:
    """Return a job that was run undisturbed."""
    whole = job(tmp_path_factory.mktemp("whole"), text)
    assert len(rows_of(whole)) == trained(whole) == 3
    return whole


def test_a_killed_job_of_other_cells_goes_on_and_comes_to_the_same_rows(
    tmp_path: Path, text: Path, whole: TrainCells
) -> None:
    killed = job(tmp_path, text, cells=CELLS[1:])
    process = subprocess.Popen(command(killed), env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE
    # The first is trained, the second half way.
    while not (trained(killed) and list(killed.store.glob("*/.progress/*-0005.safetensors"))):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert not killed.rows.exists()
    (path,) = killed.store.glob("*/row.csv")
    first = path.read_text()
    done = run(killed)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("going on from point") == 1
    # Not trained again, which would have taken other seconds.
    assert pd.read_csv(killed.rows, dtype=str)["training_seconds"][0] in first
    pd.testing.assert_frame_equal(untimed(killed), untimed(whole)[1:].reset_index(drop=True))


def test_only_what_a_table_lacks_is_trained(tmp_path: Path, text: Path, whole: TrainCells) -> None:
    more = job(tmp_path, text, cells=[*CELLS, transformer(learning_rate=0.008)], known=whole.rows)
    rows = rows_of(more)
    assert trained(more) == 1
    pd.testing.assert_frame_equal(rows[:3], pd.read_csv(whole.rows, dtype=str))


def test_rows_of_other_settings_are_not_taken(
    tmp_path: Path, text: Path, whole: TrainCells
) -> None:
    shorter = TRAINING.model_copy(update={"tokens": 4 * 8 * 100})
    other = job(tmp_path, text, known=whole.rows, cells=CELLS[:1], language=shorter)
    assert rows_of(other)["tokens"][0] == "3200"
    assert trained(other) == 1


def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path: Path, text: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("a,b\n1,2\n")
    done = run(job(tmp_path, text, known=table))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"train_cells: {table}: lacks the columns layers, heads")
