"""Train some architectures of a table to the end, and measure them."""

import hashlib
import json
import logging
from pathlib import Path

import pandas as pd

from crossbreed.gender.jobs import TrainCells
from crossbreed.jobs.command_line import run_job
from crossbreed.jobs.fingerprint import fingerprint
from crossbreed.jobs.gpu_claim import claim_gpu
from crossbreed.jobs.progress import forget_progress
from crossbreed.language.text import Text, load_text
from crossbreed.language.training import LanguageTask
from crossbreed.search import whole_training
from crossbreed.search.table import read_table, row_of
from crossbreed.search.table_row import curve_columns, made_with, settings_digest
from crossbreed.search.training import training_seed
from crossbreed.search.whole_training import (
    measured_losses,
    measured_speeds,
    train_to_end,
    training_key,
)
from crossbreed.storage.files import write_csv

log = logging.getLogger(__name__)


def train_cells(job: TrainCells) -> None:
    """Write a row for each architecture to `rows`."""
    claim_gpu(job.language.device)
    text = load_text(job.text)
    seed = training_seed(job.seed, job.table_seed, 0)
    known = None if job.known is None else read_table(job.known)
    rows, taken = [], 0
    for number, cell in enumerate(job.cells, start=1):
        log.info("cell %d of %d: %s", number, len(job.cells), cell.model_dump())
        row = pd.DataFrame()
        if known is not None:
            row = row_of(known, cell, seed, settings_digest(job.language, text))
        taken += len(row)
        if row.empty:
            row = _trained(LanguageTask(cell, job.language, seed, job.threads), text, job)
        characters, edition = len(text.characters), text.title
        rows.append(row.assign(seed=job.table_seed, vocabulary=characters, edition=edition))
    log.info("%d of %d cells taken from the known table", taken, len(job.cells))
    write_csv(job.rows, pd.concat(rows))


def _trained(task: LanguageTask, text: Text, job: TrainCells) -> pd.DataFrame:
    """Return a cell's row, from the store if it lies there."""
    # All code that trains and measures, which a row must not outlive.
    code = fingerprint(Path(whole_training.__file__), engine="torch")
    decided = [code, training_key(task, text), job.sampling.model_dump()]
    key = json.dumps(decided, sort_keys=True)
    path = Path(job.store) / hashlib.sha256(key.encode()).hexdigest()[:16] / "row.csv"
    if not path.exists():
        state = train_to_end(task, text, path, job.save_every)
        losses = measured_losses(task, text, state)
        genes = task.transformer.model_dump()
        row = {
            **genes,
            "training_seed": task.seed,
            **{name: value for name, value in losses.items() if name not in genes},
            **measured_speeds(task, text, state, job.sampling),
            **curve_columns(task.training, state),
            **made_with(task, text),
        }
        write_csv(path, pd.DataFrame([row]))
        # The weights, of which a large table would fill the disk.
        forget_progress(path)
    return read_table(path)


if __name__ == "__main__":
    run_job(TrainCells, train_cells)
