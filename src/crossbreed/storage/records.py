"""What decided each result, kept beside it, so that it is used for nothing else.

The record of `<folder>/<name>` is `<folder>/.records/<name>.json`. It holds

- `key`: a digest of its job's settings and code, and of the keys of the jobs that made its inputs;
- `settings`: the job's own settings and code, to say what has changed;
- `content`: a digest of the result, so that a record vouches for no file put in its place;
- `inputs`: a digest of each file that the job has read, by its path from the result's folder.

It names no absolute path and no time: a copied folder of results stays valid where it is the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crossbreed.storage.files import write_json

FOLDER = ".records"
Settings = Mapping[str, Any]


def job_key(settings: Settings, upstream: Iterable[str]) -> str:
    """Return a digest of what decides a job's numbers.

    Parameters
    ----------
    settings
        Of the job, as JSON can hold it.
    upstream
        Keys of the jobs that make its inputs, in any order.
    """
    return hashlib.sha256(json.dumps([settings, sorted(set(upstream))]).encode()).hexdigest()


def write_record(result: Path, key: str, settings: Settings, inputs: Iterable[Path]) -> None:
    """Write the record of a result that was made from `inputs`.

    Raises
    ------
    CrossbreedError
        If it cannot be written.
    """
    record = {
        "key": key,
        "settings": settings,
        "content": content_digest(result),
        "inputs": {_from(result, path): content_digest(path) for path in inputs},
    }
    write_json(_record_path(result), record)


def why_invalid(result: Path, key: str, settings: Settings, inputs: Iterable[Path]) -> str | None:
    """Say why a result is not what a job would make; None: it is, as far as files can tell.

    Of a result that was deleted the record alone is checked, and inputs that were deleted count as
    unchanged: their own jobs' settings are part of `key`.
    """
    record = _read(result)
    if record is None:
        return "no record of what it was made with" if result.exists() else None
    if record["settings"] != json.loads(json.dumps(settings)):
        return f"other {', '.join(_changes(record['settings'], settings))}"
    if record["key"] != key:
        return "made from results of other settings or code"
    if result.exists() and record["content"] != content_digest(result):
        return "changed since it was made"
    sources = {_from(result, path): path for path in inputs}
    if set(sources) != set(record["inputs"]):
        return "made from other files"
    for name, path in sources.items():
        if path.exists() and record["inputs"][name] != content_digest(path):
            return f"made from another {path.name}"
    return None


def inconsistent(results: Iterable[Path]) -> list[str]:
    """Return which results, or what those were made from, changed after they were used.

    Follows the inputs of each result as long as they have records of their own.
    """
    faults: dict[Path, str] = {}
    checked: set[Path] = set()
    waiting = list(results)
    while waiting:
        result = waiting.pop()
        if result in checked:
            continue
        checked.add(result)
        record = _read(result)
        if record is None:
            faults[result] = "no record of what it was made with"
            continue
        if result.exists() and content_digest(result) != record["content"]:
            faults[result] = "changed since it was made"
        for name, known in record["inputs"].items():
            path = Path(os.path.normpath(result.parent / name))
            if path.exists() and content_digest(path) != known:
                faults[result] = f"made from another {path.name}"
            if _record_path(path).exists():
                waiting.append(path)
    return [f"{path}: {fault}" for path, fault in sorted(faults.items())]


def content_digest(path: Path) -> str:
    """Return a digest of a file's content; of an unchanged file it is taken once."""
    status = path.stat()
    return _digest(path, status.st_mtime_ns, status.st_size, status.st_ino)


@cache
def _digest(path: Path, *_: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def _record_path(result: Path) -> Path:
    return result.parent / FOLDER / f"{result.name}.json"


def _from(result: Path, path: Path) -> str:
    """Name an input by its path from the result; a file of the checkout, elsewhere, by its own."""
    if path.is_absolute() and not result.is_absolute():
        return path.name
    return Path(os.path.relpath(path, result.parent)).as_posix()


def _read(result: Path) -> dict[str, Any] | None:
    """Return the record of a result; None where there is none that can be read."""
    try:
        record = json.loads(_record_path(result).read_text(encoding="utf-8"))
        return record if {"key", "settings", "content", "inputs"} <= set(record) else None
    except (OSError, ValueError, TypeError):
        return None


def _changes(before: Settings, now: Settings) -> list[str]:
    """Return the names of settings that differ: `code`, or keys such as `trainer`."""
    names = []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if isinstance(old, list) and isinstance(new, list):
            changed = {str(part).partition("=")[0] for part in {*old} ^ {*new}}
            names += sorted(changed) or [name]
        else:
            names.append(name)
    return names
