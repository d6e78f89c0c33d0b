"""What a folder of reference results holds: enough to read, to judge again and to compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from crossbreed.errors import CrossbreedError
from crossbreed.files import whole_file, write_csv, write_json
from crossbreed.reference.settings import CONFIG, read_config, settings_digest
from crossbreed.statistics.outcomes import outcomes_by_epoch

PROVENANCE, DIGESTS = "provenance.json", "digests.json"
LEDGER, LEDGER_IN_WORDS, ANSWER = "claims.csv", "claims.json", "answer.txt"
CURVES = "crossover/curves.csv"
# Learning curves of every network are too many for a reference; these decide the same claims.
BY_EPOCH = "crossover/outcomes_by_epoch.csv"
OUTCOMES, COMPARISON = "crossover/outcomes.csv", "crossover/comparison.csv"
DIFFERENCES = "gender/differences.csv"
CONDITIONS = "conditions/conditions.csv"

_OF_STUDY = {
    "crossover": (
        *("summary.txt", "comparison.csv", "outcomes.csv", "differences_by_epoch.csv"),
        *("best.csv", "targets.csv", "target_times.csv", "cost.csv"),
        *("learning_curves.svg", "effects.svg", "paired_runs.svg", "time_to_target.svg"),
    ),
    "gender": (
        *("summary.txt", "table.csv", "differences.csv", "evidence.csv", "published.csv"),
        *("winners.csv", "individuals.csv", "finals.csv"),
        *("training_loss.svg", "validation_loss.svg", "fitness.svg", "predictions.svg"),
        "family_tree.svg",
    ),
    "conditions": ("summary.txt", "conditions.csv", "map.svg"),
}
# Only of studies with an arm that merges.
IF_MEASURED = ("crossover/barrier.csv", "crossover/loss_barrier.svg")


def copied(studies: Sequence[str]) -> list[str]:
    """Return the files that every reference of some studies has as they are in the results."""
    own = [f"{study}/{name}" for study in studies for name in _OF_STUDY[study]]
    return [CONFIG, PROVENANCE, LEDGER, LEDGER_IN_WORDS, ANSWER, *own]


def made(studies: Sequence[str]) -> list[str]:
    """Return the files of a reference that are made for it."""
    return [DIGESTS, *([BY_EPOCH] if "crossover" in studies else [])]


def publish(results: Path, references: Path) -> Path:
    """Make reference results from those of a whole run.

    Parameters
    ----------
    results
        `results/<preset>`.
    references
        The folder of all references; the new one is `<references>/<preset>`, in the place of an
        earlier one.

    Returns
    -------
    Path
        The folder that was made.

    Raises
    ------
    CrossbreedError
        If a result is missing or was made by code that no commit holds, or the folder to make
        holds something else.
    """
    settings = read_config(results)
    studies: list[str] = settings["studies"]
    target = references / str(settings["preset"])
    if not set(studies) <= set(_OF_STUDY):
        raise CrossbreedError(
            f"{results / CONFIG}: studies = {studies}: must be of {', '.join(_OF_STUDY)}"
        )
    files = [*copied(studies), *(name for name in IF_MEASURED if (results / name).is_file())]
    _check(results, target, [*files, *([CURVES] if "crossover" in studies else [])])
    for name in files:
        with whole_file(target / name) as temporary:
            temporary.write_bytes((results / name).read_bytes())
    if "crossover" in studies:
        write_csv(target / BY_EPOCH, outcomes_by_epoch(pd.read_csv(results / CURVES)))
    known = {target / name for name in (*files, *made(studies))}
    for path in sorted(target.rglob("*")):
        if path.is_file() and path not in known:
            path.unlink()
    write_digests(target)
    return target


def _check(results: Path, target: Path, needed: Sequence[str]) -> None:
    """Refuse what cannot be published, before anything is written."""
    missing = [name for name in needed if not (results / name).is_file()]
    if missing:
        raise CrossbreedError(
            f"{results}: {', '.join(missing)} missing; a reference is made from a whole run"
        )
    provenance = json.loads((results / PROVENANCE).read_text(encoding="utf-8"))
    if not provenance["git_commit"]:
        raise CrossbreedError(
            f"{results / PROVENANCE}: names no commit; others could not get the code"
        )
    if provenance["git_changes"]:
        raise CrossbreedError(
            f"{results / PROVENANCE}: git_changes = {provenance['git_changes']}: must be none; "
            "others could not get the code that made these results"
        )
    if target.resolve() == results.resolve():
        raise CrossbreedError(f"{results}: is the reference itself")
    if target.exists() and any(target.iterdir()) and not (target / DIGESTS).is_file():
        raise CrossbreedError(f"{target}: holds something else than a reference; it was left alone")


def write_digests(folder: Path) -> None:
    """Write the digests of a reference's files and of the settings that decide its numbers."""
    write_json(
        folder / DIGESTS,
        {"settings": settings_digest(read_config(folder)), "files": file_digests(folder)},
    )


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a reference but that which holds these digests."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != DIGESTS
    }
