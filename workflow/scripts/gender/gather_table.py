"""Gather all rows of trained architectures into the table."""

import pandas as pd

from crossbreed.gender.jobs import GatherTable
from crossbreed.jobs.command_line import run_job
from crossbreed.search.table import read_table
from crossbreed.storage.files import write_csv


def gather_table(job: GatherTable) -> None:
    """Write the table."""
    write_csv(job.table, pd.concat(map(read_table, job.rows.paths())))


if __name__ == "__main__":
    run_job(GatherTable, gather_table)
