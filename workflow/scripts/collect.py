"""Put the tables of all runs into one."""

from pathlib import Path

from crossbreed.config.base import Config
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.job import run_job
from crossbreed.storage.files import write_text


class Collect(Config):
    """Put the tables of all runs into one."""

    tables: list[Path]
    """CSV files with the same columns."""
    target: Path
    """CSV file to write."""


def collect(settings: Collect) -> None:
    """Write all rows of `tables`, in their order and as they are, to `target`."""
    header, rows = "", []
    for path in settings.tables:
        first, *others = path.read_text(encoding="utf-8").splitlines() or [""]
        if not others:
            raise CrossbreedError(f"{path} has no rows; delete it and run again")
        if header and first != header:
            raise CrossbreedError(f"{path} has other columns than {settings.tables[0]}")
        header = first
        rows += others
    write_text(settings.target, "\n".join([header, *rows]) + "\n")


if __name__ == "__main__":
    run_job(Collect, collect)
