"""The settings that results were made with, and where those of two results differ."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from crossbreed.errors import CrossbreedError

CONFIG = "config.yaml"
ABSENT = object()
"""Stands for the value of a key that is not there."""

# Keys that decide no number: where files come from, what is asked of whom, how things are called.
_ASIDE = re.compile(
    r"(preset|studies|data|gpus|save_every|segment_epochs|figures)(\.|$)"
    r"|(arm|mode)\.\w+\.label$|conditions\.\w+\.(label|group)$"
    r"|dataset\.sources$|text\.editions\.\w+\.sources$"
)
# Keys that only comparisons and verdicts depend on. These are made anew from the tables that a
# reference keeps (`derived`), so a change of them asks for no training.
_MADE_ANEW = re.compile(
    r"(claims|statistics\.(contrasts|primary|metrics|power|wanted_effect|margin|resamples))(\.|$)"
)
_OF_GENDER = ("gender", "mode", "language", "text", "published")


def read_config(results: Path) -> dict[str, Any]:
    """Return the resolved configuration of results.

    Raises
    ------
    CrossbreedError
        If there is none, or none of a study.
    """
    path = results / CONFIG
    if not path.is_file():
        raise CrossbreedError(
            f"{path} does not exist: no study has been run there to its end (make study)"
        )
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CrossbreedError(f"{path} cannot be read: it is no YAML") from error
    needed = ("preset", "studies", "seed", "claims")
    if not isinstance(settings, dict) or not set(needed) <= set(settings):
        raise CrossbreedError(f"{path}: must hold {', '.join(needed)}, as every study's does")
    if not isinstance(settings["studies"], list) or not isinstance(settings["claims"], dict):
        raise CrossbreedError(f"{path}: studies must be a list, claims a mapping")
    return settings


def decides_numbers(key: str) -> bool:
    """Tell whether the value of a dotted key can change what comes out of a study."""
    return not _ASIDE.match(key)


def made_anew(key: str, studies: Sequence[str]) -> bool:
    """Tell whether all that a dotted key decides is made anew from a reference's tables.

    Not so where a job that needs other files reads it, too: of the gender study, that which weighs
    the evidence by resampling; of conditions, that which maps their comparisons, of which no
    reference holds the tables.
    """
    if not _MADE_ANEW.match(key):
        return False
    if key.startswith("claims"):
        return True
    return "conditions" not in studies and not (
        key == "statistics.resamples" and "gender" in studies
    )


def of_studies(key: str, studies: set[str]) -> bool:
    """Tell whether a dotted key belongs to any of some studies."""
    top = key.partition(".")[0]
    if top in _OF_GENDER:
        return "gender" in studies
    if top == "conditions":
        return "conditions" in studies
    return bool({"crossover", "conditions"} & studies) or top in ("seed", "statistics", "claims")


def differences(
    own: Mapping[str, Any], other: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    """Yield the dotted keys that differ between two configurations and decide numbers.

    Parameters
    ----------
    own, other
        Configurations.

    Yields
    ------
    tuple
        The key and both values; `ABSENT` where one has no such key. Of mappings that only one has,
        the mapping's key, not those inside.
    """
    for key, mine, theirs in _differing(own, other, ""):
        if decides_numbers(key):
            yield key, mine, theirs


def _differing(own: Any, other: Any, prefix: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(own, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys([*own, *other]):
            below = f"{prefix}.{key}" if prefix else str(key)
            yield from _differing(own.get(key, ABSENT), other.get(key, ABSENT), below)
    elif own != other:
        yield prefix, own, other


def outdated(kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the dotted keys whose change since asks for a new run.

    What is made anew from the tables that are kept does not, such as a verdict; nor does a key that
    is new: it has a default, with which all is as before; nor one of a study that was not run.

    Parameters
    ----------
    kept
        The configuration of a reference.
    now
        That of its preset now.
    """
    studies = kept["studies"]
    return [
        key
        for key, before, _ in differences(kept, now)
        if before is not ABSENT and asks_for_a_run(key, studies)
    ]


def asks_for_a_run(key: str, studies: Sequence[str]) -> bool:
    """Tell whether another value of a dotted key needs some studies to be run again."""
    return of_studies(key, set(studies)) and not made_anew(key, studies)


def closest(own: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return which configuration is of the same preset, else the one with the fewest differences.

    Parameters
    ----------
    own
        A configuration.
    known
        Others, by their presets. Those that have no study in common with `own` come last.
    """
    preset = str(own["preset"])
    if preset in known:
        return preset

    def distance(name: str) -> tuple[bool, int]:
        other = known[name]
        apart = not set(own["studies"]) & set(other["studies"])
        return apart, sum(1 for _ in differences(own, other))

    return min(known, key=distance)


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Return a digest, 12 hexadecimal digits, of all settings whose change asks for a new run."""
    leaves = {
        key: value
        for key, value in _leaves(settings, "")
        if decides_numbers(key) and asks_for_a_run(key, settings["studies"])
    }
    return hashlib.sha256(json.dumps(leaves, sort_keys=True).encode()).hexdigest()[:12]


def _leaves(value: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value
