"""Make reference results from those of a run of all of a study, or change nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from crossbreed.config.compose import written_study
from crossbreed.errors import CrossbreedError
from crossbreed.reference.contents import (
    BY_EPOCH,
    CONFIG,
    CURVES,
    IF_MEASURED,
    OF_STUDY,
    PROVENANCE,
    copied,
    fault_of_runs,
    read_config,
    read_json,
    record_path,
    write_digests,
)
from crossbreed.reference.derived import derive, read_by_epoch
from crossbreed.reference.settings import asks_for_a_run, differences
from crossbreed.storage.files import write_csv, write_text


def publish(results: Path, references: Path) -> Path:
    """Make reference results from those of a run of all of a study; return their folder.

    Parameters
    ----------
    results
        `results/<preset>`.
    references
        The folder of all references; the new one is `<references>/<preset>`, in the place of an
        earlier one. A hidden folder beside it holds the new one until it is complete. Studies that
        the earlier one has and this run has not are kept, and claims are judged by all.

    Raises
    ------
    CrossbreedError
        If a result is missing, damaged, of another run than the others or was made by code that
        no commit holds; or if a study that is kept was made with other settings.
    """
    settings = read_config(results)
    studies: list[str] = settings["studies"]
    target = references / str(settings["preset"])
    new, old = (target.with_name(f".{target.name}.{age}") for age in ("new", "old"))
    if old.exists() and not target.exists():  # an earlier attempt was killed
        old.rename(target)
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    files = [*copied(studies), *(name for name in IF_MEASURED if (results / name).is_file())]
    _check_results(results, [*files, *([CURVES] if "crossover" in studies else [])])
    kept = _studies_to_keep(target, settings)
    for name in files:
        _copy(results / name, new / name)
    if "crossover" in studies:
        write_csv(new / BY_EPOCH, read_by_epoch(results))
    if kept:
        _keep(target, kept, new, settings)
    write_digests(new)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return target


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _check_results(results: Path, needed: Sequence[str]) -> None:
    """Refuse what cannot be published, before anything is written."""
    missing = [name for name in needed if not (results / name).is_file()]
    if missing:
        raise CrossbreedError(
            f"{results}: {', '.join(missing)} missing; a reference is made from all of a study"
        )
    path = results / PROVENANCE
    record = read_json(path)
    if not record.get("git_commit") or record.get("git_changes") != []:
        raise CrossbreedError(
            f"{path}: git_commit = {record.get('git_commit')}, git_changes = "
            f"{record.get('git_changes')}: must be a commit and no changes; others could not get "
            "the code that made these results"
        )
    if fault := fault_of_runs(results / name for name in needed):
        raise CrossbreedError(
            f"{fault}; run all of the study (snakemake --cores all --config "
            f"preset={read_config(results)['preset']})"
        )


def _studies_to_keep(reference: Path, settings: Mapping[str, Any]) -> list[str]:
    """Return which studies a reference has that a run with some settings has not.

    Raises
    ------
    CrossbreedError
        If they were made with other settings, so that the two are not of one preset.
    """
    if not reference.is_dir():
        return []
    kept = read_config(reference)
    studies = [name for name in kept["studies"] if name not in settings["studies"]]
    # A key that is new may have its default in the preset, but not in this run.
    changed = [key for key, *_ in differences(kept, settings) if asks_for_a_run(key, studies)]
    if studies and changed:
        raise CrossbreedError(
            f"{reference}: its {' and '.join(studies)} study was made with other settings "
            f"({', '.join(changed)}); run it again, too, or delete the folder first"
        )
    return studies


def _keep(reference: Path, studies: Sequence[str], new: Path, settings: Mapping[str, Any]) -> None:
    """Take studies over from a reference, with their records, and judge the claims of all."""
    for study in studies:
        for path in (reference / study).iterdir():
            _copy(path, new / study / path.name)
        _copy(record_path(reference, study), new / study / PROVENANCE)
    all_studies = [name for name in OF_STUDY if name in {*studies, *settings["studies"]}]
    together = {**settings, "studies": all_studies}
    write_text(new / CONFIG, yaml.safe_dump(together, sort_keys=False))
    derive(new, written_study(together))
