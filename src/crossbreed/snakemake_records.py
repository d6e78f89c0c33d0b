"""Let Snakemake make again every result whose record does not show that it is still valid.

Snakemake keeps its own notes in `.snakemake`, by path: whoever deletes that folder, or copies
results, leaves it with times of files only. The records beside the results decide instead. This
module alone uses the parts of Snakemake that see a job before it is judged and after it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError
from snakemake.jobs import Job
from snakemake.logging import logger

from crossbreed.errors import CrossbreedError
from crossbreed.result_records import job_key, why_invalid, write_record

# The parameters of rules that decide numbers. A rule without `code` keeps no records.
DECISIVE = ("hydra", "content", "code")


def keep_records() -> None:
    """Write a record of each result, and run the jobs again whose results have none that fits.

    To be called once in the process that schedules the jobs.
    """
    if hasattr(DAG, "records_are_kept"):
        return
    DAG.records_are_kept = True
    judge, end = DAG.update_needrun, Job.postprocess

    async def update_needrun(dag: Any, *given: Any, **named: Any) -> None:
        reasons = invalid_results(dag)
        dag.forcefiles.update(reasons)
        if reasons:
            logger.info(_in_words(reasons))
        await judge(dag, *given, **named)

    async def postprocess(job: Any, *given: Any, error: bool = False, **named: Any) -> None:
        await end(job, *given, error=error, **named)
        # What was only touched is what it was before.
        if not error and not job.dag.workflow.touch:
            try:
                _write_records(job)
            except CrossbreedError as refused:
                raise WorkflowError(str(refused)) from refused

    DAG.update_needrun, Job.postprocess = update_needrun, postprocess


def invalid_results(dag: Any) -> dict[str, str]:
    """Return the results of a DAG that are not what its jobs would make, each with the reason."""
    keys: dict[Any, str] = {}
    reasons = {}
    for job in dag.jobs:
        settings = _settings(job)
        if "code" not in settings:
            continue
        key = _key(job, keys)
        inputs = [Path(path) for path in job.input]
        for path in job.output:
            reason = why_invalid(Path(path), key, settings, inputs)
            if reason:
                reasons[path] = reason
    return reasons


def _settings(job: Any) -> dict[str, Any]:
    return {name: value for name, value in job.params.items() if name in DECISIVE}


def _key(job: Any, known: dict[Any, str]) -> str:
    """Return a job's key; `known` holds those of the jobs before it that were worked out."""
    if job not in known:
        upstream = [_key(before, known) for before in job.dag.job_dependencies(job)]
        known[job] = job_key(_settings(job), upstream)
    return known[job]


def _write_records(job: Any) -> None:
    settings = _settings(job)
    if "code" in settings:
        key, inputs = _key(job, {}), [Path(path) for path in job.input]
        for path in job.output:
            write_record(Path(path), key, settings, inputs)


def _in_words(reasons: Mapping[str, str]) -> str:
    lines = ["Results that are not those of this study are made again:"]
    for reason, count in Counter(reasons.values()).most_common():
        example = next(path for path, why in reasons.items() if why == reason)
        others = f" and {count - 1} more" if count > 1 else ""
        lines.append(f"  {example}{others}: {reason}")
    return "\n".join(lines)
