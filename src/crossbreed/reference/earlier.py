"""Studies that a reference keeps from an earlier run, where a new run was of others alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from crossbreed.config.compose import written_study
from crossbreed.errors import CrossbreedError
from crossbreed.reference.contents import OF_STUDY, PROVENANCE, changed_files, record_path
from crossbreed.reference.derived import derive
from crossbreed.reference.settings import CONFIG, asks_for_a_run, differences, read_config
from crossbreed.storage.files import whole_file, write_text


def earlier_studies(reference: Path, settings: Mapping[str, Any]) -> list[str]:
    """Return which studies a reference has that a run of some settings has not.

    Parameters
    ----------
    reference
        The folder of the reference; it may be missing or empty.
    settings
        Those of the run.

    Raises
    ------
    CrossbreedError
        If it is not told which these are, if they were made with other settings, so that the two
        are not of one preset, or if the reference is not as it was published.
    """
    if not reference.is_dir() or not any(reference.iterdir()):
        return []
    if not (reference / CONFIG).is_file():
        raise CrossbreedError(
            f"{reference / CONFIG} is missing, so it is not known which studies are there; restore "
            "it from git, or delete the folder first"
        )
    kept = read_config(reference)
    studies = [name for name in kept["studies"] if name not in settings["studies"]]
    if not studies:
        return []
    altered = changed_files(reference)
    if altered:
        raise CrossbreedError(
            f"{reference}: {', '.join(altered)}: not as it was published; restore it from git, or "
            "delete the folder first"
        )
    # A key that is new may have its default in the preset, but not in this run.
    changed = [key for key, *_ in differences(kept, settings) if asks_for_a_run(key, studies)]
    if changed:
        raise CrossbreedError(
            f"{reference}: its {' and '.join(studies)} study was made with other settings "
            f"({', '.join(changed)}); run it again, too, or delete the folder first"
        )
    return studies


def keep_studies(
    reference: Path, studies: Sequence[str], new: Path, settings: Mapping[str, Any]
) -> None:
    """Take studies over from a reference, with their records, and judge the claims of all.

    Parameters
    ----------
    reference, studies
        The earlier reference, and what is taken over from it.
    new
        A folder with the files of the new run.
    settings
        Those of the new run.

    Raises
    ------
    CrossbreedError
        If a table is missing or damaged.
    """
    for study in studies:
        files = [path for path in (reference / study).rglob("*") if path.is_file()]
        taken = {path: new / path.relative_to(reference) for path in files}
        taken[record_path(reference, study)] = new / study / PROVENANCE
        for source, target in taken.items():
            with whole_file(target) as temporary:
                temporary.write_bytes(source.read_bytes())
    of_all = [name for name in OF_STUDY if name in {*studies, *settings["studies"]}]
    together = {**settings, "studies": of_all}
    write_text(new / CONFIG, yaml.safe_dump(together, sort_keys=False))
    derive(new, written_study(together), read_config(reference))
