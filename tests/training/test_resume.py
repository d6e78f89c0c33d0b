"""Progress is saved, found again by the same job only, and never believed when damaged."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
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


def population(epoch: int, networks: int = 2) -> Population:
    draws = np.random.default_rng(epoch)
    weights = {"w": draws.normal(size=(networks, 3)).astype(np.float32)}
    moments = {"m": {"w": draws.normal(size=(networks, 3)).astype(np.float32)}}
    return Population(weights, OptimizerState(10 * epoch, moments), epoch)


def records(first: int, last: int) -> list[EpochRecord]:
    return [
        EpochRecord(epoch, {metric: np.array([epoch / 3, np.nan]) for metric in METRICS})
        for epoch in range(first, last + 1)
    ]


def job(target: Path, decisive: object, every: SaveEvery, start: int = 0) -> Progress[Saved]:
    return Progress(target, decisive, every, POPULATION_FORM, start)


def reach(progress: Progress[Saved], start: int, *epochs: int) -> None:
    for epoch in epochs:
        progress.reached(Saved(population(epoch), records(start + 1, epoch)))


def saved_epochs(target: Path) -> list[int]:
    names = [path.name for path in progress_folder(target).glob("*.safetensors")]
    return sorted(int(name[-16:-12]) for name in names)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "epoch-0008" / "population.safetensors"


def test_saved_progress_comes_back_to_the_last_digit(target: Path) -> None:
    with job(target, {"seed": 1}, EVERY_EPOCH, 4) as progress:
        assert progress.found() is None
        reach(progress, 4, 5, 6)
    with job(target, {"seed": 1}, EVERY_EPOCH, 4) as progress:
        found = progress.found()
    assert found is not None
    assert (found.population.epoch, found.population.optimizer.step) == (6, 60)
    expected = population(6)
    np.testing.assert_array_equal(found.population.weights["w"], expected.weights["w"])
    np.testing.assert_array_equal(
        found.population.optimizer.moments["m"]["w"], expected.optimizer.moments["m"]["w"]
    )
    assert [record.epoch for record in found.records] == [5, 6]
    for record, wanted in zip(found.records, records(5, 6), strict=True):
        for metric in METRICS:
            np.testing.assert_array_equal(record.metrics[metric], wanted.metrics[metric])


def test_another_experiment_never_goes_on_from_it_and_replaces_it(target: Path) -> None:
    with job(target, {"learning_rate": 0.1}, EVERY_EPOCH) as progress:
        reach(progress, 0, 1, 2)
    with job(target, {"learning_rate": 0.2}, EVERY_EPOCH) as progress:
        assert progress.found() is None
        reach(progress, 0, 1)
    assert saved_epochs(target) == [1]
    with job(target, {"learning_rate": 0.1}, EVERY_EPOCH) as progress:
        assert progress.found() is None


def test_progress_under_a_wrong_name_is_not_used(target: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "population.safetensors"
    for place, seed in ((target, 1), (other, 2)):
        with job(place, {"seed": seed}, EVERY_EPOCH) as progress:
            reach(progress, 0, 1)
    (ours,), (theirs,) = (progress_folder(place).glob("*.safetensors") for place in (target, other))
    ours.write_bytes(theirs.read_bytes())
    with job(target, {"seed": 1}, EVERY_EPOCH) as progress:
        assert progress.found() is None


def damage(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))


@pytest.mark.parametrize(
    "spoil", [damage, *(partial(Path.write_bytes, data=data) for data in (b"", b"half"))]
)
def test_damaged_progress_falls_back_to_the_one_before(
    target: Path, spoil: Callable[[Path], object]
) -> None:
    with job(target, {}, EVERY_EPOCH) as progress:
        reach(progress, 0, 1, 2, 3)
    assert saved_epochs(target) == [2, 3]
    older, newer = sorted(progress_folder(target).glob("*.safetensors"))
    spoil(newer)
    with job(target, {}, EVERY_EPOCH) as progress:
        found = progress.found()
        assert found is not None
        assert found.population.epoch == 2
        damage(older)
        assert progress.found() is None


def test_what_is_saved_after_damage_is_kept(target: Path) -> None:
    with job(target, {}, EVERY_EPOCH) as progress:
        reach(progress, 0, 5, 6)
    for path in progress_folder(target).glob("*.safetensors"):
        damage(path)
    with job(target, {}, EVERY_EPOCH) as progress:
        assert progress.found() is None
        reach(progress, 0, 1, 2)
    assert saved_epochs(target) == [1, 2]
    with job(target, {}, EVERY_EPOCH) as progress:
        found = progress.found()
        assert found is not None
        assert found.population.epoch == 2


def test_newest_is_found_however_many_digits_it_takes(target: Path) -> None:
    with job(target, {}, EVERY_EPOCH, 9998) as progress:
        reach(progress, 9998, 9999, 10_000)
    with job(target, {}, EVERY_EPOCH, 9998) as progress:
        found = progress.found()
    assert found is not None
    assert found.population.epoch == 10_000


@pytest.mark.parametrize(
    ("every", "saved"),
    [
        (SaveEvery(seconds=None, epochs=1), [6, 7]),
        (SaveEvery(seconds=None, epochs=3), [3, 6]),
        (SaveEvery(seconds=None, epochs=None), []),
        (SaveEvery(seconds=0, epochs=None), [6, 7]),
        (SaveEvery(seconds=1000, epochs=None), []),
        (SaveEvery(seconds=1000, epochs=5), [5]),
    ],
)
def test_progress_is_saved_as_often_as_was_asked(
    target: Path, every: SaveEvery, saved: list[int]
) -> None:
    with job(target, {}, every) as progress:
        reach(progress, 0, 1, 2, 3, 4, 5, 6, 7)
    assert saved_epochs(target) == saved


def test_interval_counts_from_what_was_found(target: Path) -> None:
    every = SaveEvery(seconds=None, epochs=3)
    with job(target, {}, every) as progress:
        reach(progress, 0, 1, 2, 3)
    with job(target, {}, every) as progress:
        progress.found()
        reach(progress, 0, 4, 5)
        assert saved_epochs(target) == [3]
        reach(progress, 0, 6)
    assert saved_epochs(target) == [3, 6]


def test_the_older_of_two_processes_stops(target: Path) -> None:
    with job(target, {}, EVERY_EPOCH) as older:
        reach(older, 0, 1)
        with job(target, {}, EVERY_EPOCH) as newer:
            with pytest.raises(CrossbreedError, match="this job is now process"):
                reach(older, 0, 2)
            reach(newer, 0, 2)


def test_forgotten_progress_is_not_written_again(target: Path) -> None:
    with job(target, {}, EVERY_EPOCH) as progress:
        reach(progress, 0, 1)
        forget_progress(target)
        assert not progress_folder(target).exists()
        with pytest.raises(CrossbreedError, match="this job is now nobody's"):
            progress.save()


def test_handlers_are_put_back(target: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with job(target, {}, EVERY_EPOCH):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_ignored_hangup_stays_ignored(tmp_path: Path) -> None:
    code = (
        "import signal; from pathlib import Path; from crossbreed.jobs.progress import *;"
        "from crossbreed.config.schema import SaveEvery;"
        "from crossbreed.crossover.progress import POPULATION_FORM;"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "every = SaveEvery(seconds=None, epochs=None);"
        f"p = Progress(Path({str(tmp_path / 'x.safetensors')!r}), 1, every, POPULATION_FORM, 0);"
        "p.__enter__();"
        "signal.raise_signal(signal.SIGHUP); print('alive')"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert finished.stdout == "alive\n"
