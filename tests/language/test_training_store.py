"""A network is trained once, however many jobs ask for it, and goes on where it was."""

from __future__ import annotations

import logging
import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.config.schema import SaveEvery
from crossbreed.jobs.progress import Progress
from crossbreed.language.state import TrainingState
from crossbreed.language.store import Store
from crossbreed.language.text import Text
from crossbreed.language.training import LanguageTask, begin, train_until

SETTINGS = LanguageTraining.model_validate(
    {
        **{"block_size": 8, "tokens": 2560, "warmup": 0.1, "final_learning_rate": 0.1},
        **{"weight_decay": 0.1, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-8},
        **{"gradient_clip": 1.0, "points": 8, "evaluations": 4, "evaluation_batches": 1},
        **{"evaluation_batch_size": 4, "device": "cpu", "precision": "float32", "compile": False},
    }
)
NETWORK = Transformer(layers=1, heads=2, width=8, dropout=0.1, learning_rate=0.01, batch_size=4)
TASK = LanguageTask(NETWORK, SETTINGS, 1, 1)
NEVER = SaveEvery(seconds=None, epochs=None)
LETTERS = np.random.default_rng(0).integers(0, 5, 400).astype(np.uint8)
TEXT = Text(LETTERS[:300], LETTERS[300:], "abcde", "made_up", "made up")


def straight(point: int) -> list[float]:
    """Return the training losses of a training in one go."""
    state = begin(TASK, TEXT)
    for reached in train_until(TASK, TEXT, state, point, keep_best=False):
        state = reached
    return [float(loss) for loss in state.curve.train_loss[1:]]


def train_in_a_process(folder: Path) -> None:
    Store(folder, NEVER, "code").train(TASK, TEXT, 8)


def trained_points(caplog: pytest.LogCaptureFixture) -> int:
    return sum(" training loss " in record.getMessage() for record in caplog.records)


def test_early_then_to_the_end_is_as_in_one_go(tmp_path: Path) -> None:
    store = Store(tmp_path, NEVER, "code")
    early = store.train(TASK, TEXT, 2)
    assert [float(loss) for loss in early.curve.train_loss[1:]] == straight(2)
    end = store.train(TASK, TEXT, 8)
    assert [float(loss) for loss in end.curve.train_loss[1:]] == straight(8)


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


@pytest.mark.parametrize("what", ["network", "seed", "settings", "code"])
def test_another_training_is_another_one(tmp_path: Path, what: str) -> None:
    Store(tmp_path, NEVER, "code").train(TASK, TEXT, 1)
    task, code = TASK, "code"
    match what:
        case "network":
            other = NETWORK.model_copy(update={"dropout": 0.2})
            task = TASK._replace(transformer=other)
        case "seed":
            task = TASK._replace(seed=2)
        case "settings":
            task = TASK._replace(training=SETTINGS.model_copy(update={"beta_1": 0.8}))
        case "code":
            code = "other code"
    Store(tmp_path, NEVER, code).train(task, TEXT, 1)
    assert len(list(tmp_path.iterdir())) == 2


def test_finished_trainings_keep_no_weights(tmp_path: Path) -> None:
    store = Store(tmp_path, NEVER, "code")
    assert store.train(TASK, TEXT, 4).weights
    (early,) = (path.stat().st_size for path in tmp_path.glob("**/*.safetensors"))
    assert not store.train(TASK, TEXT, 8).weights
    (last,) = (path.stat().st_size for path in tmp_path.glob("**/*.safetensors"))
    assert last < early / 2


def test_forgotten_weights_cost_time_and_change_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = Store(tmp_path, NEVER, "code")
    store.train(TASK, TEXT, 4)
    size = sum(path.stat().st_size for path in tmp_path.glob("**/*.safetensors"))
    store.forget_weights(TASK)
    assert sum(path.stat().st_size for path in tmp_path.glob("**/*.safetensors")) < size / 2
    assert len(store.train(TASK, TEXT, 2).curve) == 5
    assert trained_points(caplog) == 4
    end = store.train(TASK, TEXT, 8)
    assert [float(loss) for loss in end.curve.train_loss[1:]] == straight(8)


def test_progress_after_forgotten_weights_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path, SaveEvery(seconds=None, epochs=1), "code")
    store.train(TASK, TEXT, 4)
    store.forget_weights(TASK)

    def killed(self: Progress[TrainingState], state: TrainingState) -> None:
        reached(self, state)
        if state.point == 3:
            raise KeyboardInterrupt

    reached = Progress.reached
    monkeypatch.setattr(Progress, "reached", killed)
    with pytest.raises(KeyboardInterrupt):
        store.train(TASK, TEXT, 8)
    monkeypatch.setattr(Progress, "reached", reached)
    caplog.set_level(logging.INFO)
    end = store.train(TASK, TEXT, 8)
    assert trained_points(caplog) == 5
    assert [float(loss) for loss in end.curve.train_loss[1:]] == straight(8)


def test_two_jobs_at_once_train_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    jobs = [context.Process(target=train_in_a_process, args=(tmp_path,)) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(120)
        assert job.exitcode == 0
    state = Store(tmp_path, NEVER, "code").train(TASK, TEXT, 8)
    assert [float(loss) for loss in state.curve.train_loss[1:]] == straight(8)
    (folder,) = tmp_path.iterdir()
    assert len(list((folder / ".progress").glob("*.safetensors"))) == 1
