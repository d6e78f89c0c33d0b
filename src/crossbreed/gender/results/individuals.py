"""All individuals of all searches in one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.gender import Evolution
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.learning_speed import speeds
from crossbreed.search.predictor_fitness import fitness_trials, predictor_fitness

# Searches by seed and mode, each from its founders.
Histories = Mapping[tuple[int, str], Sequence[Generation]]


def individuals_table(
    histories: Histories, own_founders: Collection[str], evolution: Evolution
) -> pd.DataFrame:
    """Return a row for every individual: who it is, what became of it, what it cost.

    Founders, whom all searches of a seed share, are there once, as the mode "founders"; those of
    the modes `own_founders`, which search another space, are of their mode. Tokens, operations and
    seconds are those of its training, also where that was known from an identical network.
    """
    rows: list[dict[str, Any]] = []
    founders_of: set[int] = set()
    for (seed, mode), history in histories.items():
        shares = mode not in own_founders
        for age, generation in enumerate(history):
            if shares and not age and seed in founders_of:
                continue
            if shares:
                founders_of.add(seed)
            speed = speeds(generation, evolution)
            known = fitness_trials(history[: age + 1], evolution)
            for individual in generation.individuals:
                number = individual.number
                female = individual.sex == "female"
                fitness = predictor_fitness(individual, known) if female else (np.nan, np.nan)
                rows.append(
                    {
                        "seed": seed,
                        "mode": mode if age or not shares else FOUNDERS,
                        **_identity(individual),
                        "speed": speed[number],
                        "tau": fitness[0],
                        "rank_error": fitness[1],
                        "foretold_rank": generation.foretold_ranks.get(number, np.nan),
                        **_training(generation, number),
                        "seconds": generation.seconds[number],
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
