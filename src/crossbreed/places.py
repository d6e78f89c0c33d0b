"""All the places where a study trains: the crossover study itself, and each of its conditions.

Places whose networks train alike before they breed share that training: the first of them owns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study, lay_over
from crossbreed.config.schema import Study
from crossbreed.plan import Plan


def compose_conditions(folder: Path, user: Mapping[str, Any], study: Study) -> dict[str, Study]:
    """Return the study of each condition, by its name.

    Parameters
    ----------
    folder
        The folder `config/`.
    user
        What was given to Snakemake.
    study
        The study that names the conditions.

    Raises
    ------
    ConfigError
        If a condition's change makes a study that is not allowed.
    """
    composed: dict[str, Study] = {}
    made: dict[tuple[str, ...], Any] = {}
    for name, condition in study.conditions.items():
        changed = lay_over(folder, user, {**condition.change, "studies": ["crossover"]})
        try:
            composed[name] = compose_study(folder, changed, made)
        except ConfigError as error:
            lines = [f"conditions.{name}.change: {line}" for line in str(error).splitlines()]
            raise ConfigError("\n".join(lines)) from error
    return composed


def plans(studies: Mapping[str, Study], root: Path) -> dict[str, Plan]:
    """Return the plan of every place, examples and trunks shared.

    Parameters
    ----------
    studies
        By place, see `place_of`; an owner comes before those who share with it.
    root
        Folder of the checkout.
    """
    made: dict[str, Plan] = {}
    for place, study in studies.items():
        plan = Plan(study, root, place)
        plan.share(list(made.values()))
        made[place] = plan
    return made


def place_of(condition: str) -> str:
    """Return the folder of a condition, below the preset's results."""
    return f"conditions/{condition}"
