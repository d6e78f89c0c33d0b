# The study's configuration and its plan: what the rules in the other files refer to.
import os
import sys
from pathlib import Path

# Above this file: another workflow may include it.
ROOT = Path(str(workflow.current_basedir)).parents[1]
# The library of this checkout, whichever one the environment was made in.
sys.path.insert(0, str(ROOT / "src"))

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.gender.plan import GenderPlan
from crossbreed.jobs.environment import check_checkout, set_environment
from crossbreed.scheduling.job_starts import start_jobs_when_ready
from crossbreed.crossover.conditions import compose_conditions, place_of, plans
from crossbreed.crossover.plan import told
from crossbreed.scheduling.processors import heed_quota
from crossbreed.scheduling.error_messages import speak_plainly
from crossbreed.scheduling.records import keep_records
from crossbreed.scheduling.terminal import TerminalHandler

# Jobs are given paths of tables and folders, which Snakemake would not change along.
paths = workflow.modifier.path_modifier
if paths.prefix or paths.modifies_prefixes:
    sys.exit(
        "crossbreed: prefix and replace_prefix of a module are not supported; "
        "results go to results/<preset>, and --directory moves them all"
    )

CROSSOVER_PLACE = "crossover"

try:
    check_checkout(ROOT)
    STUDY = compose_study(ROOT / "config", config)
    # Where networks are trained: in the crossover study, and in each condition it is also made under.
    PLACES = {CROSSOVER_PLACE: STUDY}
    if "conditions" in STUDY.studies:
        for name, study in compose_conditions(ROOT / "config", config, STUDY).items():
            PLACES[place_of(name)] = study
except ConfigError as error:
    # Not an exception of Snakemake's, which would wrap the message in the place of this line.
    sys.exit("\n".join(f"crossbreed: {line}" for line in str(error).splitlines()))

PLANS = plans(PLACES, ROOT)
PLAN = PLANS[CROSSOVER_PLACE]
GENDER_PLAN = GenderPlan(STUDY)
set_environment(STUDY, ROOT, os.environ)
RESULTS = PLAN.results
CROSSOVER = PLAN.folder
# What training asks for. A job that hit its time limit goes on from its last save with more time.
TRAINING = {
    **({"gpu": STUDY.gpus} if STUDY.gpus else {}),
    "mem_mb": 4000,
    "runtime": lambda wildcards, attempt: 240 * attempt,
}
# Used where Snakemake is told to deploy software itself, else the activated environment is.
ENVIRONMENT = str(ROOT / "envs" / "study.yaml")


def at(method):
    """Return a function of wildcards: what the plan of their place says of them."""
    return lambda wildcards: getattr(PLANS[wildcards.place], method)(wildcards)


def of_place(method, *given):
    """Return a function of wildcards: what the plan of their place says, whichever they are."""
    return lambda wildcards: getattr(PLANS[wildcards.place], method)(*given)


def comparisons_by_condition(wildcards):
    """Return the comparison of arms under each condition."""
    if not CONDITION_PLANS:
        sys.exit(
            f"crossbreed: studies = {STUDY.studies}: must name conditions, and the key conditions "
            "some, for there to be a map of them"
        )
    return [f"{RESULTS}/{place}/comparison.csv" for place in CONDITION_PLANS]


speak_plainly(logger)
# Not in the processes that Snakemake starts for single jobs.
if workflow.is_main_process:
    keep_records(ROOT)
    heed_quota(workflow.global_resources)
    logger.addHandler(TerminalHandler())


wildcard_constraints:
    place=r"crossover|conditions/[a-z][a-z0-9_]*|shared/[0-9a-f]{8}",
    run=r"\d+",
    epoch=r"\d+",
    lineage=r"[a-z][a-z0-9_]*",
    table="curves|best|networks|barrier",
