"""Tables of architectures made by formula: what early training tells of the end is planted."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from crossbreed.config.gender import Evolution, SearchSpace
from crossbreed.config.language import Transformer
from crossbreed.language.architecture import point_tokens
from crossbreed.search.generation import Generation
from crossbreed.search.genome import cells
from crossbreed.search.replay import TrainedTable
from crossbreed.search.search import run_search
from language_models import training
from search_problem import shipped

# What the early training loss, by which males are judged, and the early validation loss, which only
# predictors see, tell of the final loss.
Tells = Literal["all", "nothing", "opposite"]

SPACE = SearchSpace.model_validate(
    {
        **{"layers": [1, 2, 3, 4, 5], "heads": [1], "width": [16, 32, 48, 64, 80]},
        **{"dropout": [0.0], "learning_rate": [0.001, 0.002, 0.004, 0.008], "batch_size": [8]},
    }
)
CELLS = cells(SPACE)
BEST = Transformer(layers=4, heads=1, width=32, dropout=0.0, learning_rate=0.004, batch_size=8)
TRAINING = training(tokens=8 * 8 * 8, points=8, evaluations=8)
VOCABULARY = 65
Row = dict[str, Any]
LOWEST, HIGHEST = 1.5, 2.3  # a bit more than any final loss


def inherited_loss(cell: Transformer) -> float:
    """Return a final loss, lowest, 1.5, at `BEST`, to which each gene adds by itself."""
    return (
        LOWEST
        + 0.02 * (cell.layers - BEST.layers) ** 2
        + 0.02 * ((cell.width - BEST.width) / 16) ** 2
        + 0.05 * math.log2(cell.learning_rate / BEST.learning_rate) ** 2
    )


# Final losses of which an architecture's genes tell nothing, and so nor do its parents.
_SHUFFLED = np.random.default_rng(3).permutation([inherited_loss(cell) for cell in CELLS])


@cache
def planted(speed: Tells, predictors: Tells, inherited: bool = True) -> TrainedTable:
    """Return the table in which early training and validation loss tell so much of the end.

    Where final losses are not inherited, they are those of the same formula, dealt out by chance.
    """
    draws = np.random.default_rng(1)
    finals = [inherited_loss(cell) for cell in CELLS] if inherited else _SHUFFLED.tolist()
    rows = [
        _row(cell, seed, end, _early(end, speed, draws), _early(end, predictors, draws))
        for seed in (1, 2)
        for cell, end in zip(CELLS, finals, strict=True)
    ]
    return TrainedTable(pd.DataFrame(rows), TRAINING)


def evolution(**changes: Any) -> Evolution:
    """Return what decides who breeds, with some values changed."""
    values = {
        **{"individuals": 8, "early": 0.25, "finished": 4, "fathers": 1, "mothers": 1},
        **{"mutation": 0.2, "speed_per": "token", "judge_on": "unseen"},
        **{"space": SPACE.model_dump(), "predictor": {"founders_depth": 3, "depth": 5}},
    }
    return Evolution.model_validate(values | changes)


def searches(
    table: TrainedTable, mode: str, settings: Evolution, generations: int, count: int
) -> list[list[Generation]]:
    """Return so many searches on a table, of the search seeds 1, 2, ..."""
    return [
        run_search(
            shipped(mode),
            settings,
            generations,
            table.train(table.seed_of(search_seed)),
            table.vocabulary,
            1,
            search_seed,
        )
        for search_seed in range(1, count + 1)
    ]


def _early(end: float, tells: Tells, draws: np.random.Generator) -> float:
    """Return an early loss, above all final ones."""
    drawn = float(draws.uniform(LOWEST, HIGHEST))
    return 1 + {"all": end, "nothing": drawn, "opposite": LOWEST + HIGHEST - end}[tells]


def _row(cell: Transformer, seed: int, end: float, train: float, validation: float) -> Row:
    early, late = (1, 2), range(3, TRAINING.points + 1)  # a quarter of the points is early
    return {
        **cell.model_dump(),
        **{"seed": seed, "vocabulary": VOCABULARY, "training_seconds": 8.0},
        **{
            "settings": "planted",
            "tokens": int(point_tokens(TRAINING, cell.batch_size)[-1]),
            "parameters": 1000,
            "flops_per_token": 6000.0,
            "validation_loss_0": 4.2,
        },
        **{f"train_loss_{point}": train for point in early},
        **{f"validation_loss_{point}": validation for point in early},
        **{f"{kind}_loss_{point}": end for kind in ("train", "validation") for point in late},
    }
