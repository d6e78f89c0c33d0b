"""Put the tables of all runs into one."""

from crossbreed.crossover.jobs import Collect
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_text


def collect(job: Collect) -> None:
    """Write all rows of `tables`, in their order and as they are, to `target`."""
    header, rows = "", []
    for path in job.tables:
        first, *others = path.read_text(encoding="utf-8").splitlines() or [""]
        if not others:
            raise CrossbreedError(f"{path} has no rows; delete it and run again")
        if header and first != header:
            raise CrossbreedError(f"{path} has other columns than {job.tables[0]}")
        header = first
        rows += others
    write_text(job.target, "\n".join([header, *rows]) + "\n")


if __name__ == "__main__":
    run_job(Collect, collect)
