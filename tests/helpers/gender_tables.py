"""Made-up tables of the gender study, with numbers that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.gender import ModeContrast
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.gender.results.outcome import METRICS

# By how much the measurements of a training are its validation loss multiplied: all
# different, so that none can stand in for another.
TIMES = {
    "final_train_loss": 2.0,
    "best_validation_loss": 3.0,
    "final_validation_loss": 1.0,
    "training_minutes": 5.0,
    "tokens_per_second": 1000.0,
    "cached_tokens_per_second": 2000.0,
    "small_validation_loss": 4.0,
}
DESIGN = ("random_mating", "male", "female", "combined")
FLOPS_PER_TOKEN = 7.0
DECLARED = [
    ModeContrast(name="combined - male", weights={"combined": 1, "male": -1}),
    ModeContrast(
        name="male_selection",
        weights={"random_mating": -0.5, "female": -0.5, "male": 0.5, "combined": 0.5},
    ),
    ModeContrast(
        name="female_selection",
        weights={"random_mating": -0.5, "male": -0.5, "female": 0.5, "combined": 0.5},
    ),
    ModeContrast(
        name="interaction",
        weights={"random_mating": 1, "male": -1, "female": -1, "combined": 1},
    ),
]


def genes(width: int) -> dict[str, Any]:
    """Return an architecture that is told from others by its width alone."""
    same = {"layers": 2, "heads": 1, "dropout": 0.0, "learning_rate": 0.001, "batch_size": 8}
    return same | {"width": width}


def person(
    mode: str, seed: int, position: tuple[int, int], final_loss: float = np.nan, **changes: Any
) -> dict[str, Any]:
    """Return the row of an individual with this generation and number; no final loss: given up."""
    generation, number = position
    male = number % 2 == 1
    row = {
        "seed": seed,
        "mode": mode,
        "generation": generation,
        "number": number,
        "sex": "male" if male else "female",
        "father": "",
        "mother": "",
        "predictor": "train_loss_last",
        **genes(10 * generation + number),
        "speed": 0.5 + 0.1 * generation,
        "tau": np.nan if male else 0.2 * generation,
        "foretold_rank": np.nan,
        "finished": not np.isnan(final_loss),
        "final_loss": final_loss,
        "tokens": 100,
        "flops": 100 * FLOPS_PER_TOKEN,
        "seconds": 60.0,
    }
    return row | changes


def final(mode: str, seed: int, repeat: int, loss: float, **changes: Any) -> dict[str, Any]:
    """Return the row of a winner's training; its measurements are the loss times `TIMES`."""
    row: dict[str, Any] = {"mode": mode, "seed": seed, "repeat": repeat, "edition": "made up"}
    row |= {column: loss * TIMES[metric] for metric, column in METRICS.items()}
    row["training_seconds"] = 60 * row.pop("training_minutes")
    row |= genes(len(mode) + 100)
    row |= {"parameters": 1000, "flops_per_token": FLOPS_PER_TOKEN, "diverged": False}
    return row | changes


def finals_table(losses: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return two trainings of each mode's winner of seeds 1, 2, ..., around these mean losses.

    Where the mean is NaN, the second of them diverged.
    """
    rows = []
    for mode, means in losses.items():
        for seed, mean in enumerate(means, start=1):
            if np.isnan(mean):
                rows.append(final(mode, seed, 1, 1.0))
                rows.append(final(mode, seed, 2, np.nan, diverged=True))
            else:
                rows += [final(mode, seed, 1, mean - 0.25), final(mode, seed, 2, mean + 0.25)]
    return pd.DataFrame(rows)


def individuals_table(best: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return searches of seeds 1, 2, ... whose lowest final losses are these.

    Two founders, whose losses are 9 and 8; then a given-up child and one trained to the end.
    """
    seeds = range(1, 1 + max(map(len, best.values())))
    rows = [
        person(FOUNDERS, seed, (0, number), 10.0 - number) for seed in seeds for number in (1, 2)
    ]
    for mode, losses in best.items():
        for seed, loss in enumerate(losses, start=1):
            rows.append(person(mode, seed, (1, 1), father="0-1", mother="0-2", foretold_rank=1.0))
            rows.append(
                person(mode, seed, (1, 2), loss, father="0-1", mother="0-2", foretold_rank=0.0)
            )
    return pd.DataFrame(rows)
