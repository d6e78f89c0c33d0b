"""A search on disk: individuals and who is chosen as YAML, what their training showed as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from crossbreed.config.base import Config, Count
from crossbreed.config.gender import Probability
from crossbreed.config.language import Transformer
from crossbreed.config.messages import explain
from crossbreed.errors import CrossbreedError
from crossbreed.language.curve import LearningCurve
from crossbreed.search.generation import Generation
from crossbreed.search.individual import Individual
from crossbreed.search.layout import (
    CHOSEN,
    FINISHED,
    INDIVIDUALS,
    GenerationFiles,
    Searches,
    SearchFiles,
)
from crossbreed.search.trial import Trial
from crossbreed.storage.files import write_json, write_text

Content = TypeVar("Content")


class Choice(Config):
    """An individual's number, and the rank it was predicted: 0 the best, 1 the worst."""

    number: Count
    foretold_rank: Probability
    chosen: bool


_INDIVIDUALS = TypeAdapter(list[Individual])
_CHOICES = TypeAdapter(list[Choice])


def save_individuals(path: Path, individuals: Sequence[Individual]) -> None:
    """Write individuals whole, as YAML that people read."""
    _write_yaml(path, individuals)


def load_individuals(path: Path) -> list[Individual]:
    """Read individuals.

    Raises
    ------
    CrossbreedError
        If the file is missing or damaged, as of all functions here that read.
    """
    return _read(path, lambda text: _INDIVIDUALS.validate_python(yaml.safe_load(text)))


def save_choices(path: Path, choices: Sequence[Choice]) -> None:
    """Write choices whole, as YAML, in their order."""
    _write_yaml(path, choices)


def load_choices(path: Path) -> list[Choice]:
    """Read choices."""
    return _read(path, lambda text: _CHOICES.validate_python(yaml.safe_load(text)))


def save_trials(path: Path, trials: Mapping[int, Trial], vocabulary: int, early_point: int) -> None:
    """Write trials whole, by the number of their individual.

    Numbers that JSON cannot hold (of diverged networks, or not estimated) are null. `vocabulary` is
    the number of different characters of their text; up to `early_point` of the curve they count as
    early.
    """
    written = [
        {
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
        for number, trial in trials.items()
    ]
    write_json(path, {"vocabulary": vocabulary, "early_point": early_point, "trials": written})


def save_seconds(path: Path, early: Mapping[int, float], full: Mapping[int, float]) -> None:
    """Write by individual how long training took: apart, since it is different every time."""
    write_json(
        path, [{"number": number, "early": early[number], "all": full[number]} for number in full]
    )


def load_seconds(path: Path) -> dict[int, tuple[float, float]]:
    """Return by individual the seconds of the early training and of all of it."""
    return _read(
        path,
        lambda text: {
            row["number"]: (float(row["early"]), float(row["all"])) for row in json.loads(text)
        },
    )


def load_generation(files: GenerationFiles) -> Generation:
    """Return a generation as far as it was trained."""
    early: dict[int, Trial] = {}
    finished: dict[int, Trial] = {}
    early_seconds: dict[int, float] = {}
    seconds: dict[int, float] = {}
    vocabulary = 1
    for name in files.trials:  # the early ones come first
        trials, vocabulary, point = _read(files.folder / f"{name}.json", _trials)
        early |= {number: trial.until(point) for number, trial in trials.items()}
        if name.startswith(FINISHED):
            finished |= trials
        took = load_seconds(files.folder / f"{name}.seconds.json")
        early_seconds |= {number: took[number][0] for number in trials}
        seconds |= {number: took[number][1] for number in trials}
    individuals = load_individuals(files.folder / INDIVIDUALS)
    return Generation(individuals, early, finished, early_seconds, vocabulary, seconds)


def load_history(history: Sequence[GenerationFiles]) -> list[Generation]:
    """Return generations in the given order."""
    return [load_generation(files) for files in history]


def load_searches(searches: Searches) -> dict[tuple[int, str], list[Generation]]:
    """Return all searches by their seed and mode."""
    return {(search.seed, search.mode): load_search(search) for search in searches.files()}


def load_search(search: SearchFiles) -> list[Generation]:
    """Return a search, with the ranks by which it has chosen."""
    history = load_history(search.history)
    if not search.chooses:
        return history
    return [
        history[0],
        *(
            replace(
                generation,
                foretold_ranks={
                    choice.number: choice.foretold_rank
                    for choice in load_choices(files.folder / CHOSEN)
                },
            )
            for files, generation in zip(search.history[1:], history[1:], strict=True)
        ),
    ]


def _trials(text: str) -> tuple[dict[int, Trial], int, int]:
    """Return trials by their individual's number, the vocabulary and the early point."""
    content = json.loads(text)
    trials = {
        row["number"]: Trial(
            architecture=Transformer.model_validate(row["architecture"]),
            parameters=row["parameters"],
            flops_per_token=row["flops_per_token"],
            block_size=row["block_size"],
            full_tokens=row["full_tokens"],
            curve=LearningCurve(
                np.array(row["tokens"], np.int64),
                np.array(row["train_loss"], np.float64),
                np.array(row["validation_loss"], np.float64),
            ),
        )
        for row in content["trials"]
    }
    return trials, content["vocabulary"], content["early_point"]


def _finite(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _write_yaml(path: Path, models: Sequence[Config]) -> None:
    content: list[dict[str, Any]] = [model.model_dump(mode="json") for model in models]
    write_text(path, yaml.safe_dump(content, sort_keys=False))


def _read(path: Path, read: Callable[[str], Content]) -> Content:
    try:
        return read(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    except OSError as error:
        raise CrossbreedError(f"{path} cannot be read: {error.strerror or error}") from error
    except (CrossbreedError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        reason = explain(error.errors(), {}) if isinstance(error, ValidationError) else str(error)
        first = reason.partition("\n")[0]
        raise CrossbreedError(f"{path} is damaged ({first}); delete it and run again") from error
