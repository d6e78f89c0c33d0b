"""All individuals of all searches in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.gender import Evolution
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.search.choices import CHOSEN, load_choices
from crossbreed.search.fitness import judge, judged_on, speeds
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual, Parent
from crossbreed.search.trial import Trial
from crossbreed.search.trial_files import GenerationFiles, SearchFiles, load_history, load_seconds


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
            ranks = _foretold(files.folder / CHOSEN) if age and search.chooses else {}
            mode = search.mode if age else FOUNDERS
            seconds = _seconds(files)
            speed = speeds(generation, evolution)
            known = judged_on(history[: age + 1], evolution)
            for one in generation.individuals:
                female = one.sex == "female"
                quality = judge(one, known) if female else None
                rows.append(
                    {
                        "seed": search.seed,
                        "mode": mode,
                        **_who(one),
                        "speed": speed[one.number],
                        "tau": quality.tau if quality else np.nan,
                        "rank_error": quality.error if quality else np.nan,
                        "foretold_rank": ranks.get(one.number, np.nan),
                        **_training(generation, one),
                        "seconds": seconds[one.number],
                    }
                )
    return pd.DataFrame(rows)


def _who(one: Individual) -> dict[str, Any]:
    father, mother = (*map(_place, one.parents), "", "")[:2]
    return {
        "generation": one.generation,
        "number": one.number,
        "sex": one.sex,
        "father": father,
        "mother": mother,
        **one.architecture.model_dump(),
        "predictor": one.predictor,
    }


def _place(parent: Parent) -> str:
    return f"{parent.generation}-{parent.number}"


def _training(generation: Generation, one: Individual) -> dict[str, Any]:
    finished = generation.finished.get(one.number)
    trial: Trial = finished or generation.early[one.number]
    tokens = int(trial.curve.tokens[-1])
    return {
        "parameters": trial.parameters,
        "flops_per_token": trial.flops_per_token,
        "finished": finished is not None,
        "final_loss": finished.final_loss if finished else np.nan,
        "tokens": tokens,
        "flops": tokens * trial.flops_per_token,
    }


def _foretold(path: Path) -> dict[int, float]:
    return {one.number: one.foretold_rank for one in load_choices(path)}


def _seconds(files: GenerationFiles) -> Mapping[int, float]:
    """Return what the furthest training of each individual took."""
    seconds: dict[int, float] = {}
    for name in files.trials:  # the early ones come first
        took = load_seconds(files.folder / f"{name}.seconds.json")
        seconds |= {number: all_of_it for number, (_, all_of_it) in took.items()}
    return seconds
