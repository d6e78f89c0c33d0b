"""Make reference results from those of a whole run: all of them, or nothing is changed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from crossbreed.errors import CrossbreedError
from crossbreed.reference.contents import (
    BY_EPOCH,
    CURVES,
    DIGESTS,
    IF_MEASURED,
    OF_STUDY,
    PAGE,
    PROVENANCE,
    copied,
    write_digests,
)
from crossbreed.reference.derived import read_by_epoch
from crossbreed.reference.earlier import earlier_studies, keep_studies
from crossbreed.reference.reading import read_record
from crossbreed.reference.settings import CONFIG, read_config
from crossbreed.storage.files import whole_file, write_csv
from crossbreed.storage.records import inconsistent


def publish(results: Path, references: Path) -> Path:
    """Make reference results from those of a whole run.

    Parameters
    ----------
    results
        `results/<preset>`.
    references
        The folder of all references; the new one is `<references>/<preset>`, in the place of an
        earlier one. A hidden folder beside it holds the new one until it is whole. Studies that the
        earlier one has and this run has not are kept, and claims are judged by all.

    Returns
    -------
    Path
        The folder that was made.

    Raises
    ------
    CrossbreedError
        If a result is missing, damaged, of another run than the others or was made by code that
        no commit holds; if the folder to make holds something else, or a study made with other
        settings that this run has not made again; or cannot be written.
    """
    settings = read_config(results)
    studies: list[str] = settings["studies"]
    target = references / str(settings["preset"])
    if not set(studies) <= set(OF_STUDY):
        raise CrossbreedError(
            f"{results / CONFIG}: studies = {studies}: must be of {', '.join(OF_STUDY)}"
        )
    files = [*copied(studies), *(name for name in IF_MEASURED if (results / name).is_file())]
    only_read = [
        *([CURVES] if "crossover" in studies else []),
        *([PAGE] if "conditions" in studies else []),
    ]
    new, old = _beside(target)
    try:
        _tidy(target)
        _check_results(results, [*files, *only_read])
        _check_target(results, target)
        kept = earlier_studies(target, settings)
        by_epoch = read_by_epoch(results) if "crossover" in studies else None
        for name in files:
            with whole_file(new / name) as temporary:
                temporary.write_bytes((results / name).read_bytes())
        if by_epoch is not None:
            write_csv(new / BY_EPOCH, by_epoch)
        if kept:
            keep_studies(target, kept, new, settings)
        write_digests(new)
        if target.exists():
            target.rename(old)
        new.rename(target)
    except OSError as error:
        raise CrossbreedError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        _tidy(target)
    return target


def _beside(target: Path) -> tuple[Path, Path]:
    """Return where a new reference lies until it is whole, and an old one until it is replaced."""
    return target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")


def _tidy(target: Path) -> None:
    """Remove what this or a killed attempt has left; an old reference without a new one stays."""
    new, old = _beside(target)
    if old.exists() and not target.exists():
        old.rename(target)
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)


def _check_results(results: Path, needed: Sequence[str]) -> None:
    """Refuse what cannot be published, before anything is written."""
    missing = [name for name in needed if not (results / name).is_file()]
    if missing:
        raise CrossbreedError(
            f"{results}: {', '.join(missing)} missing; a reference is made from a whole run"
        )
    path = results / PROVENANCE
    record = read_record(path)
    if not record.git_commit:
        raise CrossbreedError(f"{path}: names no commit; others could not get the code")
    if record.git_changes is None:
        raise CrossbreedError(f"{path}: git_changes is missing; was the code that of a commit?")
    if record.git_changes:
        raise CrossbreedError(
            f"{path}: git_changes = {record.git_changes}: must be none; "
            "others could not get the code that made these results"
        )
    faults = inconsistent([results / name for name in needed])
    if faults:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise CrossbreedError(
            f"{faults[0]}{more}; run all of the study (snakemake --cores all --config "
            f"preset={read_config(results)['preset']})"
        )


def _check_target(results: Path, target: Path) -> None:
    """Refuse to replace what is no reference, or the results themselves."""
    if target.resolve() == results.resolve():
        raise CrossbreedError(f"{results}: is the reference itself")
    ours = target.is_dir() and ((target / DIGESTS).is_file() or not any(target.iterdir()))
    if target.exists() and not ours:
        raise CrossbreedError(f"{target}: holds something else than a reference; it was left alone")
