"""What a folder of reference results holds, read so that a damaged file is told in one line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from crossbreed.config.messages import one_line
from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import write_json
from crossbreed.storage.records import inconsistent

CONFIG, PROVENANCE, DIGESTS = "config.yaml", "provenance.json", "digests.json"
LEDGER = "claims.csv"
CURVES = "crossover/curves.csv"
# Learning curves of every network are too many for a reference; these decide the same claims.
BY_EPOCH = "crossover/outcomes_by_epoch.csv"
COMPARISON, DIFFERENCES = "crossover/comparison.csv", "gender/differences.csv"
CONDITIONS = "conditions/conditions.csv"
OF_STUDY = {
    "crossover": (
        *("summary.txt", "comparison.csv", "outcomes.csv", "differences_by_epoch.csv"),
        *("best.csv", "targets.csv", "target_times.csv", "cost.csv"),
        *("learning_curves.svg", "effects.svg", "paired_runs.svg", "time_to_target.svg"),
    ),
    "gender": (
        *("summary.txt", "table.csv", "differences.csv", "evidence.csv", "published.csv"),
        *("winners.csv", "finals.csv"),
        *("training_loss.svg", "validation_loss.svg", "fitness.svg", "predictions.svg"),
        *("family_tree.svg", "search_cost.svg"),
    ),
    "conditions": ("summary.txt", "conditions.csv", "map.svg"),
}
"""The files of each study that a reference has as they are in the results."""
# Only of studies with an arm that merges, or with a table of trained architectures.
IF_MEASURED = (
    *("crossover/barrier.csv", "crossover/loss_barrier.svg"),
    *("gender/table.csv.gz", "gender/by_share.csv", "gender/shares.svg"),
)


def copied(studies: Sequence[str]) -> list[str]:
    """Return the files that every reference of some studies has as they are in the results."""
    own = [f"{study}/{name}" for study in studies for name in OF_STUDY[study]]
    return [CONFIG, PROVENANCE, LEDGER, "claims.json", "answer.txt", *own]


def record_path(folder: Path, study: str) -> Path:
    """Return where it is recorded with what a study of results or of a reference was made.

    A study that a reference has from an earlier run than its others has a record of its own.
    """
    own = folder / study / PROVENANCE
    return own if own.is_file() else folder / PROVENANCE


def write_digests(folder: Path) -> None:
    """Write the digests of a reference's files."""
    write_json(folder / DIGESTS, {"files": file_digests(folder)})


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a reference but that which holds these digests."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != DIGESTS
    }


def fault_of_runs(files: Iterable[Path]) -> str:
    """Say why files are not known to be of one run; nothing if they are."""
    faults = inconsistent(files)
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"{faults[0]}{more}" if faults else ""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Tell in one line if what is read of a file or folder is missing or makes no sense.

    Raises
    ------
    CrossbreedError
        In the place of whatever reading or computing raises.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise CrossbreedError(
            f"{error.filename} does not exist: no study has been run there to its end (make study)"
        ) from error
    except (OSError, ArithmeticError, LookupError, TypeError, ValueError, yaml.YAMLError) as error:
        raise CrossbreedError(
            f"{path}: is damaged or of another version ({type(error).__name__}: {one_line(error)})"
        ) from error


def read_config(results: Path) -> dict[str, Any]:
    """Return the resolved configuration of results."""
    path = results / CONFIG
    with readable(path):
        settings: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for key in ("preset", "studies", "seed", "claims"):
            settings[key]
        return settings


def read_json(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds."""
    with readable(path):
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content


def read_table(path: Path, **options: Any) -> pd.DataFrame:
    """Return a table of results; see `pandas.read_csv` for options."""
    with readable(path):
        table: pd.DataFrame = pd.read_csv(path, **options)
        return table
