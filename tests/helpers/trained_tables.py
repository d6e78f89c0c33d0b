"""A table of really trained architectures, small enough for tests, and the same trainings live."""

from __future__ import annotations

from pathlib import Path

from workflow.scripts.gender.gather_table import gather_table
from workflow.scripts.gender.train_cells import train_cells

from crossbreed.config.gender import Evolution, SearchSpace
from crossbreed.config.language import Transformer
from crossbreed.config.schema import SaveEvery
from crossbreed.gender.jobs import GatherTable, TrainCells
from crossbreed.language.text import save_text
from crossbreed.language.training import LanguageTask, init_state, train_until
from crossbreed.search.genome import cells
from crossbreed.search.individual import Individual
from crossbreed.search.layout import CellRows
from crossbreed.search.search import Train, Trained
from crossbreed.search.training import as_trial, early_point, training_seed
from crossbreed.search.trial import Trial
from language_models import VERSES, sampling, text_of, training

TEXT = text_of(VERSES)
SEED, TABLE_SEEDS = 5, (1, 2)
TRAINING = training(tokens=4 * 8 * 8, points=8, evaluations=4, final_blocks=20)
# At the last learning rate trainings diverge.
SPACE = SearchSpace.model_validate(
    {
        **{"layers": [1], "heads": [1, 2], "width": [4, 8], "dropout": [0.0]},
        **{"learning_rate": [0.003, 0.03, 1e9], "batch_size": [2, 4]},
    }
)
CELLS = cells(SPACE)
EVOLUTION = Evolution.model_validate(
    {
        **{"individuals": 8, "early": 0.25, "finished": 4, "fathers": 2, "mothers": 2},
        **{"mutation": 0.3, "speed_per": "token", "judge_on": "unseen"},
        **{"space": SPACE.model_dump(), "predictor": {"founders_depth": 3, "depth": 5}},
    }
)


def cells_job(folder: Path, table_seed: int, **changes: object) -> TrainCells:
    """Return the job that trains all cells, working in a folder that may not exist yet."""
    folder.mkdir(exist_ok=True)
    save_text(folder / "text.safetensors", TEXT, {})
    values = {
        **{"language": TRAINING, "sampling": sampling(), "seed": SEED, "table_seed": table_seed},
        **{"cells": CELLS, "store": folder / f"store-{table_seed}", "threads": 1},
        **{"save_every": SaveEvery(seconds=None, epochs=None), "known": None},
        **{"text": folder / "text.safetensors", "rows": cell_rows(folder).paths()[table_seed - 1]},
    }
    return TrainCells.model_validate(values | changes)


def cell_rows(folder: Path) -> CellRows:
    """Return the files of rows, one for each seed."""
    return CellRows(folder=folder, seeds=len(TABLE_SEEDS), batches=1)


def make_table(folder: Path) -> Path:
    """Train all cells and return the file of the table."""
    for table_seed in TABLE_SEEDS:
        train_cells(cells_job(folder, table_seed))
    target = folder / "table.csv.gz"
    gather_table(GatherTable(rows=cell_rows(folder), table=target))
    return target


def train_live(architecture: Transformer, search_seed: int, point: int) -> Trial:
    """Train an architecture up to a point, from its beginning."""
    seed = training_seed(SEED, search_seed, 0)
    task = LanguageTask(architecture, TRAINING, seed, threads=1)
    *_, state = train_until(task, TEXT, init_state(task, TEXT), point, keep_best=False)
    return as_trial(architecture, TRAINING, TEXT, state.curve)


def live(search_seed: int) -> Train:
    """Return a way to train for a search that really does, the same architecture once."""
    trials: dict[tuple[Transformer, int], Trial] = {}

    def train(individual: Individual, share: float) -> Trained:
        key = (individual.architecture, early_point(TRAINING, share))
        if key not in trials:
            trials[key] = train_live(key[0], search_seed, key[1])
        return Trained(trials[key], 1.0)

    return train
