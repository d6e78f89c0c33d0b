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
from snakemake.io import is_flagged
from snakemake.jobs import Job
from snakemake.logging import logger

from crossbreed.errors import CrossbreedError
from crossbreed.jobs.progress import forget_progress
from crossbreed.storage.records import job_key, why_invalid, write_record

# The parameters of a rule that decide its numbers. Of a rule without `code` no records are kept.
DECIDED_BY = ("job", "code")
Keys = dict[Any, str]


def keep_records(checkout: Path) -> None:
    """Write a record of each result, and run the jobs again whose results have none that fits.

    To be called once in the process that schedules the jobs.

    Parameters
    ----------
    checkout
        Folder of the rules that records are kept of; another workflow may have rules of its own.
    """
    if hasattr(DAG, "records_are_kept"):
        return
    DAG.records_are_kept = True
    judge, end = DAG.update_needrun, Job.postprocess
    keys: Keys = {}

    async def update_needrun(dag: Any, *args: Any, **kwargs: Any) -> None:
        reasons = _invalid_results(dag, checkout, keys)
        dag.forcefiles.update(reasons)
        if reasons:
            logger.info(_in_words(reasons))
        await judge(dag, *args, **kwargs)

    async def postprocess(job: Any, *args: Any, error: bool = False, **kwargs: Any) -> None:
        await end(job, *args, error=error, **kwargs)
        # What was only touched is what it was before.
        if not error and not job.dag.workflow.touch:
            try:
                _write_records(job, checkout, keys)
            except (CrossbreedError, OSError) as refused:
                raise WorkflowError(str(refused)) from refused

    DAG.update_needrun, Job.postprocess = update_needrun, postprocess


def _invalid_results(dag: Any, checkout: Path, keys: Keys) -> dict[str, str]:
    """Return the results of a DAG that are not what its jobs would make, each with the reason."""
    reasons = {}
    for job in dag.jobs:
        if _is_recorded(job, checkout):
            known = (_key(job, keys), _settings(job), _inputs(job))
            for path in job.output:
                reason = why_invalid(Path(path), *known)
                if reason:
                    reasons[path] = reason
    return reasons


def _write_records(job: Any, checkout: Path, keys: Keys) -> None:
    if _is_recorded(job, checkout):
        for path in job.output:
            write_record(Path(path), _key(job, keys), _settings(job), _inputs(job))
            forget_progress(Path(path))


def _is_recorded(job: Any, checkout: Path) -> bool:
    """Tell whether a job is one of this study's, of which all is known."""
    return (
        job.params.get("code") is not None
        and Path(str(job.rule.snakefile)).is_relative_to(checkout)
        # Of a part of the graph, keys would be others; what is stored elsewhere is not seen here.
        and not job.dag.workflow.dag_settings.allowed_rules
        and not any(file.is_storage for file in (*job.input, *job.output))
    )


def _settings(job: Any) -> dict[str, Any]:
    return {name: value for name, value in job.params.items() if name in DECIDED_BY}


def _inputs(job: Any) -> list[Path]:
    """Return what a job reads, but for what is marked as deciding no number."""
    return [Path(path) for path in job.input if not is_flagged(path, "ancient")]


def _key(job: Any, known: Keys) -> str:
    """Return a job's key; `known` holds those that were worked out before."""
    if job not in known:
        upstream = [_key(before, known) for before in job.dag.job_dependencies(job)]
        known[job] = job_key(_settings(job), upstream)
    return known[job]


def _in_words(reasons: Mapping[str, str]) -> str:
    lines = ["Results that are not those of this study are made again:"]
    for reason, count in Counter(reasons.values()).most_common():
        example = next(path for path, why in reasons.items() if why == reason)
        others = f" and {count - 1} more" if count > 1 else ""
        lines.append(f"  {example}{others}: {reason}")
    return "\n".join(lines)
