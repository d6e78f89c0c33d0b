"""One's own results against reference results, in words."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crossbreed.reference.contents import COMPARISON, PROVENANCE
from crossbreed.reference.pairs import Pair, paired_claims, paired_comparisons
from crossbreed.reference.settings import ABSENT, differences, of_studies, read_config

_WIDTH = 100
_STUDIES = ("crossover", "gender", "conditions")
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
        If either folder holds no whole study.
    """
    settings = [read_config(folder) for folder in (own, reference)]
    records = [_record(folder) for folder in (own, reference)]
    lines = [
        f"Yours:     {own} ({_made_with(records[0])})",
        f"Reference: {reference} ({_made_with(records[1])})",
    ]
    studies = set(_STUDIES) & set(settings[0]["studies"]) & set(settings[1]["studies"])
    if "gender" in studies and _edition(records[0]) != _edition(records[1]):
        studies.remove("gender")
        lines += _wrapped(
            "The gender study is left out: its text is another edition, and losses on different "
            "texts must not be compared."
        )
    if not studies:
        ran = " and ".join(", ".join(one["studies"]) for one in settings)
        return "\n".join([*lines, f"Nothing can be compared: the studies are {ran}."])
    lines += _wrapped(_settings_in_words(settings[0], settings[1], studies))
    lines += _wrapped(_newer_tables(own))
    claims = paired_claims(own, reference, studies)
    for source in dict.fromkeys(pair.group for pair in claims):
        judged = [pair for pair in claims if pair.group == source]
        lines += ["", f"Claims of the {source}:", *_table(judged), *_wrapped(_counted(judged))]
    comparisons = paired_comparisons(own, reference, studies)
    if comparisons:
        lines += ["", *_wrapped(_further(comparisons))]
        lines += _table([pair for pair in comparisons if pair.agreement != "overlap"])
    return "\n".join([*lines, "", *_wrapped(_CAUTION)])


def _record(folder: Path) -> dict[str, Any]:
    path = folder / PROVENANCE
    record: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return record


def _made_with(record: Mapping[str, Any]) -> str:
    machine = record.get("machine", {})
    return (
        f"commit {str(record.get('git_commit'))[:7]}, {machine.get('processor')}, "
        f"{machine.get('cores')} cores, torch {record.get('packages', {}).get('torch')}"
    )


def _edition(record: Mapping[str, Any]) -> set[str]:
    """Return the digests of the texts that a study was made with."""
    origins = record.get("data", {}).values()
    return {str(origin["sha256"]) for origin in origins if "edition" in origin}


def _settings_in_words(
    own: Mapping[str, Any], reference: Mapping[str, Any], studies: set[str]
) -> str:
    """Say which settings differ, of those that decide numbers."""
    found = {
        key: f"{key} {_short(mine)} (reference: {_short(theirs)})"
        for key, mine, theirs in differences(own, reference)
        if of_studies(key, studies) and not key.startswith("claims.")
        # Which arms and modes there are is told by the keys `arms` and `gender.modes`.
        if not (key.startswith(("arm.", "mode.")) and ABSENT in (mine, theirs))
    }
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


def _newer_tables(own: Path) -> str:
    """Warn of tables that a run of a part has made since the whole study was run."""
    page, table = own / "index.html", own / COMPARISON
    if page.is_file() and table.is_file() and table.stat().st_mtime > page.stat().st_mtime:
        return (
            "A part of your study has been run again since: its tables are newer than its ledger "
            "and configuration. Run all of it first (make study)."
        )
    return ""


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


def _counted(pairs: Sequence[Pair]) -> str:
    counted = [pair for pair in pairs if not pair.of_the_machine]
    found = Counter(pair.agreement for pair in counted)
    known = len(counted) - found["unknown"]
    same = sum(pair.own.verdict == pair.reference.verdict for pair in counted)
    overlap = (
        f"{found['overlap']} of {known} intervals overlap" if known else "No interval is known"
    )
    unknown = f" ({found['unknown']} without interval)" if found["unknown"] and known else ""
    equal = sum(pair.equal for pair in counted)
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
