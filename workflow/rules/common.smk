# The study's configuration and its plans: what the rules in the other files refer to.
import os
import sys
from pathlib import Path

# Above this file: another workflow may include it.
ROOT = Path(str(workflow.current_basedir)).parents[1]
# The library of this checkout, whichever one the environment was made in.
sys.path.insert(0, str(ROOT / "src"))

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.config.gender_checks import FOUNDERS
from crossbreed.crossover.conditions import (
    ConditionsPlan,
    compose_conditions,
    experiment_of,
    make_plans,
)
from crossbreed.crossover.plan import BREEDING_SECONDS, OFFSPRING_FILE, TRAINING_SECONDS
from crossbreed.data.jobs import Download, DownloadText
from crossbreed.gender.plan import GenderPlan, text_digests
from crossbreed.jobs.environment import check_checkout, set_environment
from crossbreed.jobs.fingerprint import fingerprint
from crossbreed.jobs.warm_worker import start_worker
from crossbreed.report.plan import ReportPlan
from crossbreed.search.layout import CHOSEN, INDIVIDUALS
from crossbreed.training.checkpoint import POPULATION_FILE
from crossbreed.scheduling.error_messages import shorten_file_errors
from crossbreed.scheduling.job_starts import start_jobs_when_ready
from crossbreed.scheduling.processors import limit_cores_to_quota
from crossbreed.scheduling.records import keep_records
from crossbreed.scheduling.terminal import cores_of, show_on_terminal, works_of

# Jobs are given paths of tables and folders, which Snakemake would not change along.
paths = workflow.modifier.path_modifier
if paths.prefix or paths.modifies_prefixes:
    sys.exit(
        "crossbreed: prefix and replace_prefix of a module are not supported; "
        "results go to results/<preset>, and --directory moves them all"
    )

try:
    check_checkout(ROOT)
    STUDY = compose_study(ROOT / "config", config)
    # The crossover study, and again under each condition.
    EXPERIMENTS = {"crossover": STUDY}
    if "conditions" in STUDY.studies:
        for name, study in compose_conditions(ROOT / "config", config, STUDY).items():
            EXPERIMENTS[experiment_of(name)] = study
except ConfigError as error:
    # Not an exception of Snakemake's, which would wrap the message in the place of this line.
    sys.exit("\n".join(f"crossbreed: {line}" for line in str(error).splitlines()))

set_environment(ROOT, os.environ)
PLANS = make_plans(EXPERIMENTS)
CROSSOVER = PLANS["crossover"]
CONDITIONS = ConditionsPlan(STUDY)
GENDER = GenderPlan(STUDY)
REPORT = ReportPlan(
    STUDY,
    {"crossover": CROSSOVER, "conditions": CONDITIONS, "gender": GENDER},
    CROSSOVER.first_events(),
)
RESULTS = CROSSOVER.results
LOGS = f"{RESULTS}/logs"
# What training asks for. A job that hit its time limit goes on from its last save with more time.
TRAINING = {
    **({"gpu": STUDY.gpus} if STUDY.gpus else {}),
    "mem_mb": 4000,
    "runtime": lambda wildcards, attempt: 240 * attempt,
}
# Runs a job's script, forked from the warm worker where this process has one.
START_JOB = ROOT / "src" / "crossbreed" / "jobs" / "start_job.py"
# Used where Snakemake is told to deploy software itself, else the activated environment is.
ENVIRONMENT = str(ROOT / "envs" / "study.yaml")


def plan(wildcards):
    """Return the plan of the experiment that a file belongs to."""
    return PLANS[wildcards.experiment]


def params_of(make, by_code=True, expected=0.2, **added):
    """Return the parameters of a rule.

    Snakemake runs a job again when what decides it has changed: the job itself, or the code behind
    its script. Files and `added` decide no number: of what depends on the output, Snakemake takes
    no note.

    make
        Returns a job (`crossbreed.jobs.job.Job`) for wildcards.
    by_code
        False for what is known by its content: no change of the code fetches data anew.
    expected
        Seconds that a core is expected to take after the start, a list of those of its parts, or a
        function of wildcards that returns them.
    added
        Further parameters of the job, by their keys, or functions of wildcards that return them.
    """

    def code(wildcards):
        job = make(wildcards)
        return fingerprint(script_of(job), getattr(job, "engine", "torch"))

    def files(wildcards, input, output, threads):
        named = {**dict(input.items()), **dict(output.items())}
        values = {
            key: value(wildcards) if callable(value) else value for key, value in added.items()
        }
        # Where nothing is read under a name, Snakemake has an empty list.
        return make(wildcards).added(
            {key: paths for key, paths in named.items() if paths}, threads=threads, **values
        )

    return {
        "job": lambda wildcards: make(wildcards).decided(),
        **({"code": code} if by_code else {}),
        "files": files,
        # A function of the output, so that it decides nothing either.
        "expected": lambda wildcards, output: (
            expected(wildcards) if callable(expected) else expected
        ),
        "script": lambda wildcards, output: [str(START_JOB), str(script_of(make(wildcards)))],
    }


def comparisons_by_condition(wildcards):
    """Return the comparison of arms under each condition."""
    if "conditions" not in STUDY.studies or not STUDY.conditions:
        sys.exit(
            f"crossbreed: studies = {STUDY.studies}: must name conditions, and the key conditions "
            "some, for there to be a map of them"
        )
    return CONDITIONS.comparisons().values()


def script_of(job):
    """Return the path of a job's script."""
    return ROOT / "workflow" / "scripts" / job.script()


shorten_file_errors(logger)
# Not in the processes that Snakemake starts for single jobs.
if workflow.is_main_process:
    keep_records(ROOT)
    limit_cores_to_quota(workflow.global_resources)
    TERMINAL = show_on_terminal(logger, workflow.output_settings)
else:
    TERMINAL = None


wildcard_constraints:
    experiment=r"crossover|conditions/[a-z][a-z0-9_]*|shared/[0-9a-f]{8}",
    run=r"\d+",
    epoch=r"\d+",
    lineage=r"[a-z][a-z0-9_]*",
    table="curves|best|networks|barrier",
    seed=r"\d+",
    generation=r"\d+",
    batch=r"\d+",
    repeat=r"\d+",
    mode=r"[a-z][a-z0-9_]*",
    stage="early|finished",
