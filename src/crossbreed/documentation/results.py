"""Numbers of the published results, put into the pages of README and docs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crossbreed.documentation.crossover_tables import (
    arms,
    barrier,
    conditions,
    equivalence,
    overfitting,
)
from crossbreed.documentation.gender_tables import (
    early_speed,
    evolved,
    modes,
    predictors,
    selection,
)
from crossbreed.documentation.markdown import table
from crossbreed.errors import CrossbreedError
from crossbreed.reference.contents import LEDGER_IN_WORDS, record_path
from crossbreed.reference.settings import read_config
from crossbreed.reference.words import once_or_by_study

_BLOCK = re.compile(
    r"(<!-- results: ([^\n]*?) -->\n)((?:(?!<!-- results:).)*?)(<!-- end of results -->)", re.DOTALL
)


def fill(page: str, references: Path) -> str:
    """Return a page with its blocks of results written anew; all else stays.

    A block begins with a line such as `<!-- results: claims poster laptop -->` (what, of whom, of
    which reference) and ends with `<!-- end of results -->`.

    Parameters
    ----------
    page
        Markdown.
    references
        Folder of all references.

    Raises
    ------
    CrossbreedError
        If a block has no end, or asks for what there is not.
    """
    begun, ended = page.count("<!-- results:"), len(_BLOCK.findall(page))
    if begun != ended:
        raise CrossbreedError(
            f"results: {begun - ended} of {begun} blocks are not closed; each begins with a line "
            "<!-- results: ... --> and ends with <!-- end of results -->"
        )
    return _BLOCK.sub(lambda found: f"{found[1]}{_block(found[2], references)}\n{found[4]}", page)


def _block(asked: str, references: Path) -> str:
    """Return the text that a block asks for."""
    kind, *told = asked.split() or [""]
    *sources, reference = told or [""]
    known = {0: set(_OF_A_STUDY), 1: set(_OF_A_SOURCE)}.get(len(sources), set())
    folder = references / reference
    if kind not in known or not reference or not folder.is_dir():
        raise CrossbreedError(
            f"results: {asked}: must be one of {', '.join(_OF_A_STUDY)} and a reference, or one of "
            f"{', '.join(_OF_A_SOURCE)}, a source of claims and a reference; references are "
            f"{', '.join(sorted(path.name for path in references.iterdir()))}"
        )
    try:
        if sources:
            return _OF_A_SOURCE[kind](_source(folder, sources[0]))
        return _OF_A_STUDY[kind](folder)
    except FileNotFoundError as error:
        raise CrossbreedError(f"results: {asked}: {error.filename} is missing") from error


def _source(reference: Path, name: str) -> Mapping[str, Any]:
    path = reference / LEDGER_IN_WORDS
    sources = {one["source"]: one for one in json.loads(path.read_text(encoding="utf-8"))}
    if name not in sources:
        raise CrossbreedError(f"results: {name}: not in {path}, only {', '.join(sources)}")
    found: Mapping[str, Any] = sources[name]
    return found


def _answer(source: Mapping[str, Any]) -> str:
    return "\n".join(f"> {sentence}" for sentence in source["answer"])


def _claims(source: Mapping[str, Any]) -> str:
    rows = [
        (
            one["statement"],
            one["holds if"],
            one["measured"] + ("" if one["interval"] == "none" else f" ({one['interval']})"),
            one["runs"],
            f"**{one['verdict']}**",
        )
        for one in source["claims"]
    ]
    counted = "runs" if source["study"] == "crossover" else "search seeds"
    return table(("claim", "holds if", "measured (interval)", counted, "verdict"), rows)


def _setting(reference: Path) -> str:
    settings = read_config(reference)
    images = settings["dataset"]["train"] or settings["dataset"]["available"]["train"]
    lines = []
    if "crossover" in settings["studies"]:
        cost = pd.read_csv(reference / "crossover/cost.csv")["network_epochs"].iloc[0]
        networks, epochs = settings["population"]["size"], settings["epochs"]
        lines.append(
            f"- Crossover study: {settings['runs']} runs of {networks} networks, {epochs} epochs, "
            f"{images:,} training images, {len(settings['arms'])} arms. A run of an arm costs "
            f"{cost:,.0f} network-epochs, those that arms share counted in each."
        )
    if "gender" in settings["studies"]:
        gender, language = settings["gender"], settings["language"]
        times = "once" if gender["final_seeds"] == 1 else f"{gender['final_seeds']} times"
        lines.append(
            f"- Gender study: {gender['seeds']} search seeds, {gender['generations']} generations "
            f"of {gender['individuals']} individuals, {language['tokens']:,} characters a training "
            f"in blocks of {language['block_size']}; winners trained anew {times}."
        )
    if "conditions" in settings["studies"]:
        lines.append(
            f"- Conditions: {len(settings['conditions'])}, of {settings['runs']} runs each, "
            f"{images:,} training images."
        )
    made = {study: _made_with(record_path(reference, study)) for study in settings["studies"]}
    told = once_or_by_study(made)
    lines.append(f"- Preset `{settings['preset']}`, seed {settings['seed']}, {told}.")
    return "\n".join(lines)


def _made_with(path: Path) -> str:
    record = json.loads(path.read_text(encoding="utf-8"))
    machine = record["machine"]
    return (
        f"gathered by commit `{record['git_commit'][:12]}`, {machine['processor']}, "
        f"{machine['cores']} cores, torch {record['packages']['torch']}"
    )


_OF_A_SOURCE: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "answer": _answer,
    "claims": _claims,
}
_OF_A_STUDY: dict[str, Callable[[Path], str]] = {
    "arms": arms,
    "equivalence": equivalence,
    "overfitting": overfitting,
    "barrier": barrier,
    "modes": modes,
    "selection": selection,
    "early_speed": early_speed,
    "predictors": predictors,
    "evolved": evolved,
    "conditions": conditions,
    "setting": _setting,
}
