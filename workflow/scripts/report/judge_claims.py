"""Judge the claims of the sources by what the studies came to."""

import logging

import pandas as pd

from crossbreed.crossover.results.claims import CrossoverResults
from crossbreed.crossover.results.outcomes import outcomes_by_epoch
from crossbreed.gender.results.claims import GenderResults
from crossbreed.jobs.command_line import run_job
from crossbreed.report.claims.ledger import as_table, digests, judge
from crossbreed.report.claims.page import claims_content, lines
from crossbreed.report.jobs import JudgeClaims
from crossbreed.storage.files import write_csv, write_json, write_text

log = logging.getLogger(__name__)


def judge_claims(job: JudgeClaims) -> None:
    """Write the ledger."""
    crossover = gender = None
    if job.crossover is not None:
        crossover = CrossoverResults(
            pd.read_csv(job.crossover.outcomes),
            outcomes_by_epoch(pd.read_csv(job.crossover.curves)),
            pd.read_csv(job.crossover.targets),
            job.events,
        )
    if job.gender is not None:
        gender = GenderResults(
            pd.read_csv(job.gender.differences),
            pd.read_csv(job.gender.evidence, dtype={"seed": str}),
            pd.read_csv(job.gender.published),
        )
    judged = judge(job.claims, crossover, gender, job.confidence)
    rules = digests(job.claims, job.confidence)
    content = claims_content(job.claims, judged, rules, job.confidence)
    text = "\n".join(lines(content))
    write_csv(job.ledger, as_table(judged))
    write_json(job.content, content)
    write_text(job.summary, text + "\n")
    log.info("%s", text)


if __name__ == "__main__":
    run_job(JudgeClaims, judge_claims)
