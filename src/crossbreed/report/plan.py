"""The answer and the page as files: what each is made from, what its job is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from crossbreed.config.schema import Data, Study
from crossbreed.report.jobs import (
    CrossoverTables,
    Figure,
    GenderTables,
    JudgeClaims,
    Provenance,
    Table,
    WritePage,
)

# Of each study: the tables that its claims are judged by, those that hold its numbers, and the
# captions of its figures.
JUDGED: dict[str, type[CrossoverTables | GenderTables]] = {
    "crossover": CrossoverTables,
    "gender": GenderTables,
}
NUMBERS = {
    "crossover": ("curves", "best"),
    "gender": ("individuals", "finals"),
    "conditions": ("conditions",),
}
CAPTIONS = {"crossover": "{}.rst", "gender": "gender_{}.rst", "conditions": "conditions_{}.rst"}


# The rule that compares what a study is about.
COMPARES = {"crossover": "compare", "gender": "tabulate_modes", "conditions": "map_conditions"}


class StudyPlan(Protocol):
    """What a study has to show."""

    folder: str
    raw: str
    """Folder of its data set."""
    figures: dict[str, str]
    """Figures by the stems of their files, with their titles."""
    tables: dict[str, str]
    """Tables by the stems of their files, with their titles."""

    def before_the_run(self) -> str:
        """Say in a line what it can show."""


class ReportPlan:
    """What the rules need to know that judge the claims and write the page.

    Parameters
    ----------
    study
        The resolved configuration.
    plans
        The plans of its studies, by their names.
    events
        Epoch of the first event of each arm that has one.
    """

    def __init__(
        self, study: Study, plans: Mapping[str, StudyPlan], events: Mapping[str, int]
    ) -> None:
        self.study = study
        self.plans = {name: plans[name] for name in study.studies}
        self.events = dict(events)
        self.origins = sorted({f"{plan.raw}/origins.json" for plan in self.plans.values()})
        self.numbers = [
            f"{plan.folder}/{table}.csv"
            for name, plan in self.plans.items()
            for table in NUMBERS[name]
        ]
        self.summaries = {name: f"{plan.folder}/summary.txt" for name, plan in self.plans.items()}
        self.judged: dict[str, dict[str, str]] = {
            name: {table: f"{plan.folder}/{table}.csv" for table in JUDGED[name].model_fields}
            for name, plan in self.plans.items()
            if name in JUDGED
        }

    def before_the_run(self, rules: Collection[str]) -> list[str]:
        """Say of the studies that some rules make anew what they can show."""
        return [
            plan.before_the_run() for name, plan in self.plans.items() if COMPARES[name] in rules
        ]

    def shown(self) -> list[str]:
        """Return the figures and tables on the page."""
        page = self.write_page()
        figures = [figure.path for of_study in page.figures.values() for figure in of_study]
        tables = [table.path for of_study in page.tables.values() for table in of_study]
        return [str(path) for path in (*figures, *tables)]

    def judge_claims(self) -> JudgeClaims:
        """Return the judging of the claims."""
        return JudgeClaims.of(
            self.study,
            confidence=self.study.statistics.confidence,
            events=self.events,
            **{name: self.judged.get(name) for name in JUDGED},
        )

    def provenance(self) -> Provenance:
        """Return the record of all that the study was made with."""
        # Without the mirror: the study is the same wherever its data came from.
        study = self.study.model_copy(update={"data": Data(mirror=None)})
        return Provenance(study=study, origins=[Path(path) for path in self.origins])

    def write_page(self) -> WritePage:
        """Return the page."""
        return WritePage(
            figures={
                name: [
                    Figure(
                        path=Path(f"{plan.folder}/{figure}.svg"),
                        title=title,
                        caption=CAPTIONS[name].format(figure),
                    )
                    for figure, title in plan.figures.items()
                ]
                for name, plan in self.plans.items()
            },
            tables={
                name: [
                    Table(path=Path(f"{plan.folder}/{table}.csv"), title=title)
                    for table, title in plan.tables.items()
                ]
                for name, plan in self.plans.items()
            },
        )
