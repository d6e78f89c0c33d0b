"""One's own results against reference results, in words."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crossbreed.reference.contents import ASIDE, PROVENANCE, read_config
from crossbreed.reference.pairs import Pair, paired_claims, paired_comparisons

_WIDTH = 100
_MARKS = {
    "overlap": "overlap",
    "above": "apart: yours lies higher",
    "below": "apart: yours lies lower",
    "unknown": "no interval",
}
_CAUTION = (
    "That two intervals overlap says only that no large disagreement shows; that they do not, that "
    "the same quantity can hardly be behind both."
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
    claims, comparisons = paired_claims(own, reference), paired_comparisons(own, reference)
    lines = [
        f"{own} against {reference} ({_made_with(reference)})",
        *_wrapped(_settings(*settings)),
    ]
    if not claims and not comparisons:
        return "\n".join([*lines, "They have nothing in common that could be compared."])
    for source in dict.fromkeys(pair.group for pair in claims):
        judged = [pair for pair in claims if pair.group == source]
        lines += ["", f"Claims of the {source}:", *_table(judged), *_wrapped(_counted(judged))]
    if comparisons:
        lines += ["", *_wrapped(_further(comparisons))]
        lines += _table([pair for pair in comparisons if pair.agreement != "overlap"])
    return "\n".join([*lines, "", *_wrapped(_CAUTION)])


def _made_with(reference: Path) -> str:
    known = json.loads((reference / PROVENANCE).read_text(encoding="utf-8"))
    machine = known["machine"]
    return (
        f"commit {known['git_commit'][:7]}, {machine['processor']}, {machine['cores']} cores, "
        f"torch {known['packages']['torch']}"
    )


def _settings(own: Mapping[str, Any], reference: Mapping[str, Any]) -> str:
    """Say which settings differ, of those that decide numbers."""
    both = [set(settings["studies"]) for settings in (own, reference)]
    shared = ("crossover" in both[0] & both[1], "gender" in both[0] & both[1])
    found = {
        key: f"{key} {_short(mine)} (reference: {_short(theirs)})"
        for key, mine, theirs in _differing(own, reference)
        if _matters(key, *shared)
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


def _matters(key: str, crossover: bool, gender: bool) -> bool:
    """Tell whether a key belongs to a study that both have."""
    top = key.partition(".")[0]
    if top in ASIDE or top == "claims":
        return False
    if top in ("gender", "mode", "language", "text", "published"):
        return gender
    return crossover or top in ("seed", "statistics")


def _differing(own: Any, reference: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the keys whose values differ, with both values."""
    if isinstance(own, Mapping) and isinstance(reference, Mapping):
        for key in dict.fromkeys([*own, *reference]):
            yield from _differing(own.get(key), reference.get(key), f"{prefix}{key}.")
    elif own != reference:
        yield prefix.rstrip("."), own, reference


def _short(value: Any) -> str:
    text = "null" if value is None else json.dumps(value).replace('"', "")
    return textwrap.shorten(text, 60, placeholder=" ...")


def _table(pairs: Sequence[Pair]) -> list[str]:
    lines = []
    for pair in pairs:
        lines += [
            f"  {pair.name}: {_MARKS[pair.agreement]}",
            f"    yours      {_one(pair.own.text, pair.own.verdict)}",
            f"    reference  {_one(pair.reference.text, pair.reference.verdict)}",
        ]
    return lines


def _one(text: str, verdict: str) -> str:
    return f"{text}, {verdict}" if verdict else text


def _counted(pairs: Sequence[Pair]) -> str:
    found = Counter(pair.agreement for pair in pairs)
    known = len(pairs) - found["unknown"]
    same = sum(pair.own.verdict == pair.reference.verdict for pair in pairs)
    overlap = (
        f"{found['overlap']} of {known} intervals overlap" if known else "No interval is known"
    )
    unknown = f" ({found['unknown']} without interval)" if found["unknown"] and known else ""
    equal = sum(pair.equal for pair in pairs)
    numbers = f"; {equal} of {len(pairs)} numbers are equal to four digits" if equal else ""
    return f"{overlap}{unknown}; {same} of {len(pairs)} verdicts are the same{numbers}."


def _further(pairs: Sequence[Pair]) -> str:
    apart = sum(pair.agreement != "overlap" for pair in pairs)
    what = " and ".join(
        {"crossover": "arms", "gender": "modes"}[group]
        for group in dict.fromkeys(pair.group for pair in pairs)
    )
    return (
        f"Of all {len(pairs)} comparisons of {what} at the end that have intervals in both, "
        f"{len(pairs) - apart} overlap" + (f", {apart} do not:" if apart else ".")
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False)
