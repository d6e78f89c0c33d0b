"""One's own results against reference results, in words."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crossbreed.reference.contents import (
    COMPARISON,
    CONDITIONS,
    DIFFERENCES,
    LEDGER,
    PROVENANCE,
    record_path,
)
from crossbreed.reference.pairs import Pair, paired_claims, paired_comparisons
from crossbreed.reference.reading import Record, read_record
from crossbreed.reference.settings import ABSENT, CONFIG, differences, of_studies, read_config
from crossbreed.storage.records import inconsistent

_WIDTH = 100
# By study, the table of its comparisons.
_TABLES = {"crossover": COMPARISON, "gender": DIFFERENCES, "conditions": CONDITIONS}
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
    """Say in lines of text how results agree with a reference.

    Parameters
    ----------
    own, reference
        Folders of results; see `contents`.

    Raises
    ------
    CrossbreedError
        If either folder holds no whole study, or a file that cannot be read.
    """
    settings = [read_config(folder) for folder in (own, reference)]
    lines = [
        f"Yours:     {own} ({_made_with(own, settings[0]['studies'])})",
        f"Reference: {reference} ({_made_with(reference, settings[1]['studies'])})",
    ]
    studies = set(_TABLES) & set(settings[0]["studies"]) & set(settings[1]["studies"])
    records = [_record(record_path(folder, "gender")) for folder in (own, reference)]
    if "gender" in studies and (apart := _other_text(*records)):
        studies.remove("gender")
        lines += _wrapped(f"The gender study is left out: {apart}.")
    if not studies:
        ran = " and ".join(", ".join(one["studies"]) for one in settings)
        return "\n".join([*lines, f"Nothing can be compared: the studies are {ran}."])
    differing = _differing(settings[0], settings[1], studies)
    lines += _wrapped(_settings_in_words(differing))
    for whose, folder in {"yours": own, "the reference": reference}.items():
        lines += _wrapped(_not_found(whose, folder, studies))
    lines += _wrapped(_of_one_run(own, studies))
    claims = paired_claims(own, reference, studies)
    for source in dict.fromkeys(pair.group for pair in claims):
        judged = [pair for pair in claims if pair.group == source]
        label = _label(settings[0]["claims"], source)
        lines += ["", f"Claims of the {label}:", *_table(judged)]
        lines += _wrapped(_counted(judged, alike=not differing))
    comparisons = paired_comparisons(own, reference, studies)
    if comparisons:
        lines += ["", *_wrapped(_further(comparisons))]
        lines += _table([pair for pair in comparisons if pair.agreement != "overlap"])
    return "\n".join([*lines, "", *_wrapped(_CAUTION)])


def _label(claims: Mapping[str, Any], source: str) -> str:
    """Return what a source of claims is called; its name, if another version called it nothing."""
    told = claims.get(source)
    return str(told["label"]) if isinstance(told, Mapping) and "label" in told else source


def _record(path: Path) -> Record | None:
    return read_record(path) if path.is_file() else None


def once_or_by_study(told: Mapping[str, str]) -> str:
    """Return what is told of each study: once if it is the same of all."""
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return "; ".join(f"{study} study: {words}" for study, words in told.items())


def _made_with(folder: Path, studies: Sequence[str]) -> str:
    """Say with what the studies were made."""
    return once_or_by_study(
        {study: _in_words(_record(record_path(folder, study))) for study in studies}
    )


def _in_words(record: Record | None) -> str:
    if record is None:
        return f"made with what is not known: no {PROVENANCE}"
    commit = record.git_commit[:7] if record.git_commit else "not known"
    return (
        f"commit {commit}, {record.machine.processor}, {record.machine.cores} cores, "
        f"torch {record.packages.get('torch')}"
    )


def _other_text(own: Record | None, reference: Record | None) -> str:
    """Say why losses on the two studies' texts must not be compared; nothing if they may be."""
    texts = {
        whose: record.texts if record else set()
        for whose, record in {"yours": own, "the reference": reference}.items()
    }
    unknown = [whose for whose, digests in texts.items() if not digests]
    if not unknown and texts["yours"] == texts["the reference"]:
        return ""
    why = "its text is another edition"
    if unknown:
        why = f"the edition of its text is not known of {' and '.join(unknown)} ({PROVENANCE})"
    return f"{why}, and losses on different texts must not be compared"


def _not_found(whose: str, folder: Path, studies: set[str]) -> str:
    """Say which tables are missing, whose claims and comparisons are therefore not told."""
    needed = [LEDGER, *(table for study, table in _TABLES.items() if study in studies)]
    missing = [name for name in needed if not (folder / name).is_file()]
    return f"Not found in {whose}: {', '.join(missing)}." if missing else ""


def _of_one_run(own: Path, studies: set[str]) -> str:
    """Warn if a part of the study has been run again since the whole was."""
    names = [CONFIG, LEDGER, *(table for study, table in _TABLES.items() if study in studies)]
    faults = inconsistent(own / name for name in names if (own / name).is_file())
    if not faults:
        return ""
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    return (
        f"Your results are not known to be of one run: {faults[0]}{more}. "
        "Run all of the study first (make study)."
    )


def _differing(
    own: Mapping[str, Any], reference: Mapping[str, Any], studies: set[str]
) -> dict[str, str]:
    """Return what to say of each setting that differs, of those that decide numbers."""
    return {
        key: f"{key} {_short(mine)} (reference: {_short(theirs)})"
        for key, mine, theirs in differences(own, reference)
        if of_studies(key, studies) and not key.startswith("claims.")
        # Which arms and modes there are is told by the keys `arms` and `gender.modes`.
        if not (key.startswith(("arm.", "mode.")) and ABSENT in (mine, theirs))
    }


def _settings_in_words(found: Mapping[str, str]) -> str:
    if not found:
        return (
            "All settings are the same, the seed included: the same random draws, so this tells "
            "whether the reference can be made again, not whether others would agree."
        )
    if list(found) == ["seed"]:
        return "All settings but the seed are the same: an independent repetition."
    text = f"Settings that differ: {'; '.join(found.values())}."
    if "seed" not in found:
        text += " The seed is the same, so runs of the same number start from the same draws."
    return text


def _short(value: object) -> str:
    if value is ABSENT:
        return "absent"
    text = "null" if value is None else json.dumps(value).replace('"', "")
    return textwrap.shorten(text, 60, placeholder=" ...")


def _table(pairs: Sequence[Pair]) -> list[str]:
    lines = []
    for pair in pairs:
        mark = _MARKS[pair.agreement]
        if pair.of_the_machine:
            mark = "depends on the machine, not counted"
        lines += [
            f"  {pair.name}: {mark}",
            f"    yours      {_one(pair.own.text, pair.own.verdict)}",
            f"    reference  {_one(pair.reference.text, pair.reference.verdict)}",
        ]
    return lines


def _one(text: str, verdict: str) -> str:
    return f"{text}, {verdict}" if verdict else text


def _counted(pairs: Sequence[Pair], alike: bool) -> str:
    """Count what agrees; equal numbers only where settings are alike, elsewhere they are chance."""
    counted = [pair for pair in pairs if not pair.of_the_machine]
    found = Counter(pair.agreement for pair in counted)
    known = len(counted) - found["unknown"]
    same = sum(pair.own.verdict == pair.reference.verdict for pair in counted)
    overlap = (
        f"{found['overlap']} of {known} intervals overlap" if known else "No interval is known"
    )
    unknown = f" ({found['unknown']} without interval)" if found["unknown"] and known else ""
    equal = sum(pair.equal for pair in counted) if alike else 0
    numbers = f"; {equal} of {len(counted)} numbers are equal to four digits" if equal else ""
    return f"{overlap}{unknown}; {same} of {len(counted)} verdicts are the same{numbers}."


def _further(pairs: Sequence[Pair]) -> str:
    apart = sum(pair.agreement != "overlap" for pair in pairs)
    what = " and ".join(
        {"crossover": "arms", "gender": "modes", "conditions": "arms by condition"}[group]
        for group in dict.fromkeys(pair.group for pair in pairs)
    )
    return (
        f"Of all {len(pairs)} comparisons of {what} at the end that have intervals in both, "
        f"{len(pairs) - apart} overlap" + (f", {apart} do not:" if apart else ".")
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False)
