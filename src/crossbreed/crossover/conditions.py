"""All the places where a study trains: the crossover study itself, and each of its conditions.

Places whose networks train alike before they breed share that training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study, lay_over
from crossbreed.config.schema import Study
from crossbreed.crossover.plan import Plan


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
    """Return the plan of every place, and of those that hold what some of them share.

    What a place shares with the first lies there. What others share lies in a place named by a
    digest of all that it depends on, so that it stays where it is whichever places come and go.

    Parameters
    ----------
    studies
        By place; the first is the crossover study itself.
    root
        Folder of the checkout.

    Returns
    -------
    dict
        By place: those given, then `shared/<digest>`.
    """
    made = {place: Plan(study, root, place) for place, study in studies.items()}
    main, *others = made.values()
    holders: dict[str, Plan] = {}

    def holder(plan: Plan, content: list[str]) -> Plan:
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:8]
        return holders.setdefault(f"shared/{digest}", Plan(plan.study, root, f"shared/{digest}"))

    for plan in others:
        content = plan.prepare_told()
        same = content == main.prepare_told()
        plan.examples = main.examples if same else holder(plan, content).examples
    for plan in others:
        content = plan.trunk_told()
        if content == main.trunk_told():
            plan.take_trunk_of(main)
        else:
            owner = holder(plan, content)
            owner.examples = plan.examples
            plan.take_trunk_of(owner)
    return made | holders


def place_of(condition: str) -> str:
    """Return the folder of a condition, below the preset's results."""
    return f"conditions/{condition}"
