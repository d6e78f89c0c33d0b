"""Tables and records of results, read so that a damaged one is told in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from crossbreed.config.messages import one_line
from crossbreed.errors import CrossbreedError


class _Lenient(BaseModel):
    """Base of what is read of records: keys may be missing or more, but not of another kind."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Machine(_Lenient):
    """What is read of a machine's description."""

    processor: str | None = None
    cores: int | None = None


class Record(_Lenient):
    """What is read of `provenance.json`."""

    git_commit: str | None = None
    git_changes: list[str] | None = None
    packages: dict[str, str] = {}
    machine: Machine = Machine()
    data: dict[str, dict[str, Any]] = {}

    @property
    def texts(self) -> set[str]:
        """The digests of the texts that a study was made with; none where that is not known."""
        return {
            str(origin["sha256"])
            for origin in self.data.values()
            if {"edition", "sha256"} <= set(origin)
        }


def read_record(path: Path) -> Record:
    """Return the record of what results were made with.

    Parameters
    ----------
    path
        Of the file; see `contents.record_path`.

    Raises
    ------
    CrossbreedError
        If there is none, or what is there is none.
    """
    try:
        return Record.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CrossbreedError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        told = f"{key}: {first['msg']}" if key else "it is no JSON, or cut off"
        raise CrossbreedError(f"{path}: {told}") from error


@contextmanager
def sensible(folder: Path) -> Iterator[None]:
    """Tell in one line if the tables of a folder have their columns, but make no sense.

    Raises
    ------
    CrossbreedError
        In the place of whatever statistics raise at such tables.
    """
    try:
        yield
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise CrossbreedError(
            f"{folder}: its tables cannot be judged; they are damaged or of another version "
            f"({type(error).__name__}: {one_line(error)})"
        ) from error


def read_table(
    path: Path,
    texts: Sequence[str] = (),
    numbers: Sequence[str] = (),
    dtype: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return a table.

    Parameters
    ----------
    path
        A CSV file.
    texts, numbers
        Columns that it must have, those with numbers apart; it may have more.
    dtype
        See `pandas.read_csv`.

    Raises
    ------
    CrossbreedError
        If there is none, it is cut off or empty, or lacks a column.
    """
    try:
        table = pd.read_csv(path, dtype=dict(dtype or {}))
        whole = path.read_bytes().endswith(b"\n")
    except OSError as error:
        raise CrossbreedError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # pandas' own and those of encodings are such, too
        raise CrossbreedError(f"{path}: is empty or no table (CSV)") from error
    if not whole:  # a number that lost its last digits would still be one
        raise CrossbreedError(f"{path}: is cut off in its last line")
    lacking = [name for name in (*texts, *numbers) if name not in table.columns]
    if lacking:
        raise CrossbreedError(
            f"{path}: has no column {', '.join(lacking)}; it is damaged or of another version"
        )
    for name in numbers:
        try:
            pd.to_numeric(table[name])
        except (ValueError, TypeError) as error:
            raise CrossbreedError(f"{path}: {name} must be numbers") from error
    return table
