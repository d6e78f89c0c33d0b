"""The experiments of a study: the crossover study itself, and again under each condition.

Experiments whose networks train alike before they breed share that training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study, merge_overrides
from crossbreed.config.schema import Study
from crossbreed.crossover.jobs import Condition, MapConditions
from crossbreed.crossover.plan import CrossoverPlan


def compose_conditions(folder: Path, user: Mapping[str, Any], study: Study) -> dict[str, Study]:
    """Return the study of each condition of a study, by its name.

    `folder` is `config/`, `user` what was given to Snakemake.

    Raises
    ------
    ConfigError
        If a condition's change makes a study that is not allowed.
    """
    composed: dict[str, Study] = {}
    made: dict[tuple[str, ...], Any] = {}
    for name, condition in study.conditions.items():
        changed = merge_overrides(user, {**condition.change, "studies": ["crossover"]})
        try:
            composed[name] = compose_study(folder, changed, made)
        except ConfigError as error:
            lines = [f"conditions.{name}.change: {line}" for line in str(error).splitlines()]
            raise ConfigError("\n".join(lines)) from error
    return composed


def make_plans(studies: Mapping[str, Study]) -> dict[str, CrossoverPlan]:
    """Return the plan of every experiment, and of those that hold what some of them share.

    What an experiment shares with the first, the crossover study itself, lies there. What others
    share lies in one named `shared/<digest>`, after all that it depends on, so that it stays where
    it is whichever experiments come and go.
    """
    made = {experiment: CrossoverPlan(study, experiment) for experiment, study in studies.items()}
    main, *conditions = made.values()
    holders: dict[str, CrossoverPlan] = {}

    def holder(plan: CrossoverPlan, content: list[str]) -> CrossoverPlan:
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:8]
        name = f"shared/{digest}"
        return holders.setdefault(name, CrossoverPlan(plan.study, name))

    for plan in conditions:
        content = plan.prepare().decided()
        same = content == main.prepare().decided()
        plan.examples = main.examples if same else holder(plan, content).examples
    for plan in conditions:
        content = plan.trunk_key()
        if content == main.trunk_key():
            plan.share_trunk(main)
        else:
            owner = holder(plan, content)
            owner.examples = plan.examples
            plan.share_trunk(owner)
    return made | holders


class ConditionsPlan:
    """What the rules of the map of conditions need to know.

    Parameters
    ----------
    study
        The study that names the conditions.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.results = f"results/{study.preset}"
        self.folder = f"{self.results}/conditions"
        self.figures = {"map": "Where breeding helps and where it hurts"}
        self.tables = {"conditions": "Every condition"}
        self.raw = f"results/data/{study.dataset.name}"

    def comparisons(self) -> dict[str, str]:
        """Return the comparison of arms (CSV) under each condition."""
        return {
            name: f"{self.results}/{experiment_of(name)}/comparison.csv"
            for name in self.study.conditions
        }

    def before_the_run(self) -> str:
        """Say in a line what the study can show."""
        # Loaded where it is needed: it takes a second.
        from crossbreed.statistics.power import before_the_run

        declared, runs = self.study.statistics, self.study.runs
        can = before_the_run(runs, declared.confidence, declared.power)
        each = f"{runs} run{'' if runs == 1 else 's'} of each"
        return f"Map of {len(self.study.conditions)} conditions, {each}: {can}."

    def map_conditions(self) -> MapConditions:
        """Return the drawing of the map."""
        study = self.study
        return MapConditions(
            conditions=[
                Condition(
                    name=name,
                    label=study.conditions[name].label,
                    group=study.conditions[name].group,
                    table=Path(table),
                )
                for name, table in self.comparisons().items()
            ],
            labels={name: study.arm[name].label for name in study.arms},
            metrics=[study.statistics.primary.metric, "test_loss"],
            margin=study.statistics.margin.relative,
            confidence=study.statistics.confidence,
        )


def experiment_of(condition: str) -> str:
    """Return the folder of a condition, below the preset's results."""
    return f"conditions/{condition}"
