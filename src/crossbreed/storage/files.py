"""Files that are whole or absent: written under a temporary name, flushed, renamed."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossbreed.errors import CrossbreedError

if TYPE_CHECKING:  # a script that writes no table need not wait for pandas
    import pandas as pd


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that becomes `path` when the block ends well.

    The temporary name keeps the suffix, since some writers choose a format by it. If the block
    raises, nothing is left behind and an earlier `path` is untouched. What a killed process of
    this machine left behind is removed.

    Raises
    ------
    CrossbreedError
        If the file cannot be written, such as on a full disk.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        handle, name = tempfile.mkstemp(
            prefix=f"{_prefix(path)}{os.getpid()}-", suffix=path.suffix, dir=path.parent
        )
        temporary = Path(name)
        os.close(handle)
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        # mkstemp makes private files; results are to be readable as the user's umask says.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise CrossbreedError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Let the new name, too, outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:  # some network file systems know no flushing of folders
        pass
    finally:
        os.close(handle)


def _prefix(path: Path) -> str:
    return f".{path.stem}-{platform.node()}-"


def _remove_leftovers(path: Path) -> None:
    """Remove the temporary files that killed processes of this machine have left for `path`."""
    start = _prefix(path)
    for leftover in path.parent.iterdir():
        if leftover.name.startswith(start) and leftover.suffix == path.suffix:
            owner = leftover.name.removeprefix(start).partition("-")[0]
            if owner.isdigit() and not _runs(int(owner)):
                leftover.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True


def write_text(path: Path, text: str) -> None:
    """Write a text file whole."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file whole, indented, keys in the given order."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table whole, compressed if its name ends in .gz; floats keep every digit."""
    # Without the time, so that the same table gives the same bytes.
    compression: Any = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
    with whole_file(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n", compression=compression)
