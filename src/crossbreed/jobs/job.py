"""The parameters of a job: one class for the plan, the command line and the script.

The plan makes an instance with what decides the job's results. `decided` writes it in Hydra's
syntax, `added` what the rule adds: paths, threads and what else decides no number. The script reads
both back into the same class (`crossbreed.jobs.command_line`).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from types import NoneType
from typing import Any, Self, get_args

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from crossbreed.config.base import Config
from crossbreed.config.overrides import override
from crossbreed.config.schema import Study

# The value, in OmegaConf's notation, of a key that the rule sets and not the plan.
MISSING: Any = "???"


class Job(Config):
    """Base of all jobs; keys that are `MISSING` decide no number and are set by the rule."""

    @classmethod
    def of(cls, study: Study, **values: Any) -> Self:
        """Return the job with the study's values under the keys that both have.

        Raises
        ------
        ValidationError
            If a key is unknown or missing, or its value is not allowed.
        """
        shared = {
            name: getattr(study, name)
            for name, field in cls.model_fields.items()
            if field.is_required() and name in Study.model_fields
        }
        return cls(**shared | values)

    @classmethod
    def script(cls) -> str:
        """Return the job's script below `workflow/scripts`: `crossover/train.py`."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        return f"{cls.__module__.split('.')[1]}/{name}.py"

    def decided(self) -> list[str]:
        """Return what decides the job's results, in Hydra's syntax."""
        return _overrides(type(self), {name: getattr(self, name) for name in self.model_fields_set})

    def added(self, files: Mapping[str, Any], **values: Any) -> list[str]:
        """Return what the rule sets, in Hydra's syntax.

        A key that may be null and has no value is null; any other the script names as missing.

        Parameters
        ----------
        files
            Paths of named inputs and outputs, each a key of the job.
        values
            What else decides no number; what the job does not have is left out.

        Raises
        ------
        ValueError
            If a file is no key of the job.
        """
        unset = {
            name: field.annotation
            for name, field in type(self).model_fields.items()
            if name not in self.model_fields_set
        }
        for name in files:
            if name not in unset:
                raise ValueError(f"{name} is no file of the job {self.script()}")
        values |= files
        nullable = [name for name, kind in unset.items() if NoneType in get_args(kind)]
        keys = [name for name in unset if name in values or name in nullable]
        return _overrides(type(self), {name: values.get(name) for name in keys})


def _overrides(model: type[BaseModel], values: Mapping[str, Any], prefix: str = "") -> list[str]:
    plain = to_jsonable_python(values)
    written: list[str] = []
    for name, field in model.model_fields.items():
        if name in plain:
            inner, key = nested(field.annotation), f"{prefix}{name}"
            written += (
                _overrides(inner, plain[name], f"{key}.") if inner else [override(key, plain[name])]
            )
    return written


def nested(annotation: Any) -> type[BaseModel] | None:
    """Return the configuration class that a key holds key by key; None: it is set as a whole."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return annotation
    return None
