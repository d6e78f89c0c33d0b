"""Progress is saved, loaded again by the same job only, and never believed when damaged."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from crossbreed.config.schema import SaveEvery
from crossbreed.crossover.curves import METRICS, EpochRecord
from crossbreed.crossover.progress import POPULATION_FORM, Saved
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.progress import Progress, forget_progress, progress_folder
from crossbreed.training.population import OptimizerState, Population

EVERY_EPOCH = SaveEvery(seconds=None, epochs=1)


def population(epoch: int) -> Population:
    draws = np.random.default_rng(epoch)
    weights = {"w": draws.normal(size=(2, 3)).astype(np.float32)}
    moments = {"m": {"w": draws.normal(size=(2, 3)).astype(np.float32)}}
    return Population(weights, OptimizerState(10 * epoch, moments), epoch)


def records(first: int, last: int) -> list[EpochRecord]:
    return [
        EpochRecord(epoch, {metric: np.array([epoch / 3, np.nan]) for metric in METRICS})
        for epoch in range(first, last + 1)
    ]


def job(
    target: Path, cache_key: object = None, every: SaveEvery = EVERY_EPOCH, start: int = 0
) -> Progress[Saved]:
    return Progress(target, cache_key, every, POPULATION_FORM, start)


def record(progress: Progress[Saved], start: int, *epochs: int) -> None:
    for epoch in epochs:
        progress.record(Saved(population(epoch), records(start + 1, epoch)))


def loaded_epoch(progress: Progress[Saved]) -> int | None:
    saved = progress.load()
    return saved.population.epoch if saved else None


def saves(target: Path) -> list[Path]:
    return sorted(progress_folder(target).glob("*.safetensors"))


def saved_epochs(target: Path) -> list[int]:
    return [int(path.stem[-4:]) for path in saves(target)]


def damage(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "epoch-0008" / "population.safetensors"


def test_saved_progress_comes_back_to_the_last_digit(target: Path) -> None:
    with job(target, {"seed": 1}, start=4) as progress:
        assert progress.load() is None
        record(progress, 4, 5, 6)
    with job(target, {"seed": 1}, start=4) as progress:
        saved = progress.load()
    assert saved is not None
    assert (saved.population.epoch, saved.population.optimizer.step) == (6, 60)
    expected = population(6)
    np.testing.assert_array_equal(saved.population.weights["w"], expected.weights["w"])
    np.testing.assert_array_equal(
        saved.population.optimizer.moments["m"]["w"], expected.optimizer.moments["m"]["w"]
    )
    for loaded, wanted in zip(saved.records, records(5, 6), strict=True):
        assert loaded.epoch == wanted.epoch
        for metric in METRICS:
            np.testing.assert_array_equal(loaded.metrics[metric], wanted.metrics[metric])


def test_another_experiment_never_goes_on_from_it_and_replaces_it(target: Path) -> None:
    with job(target, {"learning_rate": 0.1}) as progress:
        record(progress, 0, 1, 2)
    with job(target, {"learning_rate": 0.2}) as progress:
        assert progress.load() is None
        record(progress, 0, 1)
    assert saved_epochs(target) == [1]
    with job(target, {"learning_rate": 0.1}) as progress:
        assert progress.load() is None


def test_damaged_progress_falls_back_to_the_save_before(target: Path) -> None:
    with job(target) as progress:
        record(progress, 0, 1, 2, 3)
        older, newer = saves(target)
        damage(newer)
        assert loaded_epoch(progress) == 2
        damage(older)
        assert loaded_epoch(progress) is None


def test_what_is_saved_after_damage_is_kept(target: Path) -> None:
    with job(target) as progress:
        record(progress, 0, 5, 6)
    for path in saves(target):
        damage(path)
    with job(target) as progress:
        assert progress.load() is None
        record(progress, 0, 1, 2)
        assert saved_epochs(target) == [1, 2]
    with job(target) as progress:
        assert loaded_epoch(progress) == 2


@pytest.mark.parametrize(
    ("every", "saved"),
    [
        (SaveEvery(seconds=None, epochs=1), [6, 7]),
        (SaveEvery(seconds=None, epochs=3), [3, 6]),
        (SaveEvery(seconds=None, epochs=None), []),
        (SaveEvery(seconds=0, epochs=None), [6, 7]),
        (SaveEvery(seconds=1000, epochs=5), [5]),
    ],
)
def test_progress_is_saved_as_often_as_was_asked(
    target: Path, every: SaveEvery, saved: list[int]
) -> None:
    with job(target, every=every) as progress:
        record(progress, 0, 1, 2, 3, 4, 5, 6, 7)
        assert saved_epochs(target) == saved
    # Of a job that has ended well, the last is enough.
    assert saved_epochs(target) == saved[-1:]


def test_interval_counts_from_what_was_loaded(target: Path) -> None:
    every = SaveEvery(seconds=None, epochs=3)
    with job(target, every=every) as progress:
        record(progress, 0, 1, 2, 3)
    with job(target, every=every) as progress:
        progress.load()
        record(progress, 0, 4, 5)
        assert saved_epochs(target) == [3]
        record(progress, 0, 6)
        assert saved_epochs(target) == [3, 6]


def test_the_older_of_two_processes_stops_and_leaves_the_newer_its_saves(target: Path) -> None:
    with job(target) as older:
        record(older, 0, 1)
        with job(target) as newer:
            with pytest.raises(CrossbreedError, match="this job is now process"):
                record(older, 0, 2)
            record(newer, 0, 2)
    assert saved_epochs(target) == [2]


def test_forgotten_progress_is_not_written_again(target: Path) -> None:
    with job(target) as progress:
        record(progress, 0, 1)
        forget_progress(target)
        assert not progress_folder(target).exists()
        with pytest.raises(CrossbreedError, match="this job is now nobody's"):
            progress.save()


def test_handlers_are_put_back(target: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with job(target):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_ignored_hangup_stays_ignored(tmp_path: Path) -> None:
    code = (
        "import signal, sys; sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from test_resume import job;"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "job(Path(sys.argv[2])).__enter__();"
        "signal.raise_signal(signal.SIGHUP); print('alive')"
    )
    arguments = [str(Path(__file__).parent), str(tmp_path / "x.safetensors")]
    finished = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert finished.stdout == "alive\n"
