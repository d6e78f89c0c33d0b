"""One's own results against reference results, in words."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crossbreed.reference.contents import (
    CONFIG,
    LEDGER,
    PROVENANCE,
    fault_of_runs,
    read_config,
    read_json,
    record_path,
)
from crossbreed.reference.pairs import COMPARED, Pair, paired_claims, paired_comparisons
from crossbreed.reference.settings import ABSENT, differences, of_studies

_WHAT = {"crossover": "arms", "gender": "modes", "conditions": "arms by condition"}
_MARKS = {
    "overlap": "overlap",
    "above": "apart: yours lies higher",
    "below": "apart: yours lies lower",
    "unknown": "no interval",
}
_CAUTION = (
    "That two intervals overlap says only that no large disagreement shows; that they do not, that "
    "the same quantity can hardly be behind both, be it for other settings."
)


def compared(own: Path, reference: Path) -> str:
    """Say in lines of text how a folder of results agrees with a reference.

    Raises
    ------
    CrossbreedError
        If either folder holds no whole study, or a file that cannot be read.
    """
    folders = (own, reference)
    settings = [read_config(folder) for folder in folders]
    lines = [
        f"Yours:     {own} ({_made_with(own, settings[0]['studies'])})",
        f"Reference: {reference} ({_made_with(reference, settings[1]['studies'])})",
    ]
    studies = set(COMPARED) & set(settings[0]["studies"]) & set(settings[1]["studies"])
    if "gender" in studies and _different_texts(folders):
        studies.remove("gender")
        lines += _wrapped(
            "The gender study is left out: its text is another edition, or which one is not known "
            f"({PROVENANCE}), and losses on different texts must not be compared."
        )
    if not studies:
        ran = " and ".join(", ".join(each["studies"]) for each in settings)
        return "\n".join([*lines, f"Nothing can be compared: the studies are {ran}."])
    differing = _differing(settings[0], settings[1], studies)
    lines += _wrapped(_settings_in_words(differing))
    tables = [COMPARED[study][0] for study in COMPARED if study in studies]
    if fault := fault_of_runs(own / name for name in (CONFIG, LEDGER, *tables)):
        lines += _wrapped(
            f"Your results are not known to be of one run: {fault}. "
            "Run all of the study first (make study)."
        )
    claims = paired_claims(folders, studies)
    for source in dict.fromkeys(pair.group for pair in claims):
        judged = [pair for pair in claims if pair.group == source]
        label = settings[0]["claims"][source]["label"]
        lines += ["", f"Claims of the {label}:", *_listed(judged)]
        lines += _wrapped(_counted(judged, alike=not differing))
    comparisons = paired_comparisons(folders, studies)
    if comparisons:
        apart = [pair for pair in comparisons if pair.agreement != "overlap"]
        lines += ["", *_wrapped(_further(comparisons, len(apart))), *_listed(apart)]
    return "\n".join([*lines, "", *_wrapped(_CAUTION)])


def _record(folder: Path, study: str) -> dict[str, Any]:
    path = record_path(folder, study)
    return read_json(path) if path.is_file() else {}


def _made_with(folder: Path, studies: Sequence[str]) -> str:
    """Say with what the studies were made: once if it is the same of all."""
    made = {study: _in_words(_record(folder, study)) for study in studies}
    if len(set(made.values())) == 1:
        return made[studies[0]]
    return "; ".join(f"{study} study: {words}" for study, words in made.items())


def _in_words(record: Mapping[str, Any]) -> str:
    if not record:
        return f"made with what is not known: no {PROVENANCE}"
    machine = record.get("machine", {})
    return (
        f"commit {(record.get('git_commit') or 'not known')[:7]}, {machine.get('processor')}, "
        f"{machine.get('cores')} cores, torch {record.get('packages', {}).get('torch')}"
    )


def _different_texts(folders: Iterable[Path]) -> bool:
    """Tell whether the gender studies' texts differ, or are not known to be the same."""
    own, reference = (
        {
            origin["sha256"]
            for origin in _record(folder, "gender").get("data", {}).values()
            if {"edition", "sha256"} <= set(origin)
        }
        for folder in folders
    )
    return not own or own != reference


def _differing(
    own: Mapping[str, Any], reference: Mapping[str, Any], studies: Collection[str]
) -> dict[str, str]:
    """Return what to say of each setting that differs, of those that decide numbers."""
    return {
        key: f"{key} {_short(mine)} (reference: {_short(theirs)})"
        for key, mine, theirs in differences(own, reference)
        if of_studies(key, studies) and not key.startswith("claims.")
        # Which arms and modes there are is told by the keys `arms` and `gender.modes`.
        if not (key.startswith(("arm.", "mode.")) and ABSENT in (mine, theirs))
    }


def _settings_in_words(differing: Mapping[str, str]) -> str:
    if not differing:
        return (
            "All settings are the same, the seed included: the same random draws, so this tells "
            "whether the reference can be made again, not whether others would agree."
        )
    if list(differing) == ["seed"]:
        return "All settings but the seed are the same: an independent repetition."
    text = f"Settings that differ: {'; '.join(differing.values())}."
    if "seed" not in differing:
        text += " The seed is the same, so runs of the same number start from the same draws."
    return text


def _short(value: object) -> str:
    if value is ABSENT:
        return "absent"
    return textwrap.shorten(json.dumps(value).replace('"', ""), 60, placeholder=" ...")


def _listed(pairs: Sequence[Pair]) -> list[str]:
    lines = []
    for pair in pairs:
        mark = _MARKS[pair.agreement]
        if pair.of_the_machine:
            mark = "depends on the machine, not counted"
        own, reference = (
            ", ".join([value.text, *pair.verdicts[place : place + 1]])
            for place, value in enumerate((pair.own, pair.reference))
        )
        lines += [f"  {pair.name}: {mark}", f"    yours      {own}", f"    reference  {reference}"]
    return lines


def _counted(pairs: Sequence[Pair], alike: bool) -> str:
    """Count what agrees; equal numbers only where settings are alike, elsewhere they are chance."""
    counted = [pair for pair in pairs if not pair.of_the_machine]
    agreements = Counter(pair.agreement for pair in counted)
    known = len(counted) - agreements["unknown"]
    same = sum(len(set(pair.verdicts)) == 1 for pair in counted)
    overlap = (
        f"{agreements['overlap']} of {known} intervals overlap" if known else "No interval is known"
    )
    unknown = f" ({agreements['unknown']} without interval)" if agreements["unknown"] else ""
    equal = sum(pair.equal for pair in counted) if alike else 0
    numbers = f"; {equal} of {len(counted)} numbers are equal to four digits" if equal else ""
    return (
        f"{overlap}{unknown if known else ''}; {same} of {len(counted)} verdicts are the same"
        f"{numbers}."
    )


def _further(pairs: Sequence[Pair], apart: int) -> str:
    what = " and ".join(_WHAT[group] for group in dict.fromkeys(pair.group for pair in pairs))
    return (
        f"Of all {len(pairs)} comparisons of {what} at the end that have intervals in both, "
        f"{len(pairs) - apart} overlap" + (f", {apart} do not:" if apart else ".")
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 100, break_on_hyphens=False, break_long_words=False)
