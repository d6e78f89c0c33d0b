"""Snakemake's scheduler looks for jobs when one has ended, not ever more often."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.cli import get_argument_parser
from snakemake.scheduling.job_scheduler import JobRateLimiter
from snakemake.settings.types import MaxJobsPerTimespan

from crossbreed.scheduling.job_starts import DEFAULT_LIMIT, start_jobs_when_ready
from repository import REPOSITORY
from snakemake_call import snakemake

JOBS = 8
SNAKEFILE = f"""
from crossbreed.scheduling.job_starts import start_jobs_when_ready

rule all:
    input: expand("{{number}}", number=range({JOBS}))

rule one:
    output: "{{number}}"
    threads: 2
    shell: "sleep 0.6; touch {{output}}"

onstart:
    start_jobs_when_ready(workflow.scheduler)
"""


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


def test_snakemake_looks_for_jobs_only_when_there_may_be_some(tmp_path: Path) -> None:
    def looks(*options: str) -> int:
        folder = tmp_path / f"work{len(options)}"
        folder.mkdir()
        finished = snakemake(folder, "--verbose", *options, checkout=tmp_path)
        assert finished.returncode == 0, finished.stderr
        assert len(list(folder.glob("[0-9]"))) == JOBS
        return finished.stderr.count("Ready jobs: ")

    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    # At the start, and after each job: once to find that it ended, once to start the next.
    assert looks() <= 2 * JOBS + 1
    assert looks("--max-jobs-per-timespan", "99/1s") > 2 * JOBS + 1


def test_the_workflow_asks_for_it() -> None:
    assert "start_jobs_when_ready(workflow.scheduler)" in (REPOSITORY / "Snakefile").read_text()
