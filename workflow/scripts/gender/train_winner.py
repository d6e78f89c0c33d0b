"""Train a search's winner anew, with another seed, and measure it."""

from typing import Any

import pandas as pd
import yaml

from crossbreed.config.language import Transformer
from crossbreed.gender.jobs import TrainWinner
from crossbreed.jobs.command_line import run_job
from crossbreed.jobs.gpu_claim import claim_gpu
from crossbreed.jobs.progress import Progress
from crossbreed.language.architecture import point_iterations
from crossbreed.language.inference import tokens_per_second
from crossbreed.language.state import TRAINING_FORM, TrainingState
from crossbreed.language.text import Text, load_text
from crossbreed.language.training import LanguageTask, init_state, train_until, whole_split_loss
from crossbreed.language.transformer import load_model
from crossbreed.search.training import as_trial, cache_key, training_seed
from crossbreed.storage.arrays import save_arrays
from crossbreed.storage.files import write_csv, write_json
from crossbreed.training.torch_device import choose_device

NETWORK = "crossbreed language model 1"


def train_winner(job: TrainWinner) -> None:
    """Write all of the network's training and measurements."""
    claim_gpu(job.language.device)
    text = load_text(job.text)
    content = yaml.safe_load(job.winner.read_text(encoding="utf-8"))
    architecture = Transformer.model_validate(content["architecture"])
    seed = training_seed(job.seed, job.search_seed, job.repeat)
    task = LanguageTask(architecture, job.language, seed, job.threads)
    state = _trained(job, task, text)
    assert state.best is not None
    save_arrays(
        job.network,
        NETWORK,
        state.best,
        {"architecture": architecture.model_dump(), "characters": text.characters},
    )
    write_csv(job.curve, _curve(task, state))
    trial = as_trial(architecture, job.language, text, state.curve)
    write_json(
        job.result,
        {
            "mode": job.mode,
            "seed": job.search_seed,
            "repeat": job.repeat,
            "edition": text.title,
            **architecture.model_dump(),
            "parameters": trial.parameters,
            "flops_per_token": trial.flops_per_token,
            "tokens": trial.full_tokens,
            "diverged": state.diverged,
            "last_batch_loss": _number(state.last_batch_loss),
            "best_validation_loss": _number(trial.final_loss),
            "train_loss": _number(whole_split_loss(task, text, state.best, "train")),
            "validation_loss": _number(whole_split_loss(task, text, state.best, "validation")),
        },
    )
    device = choose_device(job.language.device, "language.device")
    model = load_model(architecture, state.best, device)
    plain, cached = tokens_per_second(model, text.validation[:1], job.sampling, seed)
    write_json(
        job.speed,
        {
            "training_seconds": state.seconds,
            "tokens_per_second": plain,
            "cached_tokens_per_second": cached,
        },
    )


def _trained(job: TrainWinner, task: LanguageTask, text: Text) -> TrainingState:
    known: list[Any] = [
        cache_key(job.language, text),
        task.transformer.model_dump(mode="json"),
        task.training.model_dump(mode="json"),
        *(task.seed, task.threads),
    ]
    with Progress(job.network, known, job.save_every, TRAINING_FORM, 0) as progress:
        begun = progress.load() or init_state(task, text)
        state = begun
        for state in train_until(task, text, begun, job.language.points, keep_best=True):
            progress.record(state)
        progress.save()
    return state


def _curve(task: LanguageTask, state: TrainingState) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tokens": state.curve.tokens,
            "iteration": point_iterations(task.training, task.transformer.batch_size),
            "train_loss": state.curve.train_loss,
            "validation_loss": state.curve.validation_loss,
        }
    )


def _number(value: float) -> float | None:
    return value if value - value == 0 else None


if __name__ == "__main__":
    run_job(TrainWinner, train_winner)
