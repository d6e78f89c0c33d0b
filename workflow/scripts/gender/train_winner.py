"""Train a search's winner anew, with another seed, and measure it."""

import pandas as pd
import yaml

from crossbreed.config.language import Transformer
from crossbreed.gender.jobs import TrainWinner
from crossbreed.jobs.command_line import run_job
from crossbreed.jobs.gpu_claim import claim_gpu
from crossbreed.language.architecture import point_iterations
from crossbreed.language.state import TrainingState
from crossbreed.language.text import load_text
from crossbreed.language.training import LanguageTask
from crossbreed.search.training import training_seed
from crossbreed.search.whole_training import measured_losses, measured_speeds, train_to_end
from crossbreed.storage.arrays import save_arrays
from crossbreed.storage.files import write_csv, write_json

NETWORK = "crossbreed language model 1"


def train_winner(job: TrainWinner) -> None:
    """Write all of the network's training and measurements."""
    claim_gpu(job.language.device)
    text = load_text(job.text)
    content = yaml.safe_load(job.winner.read_text(encoding="utf-8"))
    architecture = Transformer.model_validate(content["architecture"])
    seed = training_seed(job.seed, job.search_seed, job.repeat)
    task = LanguageTask(architecture, job.language, seed, job.threads)
    state = train_to_end(task, text, job.network, job.save_every)
    assert state.best is not None
    save_arrays(
        job.network,
        NETWORK,
        state.best,
        {"architecture": architecture.model_dump(), "characters": text.characters},
    )
    write_csv(job.curve, _curve(task, state))
    which = {"mode": job.mode, "seed": job.search_seed, "repeat": job.repeat, "edition": text.title}
    write_json(job.result, which | measured_losses(task, text, state))
    write_json(job.speed, measured_speeds(task, text, state, job.sampling))


def _curve(task: LanguageTask, state: TrainingState) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tokens": state.curve.tokens,
            "iteration": point_iterations(task.training, task.transformer.batch_size),
            "train_loss": state.curve.train_loss,
            "validation_loss": state.curve.validation_loss,
        }
    )


if __name__ == "__main__":
    run_job(TrainWinner, train_winner)
