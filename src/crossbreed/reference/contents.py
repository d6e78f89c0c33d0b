"""What a folder of reference results holds: enough to read, to judge again and to compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from crossbreed.errors import CrossbreedError
from crossbreed.reference.settings import CONFIG, read_config, settings_digest
from crossbreed.storage.files import write_json

PROVENANCE, DIGESTS = "provenance.json", "digests.json"
LEDGER, LEDGER_IN_WORDS, ANSWER = "claims.csv", "claims.json", "answer.txt"
CURVES = "crossover/curves.csv"
# Learning curves of every network are too many for a reference; these decide the same claims.
BY_EPOCH = "crossover/outcomes_by_epoch.csv"
OUTCOMES, COMPARISON = "crossover/outcomes.csv", "crossover/comparison.csv"
DIFFERENCES = "gender/differences.csv"
CONDITIONS = "conditions/conditions.csv"
EFFECTS = "crossover/effects.svg"
ALONG = "crossover/differences_by_epoch.csv"
IN_WORDS, CONDITIONS_IN_WORDS = "crossover/summary.txt", "conditions/summary.txt"
DERIVED = (
    *(CONFIG, LEDGER, LEDGER_IN_WORDS, ANSWER),
    *(COMPARISON, ALONG, IN_WORDS, EFFECTS, CONDITIONS_IN_WORDS),
)
"""The files of a reference that `derive` may write anew."""
# Of results only: the page that shows all of a whole run.
PAGE = "index.html"

OF_STUDY = {
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
"""The files of each study that a reference has as they are in the results."""
# Only of studies with an arm that merges.
IF_MEASURED = ("crossover/barrier.csv", "crossover/loss_barrier.svg")


def record_path(folder: Path, study: str) -> Path:
    """Return where it is told with what a study of results or of a reference was made.

    A study that a reference has from an earlier run than its others has a record of its own.
    """
    own = folder / study / PROVENANCE
    return own if own.is_file() else folder / PROVENANCE


def copied(studies: Sequence[str]) -> list[str]:
    """Return the files that every reference of some studies has as they are in the results."""
    own = [f"{study}/{name}" for study in studies for name in OF_STUDY[study]]
    return [CONFIG, PROVENANCE, LEDGER, LEDGER_IN_WORDS, ANSWER, *own]


def made(studies: Sequence[str]) -> list[str]:
    """Return the files of a reference that are made for it."""
    return [DIGESTS, *([BY_EPOCH] if "crossover" in studies else [])]


def write_digests(folder: Path) -> None:
    """Write the digests of a reference's files and of the settings that decide its numbers."""
    write_json(
        folder / DIGESTS,
        {"settings": settings_digest(read_config(folder)), "files": file_digests(folder)},
    )


def changed_files(folder: Path) -> list[str]:
    """Return which files of a reference are missing, new or other than when it was made.

    Raises
    ------
    CrossbreedError
        If it holds no digests.
    """
    path = folder / DIGESTS
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))["files"]
        now = file_digests(folder)
        return sorted(name for name in {*recorded, *now} if recorded.get(name) != now.get(name))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CrossbreedError(f"{path}: is missing or damaged") from error


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a reference but that which holds these digests."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != DIGESTS
    }
