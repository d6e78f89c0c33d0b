"""A language model in training: all that its training goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crossbreed.jobs.progress import Form
from crossbreed.language.architecture import Weights
from crossbreed.language.curve import LearningCurve
from crossbreed.storage.arrays import Arrays

_CURVE = ("tokens", "train_loss", "validation_loss")
_WEIGHTS = ("weights", "first_moments", "second_moments", "best")
_FACTS = ("iteration", "point", "diverged")


@dataclass(frozen=True)
class TrainingState:
    """A network at a point of its learning curve; its arrays are never changed.

    Parameters
    ----------
    weights
        Float32, named and shaped as in `architecture.parameter_shapes`.
    first_moments, second_moments
        What AdamW remembers of the gradients and of their squares, of the same names and shapes.
    iteration
        Iterations made so far.
    point
        Points of the learning curve passed so far.
    curve
        Losses up to this point.
    best
        The weights with the lowest estimate of the validation loss; None where they are not kept.
    seconds
        Time spent in iterations, without evaluations; alone of all this, it is never the same
        twice.
    diverged
        Whether a loss was not finite, which ended the training.
    """

    weights: Weights
    first_moments: Weights
    second_moments: Weights
    iteration: int
    point: int
    curve: LearningCurve
    best: Weights | None
    seconds: float
    diverged: bool

    def without_weights(self) -> TrainingState:
        """Return the curve and the facts alone, from which no training goes on."""
        return replace(self, weights={}, first_moments={}, second_moments={}, best=None)


def pack_state(state: TrainingState) -> tuple[Arrays, dict[str, Any]]:
    """Return a state, but for its seconds, as named arrays and a description that JSON can hold.

    The same training gives the same bytes. Arrays are named `<field>/<parameter>` and
    `curve/<column>`.
    """
    arrays = {f"curve/{name}": getattr(state.curve, name) for name in _CURVE}
    for field in _WEIGHTS:
        arrays |= {f"{field}/{name}": a for name, a in (getattr(state, field) or {}).items()}
    facts = {name: getattr(state, name) for name in _FACTS}
    return arrays, facts | {"best": state.best is not None}


def unpack_state(
    arrays: Arrays, description: Mapping[str, Any], seconds: float = 0.0
) -> TrainingState:
    """Return the state that `pack_state` was given, with the seconds that were kept apart."""
    parameters: dict[str, Weights] = {field: {} for field in _WEIGHTS}
    for key, array in arrays.items():
        field, _, name = key.partition("/")
        if field in parameters:
            parameters[field][name] = array
    return TrainingState(
        weights=parameters["weights"],
        first_moments=parameters["first_moments"],
        second_moments=parameters["second_moments"],
        **{name: description[name] for name in _FACTS},
        curve=LearningCurve(*(arrays[f"curve/{name}"] for name in _CURVE)),
        best=parameters["best"] if description["best"] else None,
        seconds=seconds,
    )


def _pack_progress(state: TrainingState) -> tuple[Arrays, dict[str, Any]]:
    arrays, description = pack_state(state)
    return arrays, description | {"seconds": state.seconds}


def _unpack_progress(arrays: Arrays, description: Mapping[str, Any]) -> TrainingState:
    return unpack_state(arrays, description, description["seconds"])


TRAINING_FORM = Form("point", _pack_progress, _unpack_progress, lambda state: state.point)
