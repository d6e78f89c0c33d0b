"""Put the tables of all runs into one."""

from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config
from crossbreed.files import write_csv
from crossbreed.job import run_job


class Collect(Config):
    """Put the tables of all runs into one."""

    tables: list[Path]
    """CSV files with the same columns."""
    target: Path
    """CSV file to write."""


def collect(settings: Collect) -> None:
    """Write all rows of `tables`, in their order, to `target`."""
    read = [pd.read_csv(path) for path in settings.tables]
    write_csv(settings.target, pd.concat(read, ignore_index=True))


if __name__ == "__main__":
    run_job(Collect, collect)
