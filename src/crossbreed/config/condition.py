"""Schema of a condition: a named change of the crossover study, for a map of where it helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossbreed.config.base import Config, Text

# What all conditions have in common, or has nothing to do with the crossover study.
_FIXED = (
    *("preset", "studies", "conditions", "data", "overrides", "claims", "barrier", "figures"),
    *("text", "language", "gender", "mode", "published", "gpus", "statistics"),
    *("save_every", "segment_epochs"),
)


class Condition(Config):
    """A change of the study, in the form of `--config`."""

    label: Text
    """What tables and figures call the condition."""
    group: Text
    """What is changed: conditions of a group are shown together."""
    change: dict[str, Any]
    """Keys of the crossover study with their values under the condition, in the form of
    `--config`."""


def condition_problems(name: str, change: Mapping[str, Any], dataset: str) -> Iterator[str]:
    """Yield a line for each key that a condition must not change.

    Parameters
    ----------
    name
        The condition's.
    change
        Its change.
    dataset
        The study's data set, which all conditions share.
    """
    for key in change:
        if key in _FIXED:
            yield f"conditions.{name}.change.{key}: must not be changed by a condition"
    given = change.get("dataset", {})
    chosen = given.get("name", dataset) if isinstance(given, Mapping) else given
    if chosen != dataset:
        yield (
            f"conditions.{name}.change.dataset = {chosen!r}: must be {dataset}, the study's; a "
            "condition may only change its split"
        )
