"""A job as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from crossbreed.jobs import start_job
from crossbreed.jobs.job import Job
from repository import REPOSITORY

# With the address of a warm worker where tests use the fixture `warm_jobs`.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
# As rules start jobs.
START = [sys.executable, "-SE", start_job.__file__]


def command(job: Job, *changes: str) -> list[str]:
    """Return the command that runs a job of which all keys are set, with some overrides."""
    script = REPOSITORY / "workflow/scripts" / job.script()
    return [*START, str(script), *job.decided(), *changes]


def run(job: Job, *changes: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        command(job, *changes), env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
