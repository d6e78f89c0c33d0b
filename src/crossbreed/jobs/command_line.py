"""Run a script's function with a configuration that Hydra reads from the command line."""

from __future__ import annotations

import inspect
import logging
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ValidationError

from crossbreed.config.messages import explain
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.job import Job, nested

log = logging.getLogger(__name__)

# The last line of a job's log that has come to its end.
USED = "used %.2f s of processor time and %d MiB; %.2f s to start (%s)"
START = "warm" if "crossbreed.jobs.warm_worker" in sys.orig_argv else "cold"

AnyJob = TypeVar("AnyJob", bound=Job)

# Scripts leave nothing behind but their outputs: no folder, no log file of Hydra's own.
_QUIET: dict[str, Any] = {"run": {"dir": "."}, "output_subdir": None}
_LOGGING_OFF = [{"override hydra/job_logging": "none"}, {"override hydra/hydra_logging": "none"}]


def run_job(job: type[AnyJob], work: Callable[[AnyJob], None]) -> None:
    """Read a job from the command line in Hydra's syntax and do the work.

    Prints one clear line and exits with 1 if the user can mend what went wrong.

    Parameters
    ----------
    job
        The script's parameters; each key must be on the command line.
    work
        What the script does.
    """
    name = Path(sys.argv[0]).stem
    node = {
        "defaults": ["_self_", *_LOGGING_OFF],
        "hydra": _QUIET | {"help": {"app_name": name, "template": _help(job)}},
        **skeleton(job),
    }
    ConfigStore.instance().store(name=name, node=node)

    def main(composed: DictConfig) -> None:
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
        )
        began = _processor_seconds()
        try:
            work(_read(job, composed))
        except CrossbreedError as error:
            sys.exit("\n".join(f"{name}: {line}" for line in str(error).splitlines()))
        except KeyboardInterrupt:
            sys.exit(f"{name}: interrupted")
        except OSError as error:
            sys.exit(f"{name}: {error.filename or 'a file'}: {error.strerror or error}")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        log.info(USED, _processor_seconds() - began, memory, began, START)

    # The script's own: of a function of this package's, Hydra would take the package's folders for
    # groups of configuration, so that no key could be named like one of them.
    main.__module__ = "__main__"
    hydra.main(version_base="1.3", config_path=None, config_name=name)(main)()


def _processor_seconds() -> float:
    """Return the processor time that this process and its children have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _read(job: type[AnyJob], composed: DictConfig) -> AnyJob:
    missing = sorted(OmegaConf.missing_keys(composed))
    if missing:
        raise CrossbreedError("\n".join(f"{key}: missing; it must be given" for key in missing))
    try:
        tree = OmegaConf.to_container(composed, resolve=True)
    except OmegaConfBaseException as error:
        raise CrossbreedError(f"{error.full_key}: {error.msg}") from error
    assert isinstance(tree, dict)
    try:
        return job.model_validate(tree)
    except ValidationError as error:
        raise CrossbreedError(explain(error.errors(), {str(k): v for k, v in tree.items()})) from (
            error
        )


def skeleton(settings: type[BaseModel]) -> dict[str, Any]:
    """Return the keys of a configuration, each still to be given."""
    keys: dict[str, Any] = {}
    for name, field in settings.model_fields.items():
        model = nested(field.annotation)
        keys[name] = skeleton(model) if model else "???"
    return keys


def _help(job: type[Job]) -> str:
    lines = [
        inspect.cleandoc(job.__doc__ or ""),
        "",
        f"python workflow/scripts/{job.script()} KEY=VALUE ...",
        "",
        "Snakemake prints the full command of a job with --printshellcmds. Keys:",
        *_describe(job, ""),
    ]
    return "\n".join(lines).replace("$", "$$")


def _describe(settings: type[BaseModel], prefix: str) -> list[str]:
    lines = []
    for name, field in settings.model_fields.items():
        model = nested(field.annotation)
        if model:
            lines += _describe(model, f"{prefix}{name}.")
        else:
            lines.append(f"  {prefix + name:28} {field.description or _kind(field.annotation)}")
    return lines


def _kind(annotation: Any) -> str:
    """Say in a word or two what a key holds."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(map(str, inner))
    if origin is Annotated:
        return _kind(inner[0])
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(map(_kind, inner)))
    if origin in (list, dict):
        return f"{origin.__name__} of {_kind(inner[-1])}"
    if nested(annotation):
        return "{" + ", ".join(annotation.model_fields) + "}"
    return "null" if annotation is NoneType else str(annotation.__name__).lower()
