"""What a folder of reference results holds: enough to read, to judge again and to compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from crossbreed.errors import CrossbreedError
from crossbreed.files import whole_file, write_csv, write_json
from crossbreed.statistics.outcomes import outcomes_by_epoch

CONFIG, PROVENANCE, LEDGER = "config.yaml", "provenance.json", "claims.csv"
DIGESTS = "digests.json"
# Learning curves of every network are too many for a reference; these decide the same claims.
BY_EPOCH = "crossover/outcomes_by_epoch.csv"
CURVES = "crossover/curves.csv"
COMPARISON, DIFFERENCES = "crossover/comparison.csv", "gender/differences.csv"

_ALWAYS = (CONFIG, LEDGER, "claims.json", "answer.txt", PROVENANCE)
_TABLES = {
    "crossover": (
        *("summary.txt", "comparison.csv", "outcomes.csv", "differences_by_epoch.csv"),
        *("best.csv", "targets.csv", "target_times.csv", "cost.csv", "barrier.csv"),
    ),
    "gender": (
        *("summary.txt", "table.csv", "differences.csv", "evidence.csv", "published.csv"),
        *("winners.csv", "individuals.csv", "finals.csv"),
    ),
}
_FIGURES = {
    "crossover": ("learning_curves", "effects", "paired_runs", "time_to_target", "loss_barrier"),
    "gender": ("training_loss", "validation_loss", "fitness", "predictions", "family_tree"),
}
# Keys that decide no number: where files come from, who is asked for what, how often work is saved.
ASIDE = (
    *("preset", "studies", "data", "resources", "save_every", "segment_epochs"),
    *("time_plan", "figures", "conditions"),
)


def copied(studies: Sequence[str]) -> list[str]:
    """Return the files that a reference has as they are in the results.

    Parameters
    ----------
    studies
        Those that were run.
    """
    return [
        *_ALWAYS,
        *(f"{study}/{name}" for study in studies for name in _TABLES.get(study, ())),
        *(f"{study}/{name}.svg" for study in studies for name in _FIGURES.get(study, ())),
    ]


def made(studies: Sequence[str]) -> list[str]:
    """Return the files of a reference that are made for it."""
    return [DIGESTS, *([BY_EPOCH] if "crossover" in studies else [])]


def publish(results: Path, target: Path) -> None:
    """Make a folder of reference results; what else lies in it is removed.

    Parameters
    ----------
    results
        `results/<preset>` of a whole run.
    target
        The folder to make.

    Raises
    ------
    CrossbreedError
        If a result is missing, or was made by code that no commit holds.
    """
    settings = read_config(results)
    studies = settings["studies"]
    files = copied(studies)
    needed = [*files, *([CURVES] if "crossover" in studies else [])]
    missing = [name for name in needed if not (results / name).is_file()]
    if missing:
        raise CrossbreedError(
            f"{results}: {', '.join(missing)} missing; a reference is made from a whole run"
        )
    provenance = json.loads((results / PROVENANCE).read_text(encoding="utf-8"))
    if provenance["git_changes"] or not provenance["git_commit"]:
        raise CrossbreedError(
            f"{results / PROVENANCE}: git_changes = {provenance['git_changes']}: must be none; "
            "others could not get the code that made these results"
        )
    for name in files:
        with whole_file(target / name) as temporary:
            temporary.write_bytes((results / name).read_bytes())
    if "crossover" in studies:
        write_csv(target / BY_EPOCH, outcomes_by_epoch(pd.read_csv(results / CURVES)))
    known = {target / name for name in (*files, *made(studies))}
    for path in sorted(target.rglob("*")):
        if path.is_file() and path not in known:
            path.unlink()
    write_json(
        target / DIGESTS, {"settings": settings_digest(settings), "files": file_digests(target)}
    )


def read_config(results: Path) -> dict[str, Any]:
    """Return the resolved configuration of results.

    Raises
    ------
    CrossbreedError
        If there is none.
    """
    path = results / CONFIG
    if not path.is_file():
        raise CrossbreedError(
            f"{path} does not exist: no study has been run there to its end (make study)"
        )
    settings: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return settings


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Return a digest, 12 hexadecimal digits, of all settings of a study that decide numbers."""
    deciding = {key: value for key, value in settings.items() if key not in ASIDE}
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:12]


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a reference but that which holds these digests."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != DIGESTS
    }
