"""How fast Snakemake may start jobs."""

from __future__ import annotations

from typing import Any

# Snakemake's own --max-jobs-per-timespan: so many jobs in so many seconds.
DEFAULT_LIMIT = (100, 1)


def start_jobs_when_ready(scheduler: Any) -> None:
    """Take Snakemake's default limit of starts off its scheduler; one that the user set stays.

    To keep to a limit the scheduler looks for jobs again when its timespan is over. Every look sets
    the next one, and so does every job that ends: while jobs wait, there is one more look a second
    for each job that is done. With hundreds of jobs that takes a good part of a processor. No study
    starts 100 jobs a second.

    Parameters
    ----------
    scheduler
        The `scheduler` of Snakemake's workflow, before it has started a job.
    """
    limit = scheduler.job_rate_limiter
    if limit is not None and (limit.max_jobs, limit.timespan) == DEFAULT_LIMIT:
        scheduler.job_rate_limiter = None
