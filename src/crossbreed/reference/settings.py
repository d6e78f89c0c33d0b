"""Where the settings of two results differ, and which differences ask for a new run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

ABSENT = object()
"""Stands for the value of a key that is not there."""

# Keys that decide no number: where files come from, what is asked of whom, how things are called.
_ASIDE = re.compile(
    r"(preset|studies|data|gpus|save_every|segment_epochs|figures)(\.|$)"
    r"|(arm|mode)\.\w+\.label$|conditions\.\w+\.(label|group)$"
    r"|dataset\.sources$|text\.editions\.\w+\.sources$"
)
# Keys that only comparisons depend on. Those are made anew from the tables that a reference keeps.
_OF_COMPARISONS = re.compile(
    r"statistics\.(contrasts|primary|metrics|power|wanted_effect|margin|resamples)(\.|$)"
)
_OF_GENDER = ("gender", "mode", "language", "text", "published")


def differences(
    own: Mapping[str, Any], reference: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    """Yield the dotted keys that differ between two configurations and decide numbers.

    Yields
    ------
    tuple
        The key and both values; `ABSENT` where one has no such key. Of mappings that only one has,
        the mapping's key, not those inside.
    """
    for key, mine, theirs in _differing(own, reference, ""):
        if not _ASIDE.match(key):
            yield key, mine, theirs


def _differing(own: Any, reference: Any, prefix: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(own, Mapping) and isinstance(reference, Mapping):
        for key in dict.fromkeys([*own, *reference]):
            below = f"{prefix}.{key}" if prefix else str(key)
            yield from _differing(own.get(key, ABSENT), reference.get(key, ABSENT), below)
    elif own != reference:
        yield prefix, own, reference


def of_studies(key: str, studies: Collection[str]) -> bool:
    """Tell whether a dotted key belongs to any of some studies."""
    top = key.partition(".")[0]
    if top in _OF_GENDER:
        return "gender" in studies
    if top == "conditions":
        return "conditions" in studies
    crossover = "crossover" in studies or "conditions" in studies
    return crossover or top in ("seed", "statistics", "claims")


def asks_for_a_run(key: str, studies: Collection[str]) -> bool:
    """Tell whether another value of a key that decides numbers needs some studies to be run again.

    Not so if `derive` makes all anew that the key decides: verdicts and comparisons of arms. It
    cannot repeat what needs other files than a reference has: comparing the arms under each
    condition.
    """
    if key.startswith("claims") or not of_studies(key, studies):
        return False
    return "conditions" in studies or not _OF_COMPARISONS.match(key)


def outdated(kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the dotted keys whose values have changed since and ask for a new run.

    A key that is new or gone asks for none: all is as with its default. `kept` is the configuration
    of a reference, `now` that of its preset.
    """
    return [
        key
        for key, before, after in differences(kept, now)
        if ABSENT not in (before, after) and asks_for_a_run(key, kept["studies"])
    ]


def closest(own: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the configuration of the same preset, else of that most like `own`.

    Those that have no study in common with it come last.
    """

    def distance(name: str) -> tuple[bool, bool, int]:
        apart = not {*own["studies"]} & {*known[name]["studies"]}
        return name != own["preset"], apart, sum(1 for _ in differences(own, known[name]))

    return min(known, key=distance)
