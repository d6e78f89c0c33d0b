"""A network is trained once, however many jobs ask for it, and goes on where it was."""

from __future__ import annotations

import logging
import multiprocessing
from pathlib import Path

import pytest

from crossbreed.config.schema import SaveEvery
from crossbreed.jobs.progress import Progress
from crossbreed.language.state import TrainingState
from crossbreed.language.store import Store
from crossbreed.language.training import init_state, train_until
from language_models import VERSES, task, text_of

TASK = task(
    **{"layers": 1, "width": 8, "dropout": 0.1, "tokens": 2560, "points": 8, "evaluations": 4}
)
NEVER = SaveEvery(seconds=None, epochs=None)
TEXT = text_of(VERSES)


def straight(point: int) -> list[float]:
    """Return the training losses of a training in one go."""
    *_, state = train_until(TASK, TEXT, init_state(TASK, TEXT), point, keep_best=False)
    return losses(state)


def losses(state: TrainingState) -> list[float]:
    return [float(loss) for loss in state.curve.train_loss[1:]]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("**/*.safetensors"))


def train_in_a_process(folder: Path) -> None:
    Store(folder, NEVER, "code").train(TASK, TEXT, 8)


def trained_points(caplog: pytest.LogCaptureFixture) -> int:
    return sum(" training loss " in record.getMessage() for record in caplog.records)


def test_early_then_to_the_end_is_as_in_one_go(tmp_path: Path) -> None:
    store = Store(tmp_path, NEVER, "code")
    early = store.train(TASK, TEXT, 2)
    assert losses(early) == straight(2)
    end = store.train(TASK, TEXT, 8)
    assert losses(end) == straight(8)


def test_what_is_known_is_not_trained_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    Store(tmp_path, NEVER, "code").train(TASK, TEXT, 8)
    assert trained_points(caplog) == 8
    again = Store(tmp_path, NEVER, "code").train(TASK, TEXT, 2)
    assert trained_points(caplog) == 8
    # It knows more than was asked for.
    assert again.point == 8
    assert len(list(tmp_path.iterdir())) == 1


def test_another_training_is_another_one(tmp_path: Path) -> None:
    Store(tmp_path, NEVER, "code").train(TASK, TEXT, 1)
    transformer = TASK.transformer.model_copy(update={"dropout": 0.2})
    settings = TASK.training.model_copy(update={"beta_1": 0.8})
    for code, task_ in (
        ("code", TASK._replace(transformer=transformer)),
        ("code", TASK._replace(seed=2)),
        ("code", TASK._replace(training=settings)),
        ("other code", TASK),
    ):
        before = len(list(tmp_path.iterdir()))
        Store(tmp_path, NEVER, code).train(task_, TEXT, 1)
        assert len(list(tmp_path.iterdir())) == before + 1


def test_finished_trainings_keep_no_weights(tmp_path: Path) -> None:
    store = Store(tmp_path, NEVER, "code")
    assert store.train(TASK, TEXT, 4).weights
    early = size(tmp_path)
    assert not store.train(TASK, TEXT, 8).weights
    assert size(tmp_path) < early / 2


def test_forgotten_weights_cost_time_and_change_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = Store(tmp_path, NEVER, "code")
    store.train(TASK, TEXT, 4)
    before = size(tmp_path)
    store.forget_weights(TASK)
    assert size(tmp_path) < before / 2
    assert len(store.train(TASK, TEXT, 2).curve) == 5
    assert trained_points(caplog) == 4
    end = store.train(TASK, TEXT, 8)
    assert losses(end) == straight(8)


def test_progress_after_forgotten_weights_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path, SaveEvery(seconds=None, epochs=1), "code")
    store.train(TASK, TEXT, 4)
    store.forget_weights(TASK)

    def killed(self: Progress[TrainingState], state: TrainingState) -> None:
        record(self, state)
        if state.point == 3:
            raise KeyboardInterrupt

    record = Progress.record
    monkeypatch.setattr(Progress, "record", killed)
    with pytest.raises(KeyboardInterrupt):
        store.train(TASK, TEXT, 8)
    monkeypatch.setattr(Progress, "record", record)
    caplog.set_level(logging.INFO)
    end = store.train(TASK, TEXT, 8)
    assert trained_points(caplog) == 5
    assert losses(end) == straight(8)


def test_two_jobs_at_once_train_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    jobs = [context.Process(target=train_in_a_process, args=(tmp_path,)) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(120)
        assert job.exitcode == 0
    state = Store(tmp_path, NEVER, "code").train(TASK, TEXT, 8)
    assert losses(state) == straight(8)
    (folder,) = tmp_path.iterdir()
    assert len(list((folder / ".progress").glob("*.safetensors"))) == 1
