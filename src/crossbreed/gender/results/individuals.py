"""All individuals of all searches in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.gender import Evolution
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.search.files import load_choices, load_history, load_seconds
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.layout import CHOSEN, GenerationFiles, SearchFiles
from crossbreed.search.learning_speed import speeds
from crossbreed.search.predictor_fitness import fitness_trials, predictor_fitness


def individuals_table(searches: Sequence[SearchFiles], evolution: Evolution) -> pd.DataFrame:
    """Return a row for every individual: who it is, what became of it, what it cost.

    Founders, whom all searches of a seed share, are there once, as the mode "founders". Tokens,
    operations and seconds are those of its training, also where that was known from an identical
    network.

    Raises
    ------
    CrossbreedError
        If a file is missing or damaged.
    """
    rows: list[dict[str, Any]] = []
    founders_of: set[int] = set()
    for search in searches:
        history = load_history(search.history)
        for age, (files, generation) in enumerate(zip(search.history, history, strict=True)):
            if not age and search.seed in founders_of:
                continue
            founders_of.add(search.seed)
            ranks: dict[int, float] = {}
            if age and search.chooses:
                choices = load_choices(files.folder / CHOSEN)
                ranks = {choice.number: choice.foretold_rank for choice in choices}
            seconds = _seconds(files)
            speed = speeds(generation, evolution)
            known = fitness_trials(history[: age + 1], evolution)
            for individual in generation.individuals:
                female = individual.sex == "female"
                fitness = predictor_fitness(individual, known) if female else (np.nan, np.nan)
                rows.append(
                    {
                        "seed": search.seed,
                        "mode": search.mode if age else FOUNDERS,
                        **_identity(individual),
                        "speed": speed[individual.number],
                        "tau": fitness[0],
                        "rank_error": fitness[1],
                        "foretold_rank": ranks.get(individual.number, np.nan),
                        **_training(generation, individual.number),
                        "seconds": seconds[individual.number],
                    }
                )
    return pd.DataFrame(rows)


def _identity(individual: Individual) -> dict[str, Any]:
    parents = [f"{parent.generation}-{parent.number}" for parent in individual.parents]
    father, mother = [*parents, "", ""][:2]
    return {
        "generation": individual.generation,
        "number": individual.number,
        "sex": individual.sex,
        "father": father,
        "mother": mother,
        **individual.architecture.model_dump(),
        "predictor": individual.predictor,
    }


def _training(generation: Generation, number: int) -> dict[str, Any]:
    finished = generation.finished.get(number)
    trial = finished or generation.early[number]
    tokens = int(trial.curve.tokens[-1])
    return {
        "parameters": trial.parameters,
        "flops_per_token": trial.flops_per_token,
        "finished": finished is not None,
        "final_loss": finished.final_loss if finished else np.nan,
        "tokens": tokens,
        "flops": tokens * trial.flops_per_token,
    }


def _seconds(files: GenerationFiles) -> dict[int, float]:
    """Return what the furthest training of each individual took."""
    seconds: dict[int, float] = {}
    for name in files.trials:  # the early ones come first
        took = load_seconds(files.folder / f"{name}.seconds.json")
        seconds |= {number: full for number, (_, full) in took.items()}
    return seconds
