"""Snakemake's scheduler looks for jobs when one has ended, not ever more often."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from snakemake.cli import get_argument_parser
from snakemake.scheduling.job_scheduler import JobRateLimiter
from snakemake.settings.types import MaxJobsPerTimespan

from crossbreed.scheduling.job_starts import DEFAULT_LIMIT, start_jobs_when_ready
from repository import REPOSITORY


def test_the_default_is_snakemake_s_own() -> None:
    given = MaxJobsPerTimespan.parse_choice(
        get_argument_parser().get_default("max_jobs_per_timespan")
    )
    assert (given.max_jobs, given.timespan) == DEFAULT_LIMIT


@pytest.mark.parametrize(("limit", "kept"), [("100/1s", False), ("5/1s", True), ("100/1m", True)])
def test_a_limit_that_the_user_set_stays(limit: str, kept: bool) -> None:
    limiter = JobRateLimiter(MaxJobsPerTimespan.parse_choice(limit))
    scheduler = SimpleNamespace(job_rate_limiter=limiter)
    start_jobs_when_ready(scheduler)
    assert scheduler.job_rate_limiter is (limiter if kept else None)
    # Where there is no limit, there is none to take off.
    scheduler = SimpleNamespace(job_rate_limiter=None)
    start_jobs_when_ready(scheduler)
    assert scheduler.job_rate_limiter is None


def test_the_workflow_asks_for_it() -> None:
    workflow = (REPOSITORY / "workflow" / "Snakefile").read_text()
    assert "start_jobs_when_ready(workflow.scheduler)" in workflow
