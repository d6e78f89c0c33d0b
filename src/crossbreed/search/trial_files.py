"""Trials and generations on disk: what training individuals has shown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.base import Config, Count, Name
from crossbreed.config.language import Transformer
from crossbreed.errors import CrossbreedError
from crossbreed.language.curve import LearningCurve
from crossbreed.search.generation import Generation
from crossbreed.search.individual import load_individuals
from crossbreed.search.trial import Trial
from crossbreed.storage.files import write_json

INDIVIDUALS = "individuals.yaml"
EARLY, FINISHED = "early", "finished"


class GenerationFiles(Config):
    """A generation's folder, and its files of trials, less their suffixes."""

    folder: Path
    trials: list[str]


class SearchFiles(Config):
    """A search: its seed, its mode, its generations from the founders."""

    seed: Count
    mode: Name
    history: list[GenerationFiles]
    chooses: bool
    """Whether only some of a generation are trained to the end."""


def save_trials(path: Path, trials: Mapping[int, Trial], vocabulary: int, early_point: int) -> None:
    """Write trials whole, by the number of their individual.

    Numbers that JSON cannot hold (of diverged networks, or not estimated) are null.

    Parameters
    ----------
    path
        The file.
    trials
        As far as they went.
    vocabulary
        Number of different characters of their text.
    early_point
        Up to which point of the curve they count as early.

    Raises
    ------
    CrossbreedError
        If the file cannot be written.
    """
    content = {
        "vocabulary": vocabulary,
        "early_point": early_point,
        "trials": [_written(number, trial) for number, trial in trials.items()],
    }
    write_json(path, content)


def load_trials(path: Path) -> tuple[dict[int, Trial], int, int]:
    """Return trials by their individual's number, the vocabulary and the early point.

    Raises
    ------
    CrossbreedError
        If the file is missing or damaged.
    """
    content = _load(path)
    try:
        trials = {int(one["number"]): _read(one) for one in content["trials"]}
        return trials, int(content["vocabulary"]), int(content["early_point"])
    except (KeyError, TypeError, ValueError) as error:
        raise CrossbreedError(f"{path} is damaged ({error}); delete it and run again") from error


def save_seconds(path: Path, early: Mapping[int, float], all_of_it: Mapping[int, float]) -> None:
    """Write by individual how long training took: apart, since it is different every time."""
    write_json(
        path,
        [
            {"number": number, "early": early[number], "all": all_of_it[number]}
            for number in all_of_it
        ],
    )


def load_seconds(path: Path) -> dict[int, tuple[float, float]]:
    """Return by individual the seconds of the early training and of all of it.

    Raises
    ------
    CrossbreedError
        If the file is missing or damaged.
    """
    content = _load(path)
    try:
        return {int(one["number"]): (float(one["early"]), float(one["all"])) for one in content}
    except (KeyError, TypeError, ValueError) as error:
        raise CrossbreedError(f"{path} is damaged ({error}); delete it and run again") from error


def load_generation(files: GenerationFiles) -> Generation:
    """Return a generation as far as it was trained.

    Raises
    ------
    CrossbreedError
        If a file is missing or damaged.
    """
    early: dict[int, Trial] = {}
    finished: dict[int, Trial] = {}
    seconds: dict[int, float] = {}
    vocabulary = 1
    for name in files.trials:
        trials, vocabulary, point = load_trials(files.folder / f"{name}.json")
        early |= {number: trial.until(point) for number, trial in trials.items()}
        if name.startswith(FINISHED):
            finished |= trials
        took = load_seconds(files.folder / f"{name}.seconds.json")
        seconds |= {number: took[number][0] for number in trials}
    return Generation(
        load_individuals(files.folder / INDIVIDUALS), early, finished, seconds, vocabulary
    )


def load_history(history: Sequence[GenerationFiles]) -> list[Generation]:
    """Return generations in the given order."""
    return [load_generation(files) for files in history]


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    except OSError as error:
        raise CrossbreedError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise CrossbreedError(f"{path} is damaged ({error}); delete it and run again") from error


def _written(number: int, trial: Trial) -> dict[str, Any]:
    return {
        "number": number,
        "architecture": trial.architecture.model_dump(),
        "parameters": trial.parameters,
        "flops_per_token": trial.flops_per_token,
        "block_size": trial.block_size,
        "full_tokens": trial.full_tokens,
        "tokens": trial.curve.tokens.tolist(),
        "train_loss": _finite(trial.curve.train_loss),
        "validation_loss": _finite(trial.curve.validation_loss),
    }


def _read(one: Mapping[str, Any]) -> Trial:
    return Trial(
        architecture=Transformer.model_validate(one["architecture"]),
        parameters=int(one["parameters"]),
        flops_per_token=float(one["flops_per_token"]),
        block_size=int(one["block_size"]),
        full_tokens=int(one["full_tokens"]),
        curve=LearningCurve(
            np.array(one["tokens"], np.int64),
            np.array(one["train_loss"], np.float64),
            np.array(one["validation_loss"], np.float64),
        ),
    )


def _finite(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
