# The study's configuration and what the rules derive from it.
import os
import shlex
import sys
from pathlib import Path

from crossbreed.config.base import Config, ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.config.overrides import override, overrides
from crossbreed.fingerprint import fingerprint
from crossbreed.lineage import Lineages, epoch_at

ROOT = Path(workflow.basedir)
SCRIPTS = shlex.quote(str(ROOT / "workflow" / "scripts"))

try:
    STUDY = compose_study(ROOT / "config", config)
except ConfigError as error:
    raise WorkflowError(str(error)) from None

# Jobs run with the Python that runs Snakemake, whether or not its environment is activated.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

RESULTS = f"results/{STUDY.preset}"
CROSSOVER = f"{RESULTS}/crossover"
RUNS = [f"{run:02d}" for run in range(1, STUDY.runs + 1)]
MARKS = [epoch_at(fraction, STUDY.epochs) for fraction in STUDY.evaluation.at]
LINEAGES = Lineages(
    epochs=STUDY.epochs,
    events={
        name: [epoch_at(event.at, STUDY.epochs) for event in STUDY.arm[name].events]
        for name in STUDY.arms
    },
    marks=MARKS,
    segment_epochs=STUDY.segment_epochs,
)


wildcard_constraints:
    run=r"\d+",
    epoch=r"\d+",
    lineage=r"[a-z][a-z0-9_]*",


def told(**values):
    """Return what a rule tells its script, as Hydra overrides; a change reruns the rule."""
    written = []
    for key, value in values.items():
        if isinstance(value, Config):
            written += overrides({key: value.model_dump(mode="json")})
        else:
            written.append(override(key, value))
    return written


def code(script):
    """Return the digest of a script and the library code behind it; a change reruns the rule."""
    return fingerprint(ROOT / f"workflow/scripts/{script}.py")


def asks(rule):
    """Return what a rule asks of the machine besides its threads."""
    return STUDY.resources[rule].model_dump(exclude={"threads"})


def cores(rule):
    return STUDY.resources[rule].threads


def node(lineage, epoch, file, run="{run}"):
    """Return the path of a file of a lineage at an epoch."""
    return f"{CROSSOVER}/run-{run}/{lineage}/epoch-{epoch:04d}/{file}"
