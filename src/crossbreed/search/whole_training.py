"""Train a network to the end, resumably, and measure it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crossbreed.config.language import Sampling
from crossbreed.config.schema import SaveEvery
from crossbreed.jobs.progress import Progress
from crossbreed.language.inference import tokens_per_second
from crossbreed.language.state import TRAINING_FORM, TrainingState
from crossbreed.language.text import Text
from crossbreed.language.training import LanguageTask, final_loss, init_state, train_until
from crossbreed.language.transformer import load_model
from crossbreed.search.training import as_trial, cache_key
from crossbreed.training.torch_device import choose_device

Facts = dict[str, Any]


def training_key(task: LanguageTask, text: Text) -> list[Any]:
    """Return what decides the numbers of a training, as JSON can hold it."""
    return [
        cache_key(task.training, text),
        task.transformer.model_dump(mode="json"),
        task.training.model_dump(mode="json"),
        *(task.seed, task.threads),
    ]


def train_to_end(task: LanguageTask, text: Text, target: Path, every: SaveEvery) -> TrainingState:
    """Return a network at the end of its training, with its best weights.

    Progress is saved beside `target`, the file that the job is to write; `every` says how often.

    Raises
    ------
    CrossbreedError
        If the task does not fit the text, another process works on the same target, or the disk is
        full.
    """
    key = training_key(task, text)
    with Progress(target, key, every, TRAINING_FORM, 0) as progress:
        begun = progress.load() or init_state(task, text)
        state = begun
        for state in train_until(task, text, begun, task.training.points, keep_best=True):
            progress.record(state)
        progress.save()
    return state


def measured_losses(task: LanguageTask, text: Text, state: TrainingState) -> Facts:
    """Return size, cost and losses of a trained network; of its best weights, where it matters.

    In nats per character: best_validation_loss, the lowest estimate along the learning curve (the
    search's fitness); train_loss and validation_loss, those of `final_loss`, each with its standard
    error. None where a loss is not finite.
    """
    assert state.best is not None
    trial = as_trial(task.transformer, task.training, text, state.curve)
    train = final_loss(task, text, state.best, "train")
    validation = final_loss(task, text, state.best, "validation")
    return {
        **task.transformer.model_dump(),
        "parameters": trial.parameters,
        "flops_per_token": trial.flops_per_token,
        "tokens": trial.full_tokens,
        "diverged": state.diverged,
        "best_validation_loss": finite(trial.final_loss),
        "train_loss": finite(train.mean),
        "train_loss_error": finite(train.error),
        "validation_loss": finite(validation.mean),
        "validation_loss_error": finite(validation.error),
    }


def measured_speeds(
    task: LanguageTask, text: Text, state: TrainingState, sampling: Sampling
) -> Facts:
    """Return how long a training took, and how fast its network writes; see `Speed`."""
    assert state.best is not None
    device = choose_device(task.training.device, "language.device")
    model = load_model(task.transformer, state.best, device)
    speed = tokens_per_second(model, text.validation[:1], sampling, task.seed)
    return {
        "training_seconds": state.seconds,
        "tokens_per_second": speed.uncached,
        "cached_tokens_per_second": speed.cached,
    }


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it."""
    return value if value - value == 0 else None
