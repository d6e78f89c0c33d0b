"""A search without training: losses by a formula, so that the best is known."""

from __future__ import annotations

import math

import numpy as np
import yaml

from crossbreed.config.gender import Evolution, Mode, Search
from crossbreed.config.language import Transformer
from crossbreed.language.curve import LearningCurve
from crossbreed.search.individual import Individual
from crossbreed.search.search import Trained
from crossbreed.search.trial import Trial
from repository import CONFIG

MATING = ("male", "female", "combined", "random_mating")
VOCABULARY = 65
POINTS = 20
EVOLUTION = Evolution.model_validate(
    {
        "individuals": 18,
        "early": 0.25,
        "finished": 6,
        "fathers": 3,
        "mothers": 3,
        "mutation": 0.3,
        "speed_per": "token",
        "judge_on": "archive",
        "space": {
            "layers": {"low": 1, "high": 8},
            "heads": {"low": 1, "high": 1},
            "width": {"low": 16, "high": 128, "step": 16},
            "dropout": {"low": 0.0, "high": 0.0},
            "learning_rate": {"low": 0.0001, "high": 0.1},
            "batch_size": [8],
        },
        "predictor": {"founders_depth": 2, "depth": 5},
    }
)
LOWEST = 1.5


def shipped(mode: str) -> Search:
    """Return a search as config/mode/ defines it."""
    path = CONFIG / "mode" / f"{mode}.yaml"
    search = Mode.model_validate(yaml.safe_load(path.read_text())).search
    assert search is not None
    return search


def loss_at_the_end(architecture: Transformer) -> float:
    """Lowest, 1.5, with 5 layers of width 80 and a learning rate of 0.003."""
    return (
        LOWEST
        + 0.02 * (architecture.layers - 5) ** 2
        + 0.02 * (architecture.width / 16 - 5) ** 2
        + 0.3 * math.log10(architecture.learning_rate / 0.003) ** 2
    )


def train(individual: Individual, share: float) -> Trained:
    """Fall from an even guess to the final loss along a power law: what leads early, wins."""
    points = np.arange(round(share * POINTS) + 1)
    end = loss_at_the_end(individual.architecture)
    losses = end + (np.log(VOCABULARY) - end) * (1 + points) ** -0.8
    finished = end + (np.log(VOCABULARY) - end) * (1 + POINTS) ** -0.8
    losses = losses - (finished - end) * points / POINTS
    curve = LearningCurve(points * 1000, np.where(points, losses, np.nan), losses)
    trial = Trial(individual.architecture, 1000, 6000.0, 32, POINTS * 1000, curve)
    return Trained(trial, float(len(points)))
