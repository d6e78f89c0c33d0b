# The study's configuration and its plan: what the rules in the other files refer to.
import os
import sys
from pathlib import Path

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.gender_plan import GenderPlan
from crossbreed.plan import Plan, told
from crossbreed.refusals import speak_plainly
from crossbreed.terminal import TerminalHandler

ROOT = Path(workflow.basedir)

try:
    PLAN = Plan(compose_study(ROOT / "config", config), ROOT)
except ConfigError as error:
    # Not an exception of Snakemake's, which would wrap the message in the place of this line.
    sys.exit("\n".join(f"crossbreed: {line}" for line in str(error).splitlines()))

GENDER_PLAN = GenderPlan(PLAN.study)
PLAN.set_environment(os.environ)
GENDER_PLAN.set_environment(os.environ)
RESULTS = PLAN.results
CROSSOVER = PLAN.crossover
# Used where Snakemake is told to deploy software itself, else the activated environment is.
ENVIRONMENT = str(ROOT / "envs" / "study.yaml")

speak_plainly(logger)
# Not in the processes that Snakemake starts for single jobs.
if workflow.is_main_process:
    logger.addHandler(TerminalHandler())


wildcard_constraints:
    run=r"\d+",
    epoch=r"\d+",
    lineage=r"[a-z][a-z0-9_]*",
    table="curves|best|networks|barrier",
