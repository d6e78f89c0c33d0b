"""What follows from the tables of a reference: its comparisons of arms, its ledger, its answer."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crossbreed.claims.crossover import CrossoverResults
from crossbreed.claims.gender import GenderResults
from crossbreed.claims.ledger import as_table, digests, judge
from crossbreed.claims.page import claims_content
from crossbreed.claims.words import lines
from crossbreed.conditions_map import load_comparison
from crossbreed.conditions_map import summary as conditions_summary
from crossbreed.config.schema import Study
from crossbreed.files import write_csv, write_json, write_text
from crossbreed.plan import Plan
from crossbreed.reference.contents import (
    ANSWER,
    BY_EPOCH,
    COMPARISON,
    CONDITIONS,
    DIFFERENCES,
    LEDGER,
    LEDGER_IN_WORDS,
    OUTCOMES,
)
from crossbreed.statistics.contrasts import (
    as_table as comparison_table,
)
from crossbreed.statistics.contrasts import (
    compare_arms,
    declared_contrasts,
    differences_by_epoch,
    question,
)
from crossbreed.statistics.summary import summary


def derive(folder: Path, study: Study, root: Path) -> list[str]:
    """Write anew what follows from outcomes and evidence; return the names of these files.

    Parameters
    ----------
    folder
        A reference.
    study
        Its settings.
    root
        Folder of the checkout.
    """
    crossover, gender, names = None, None, [LEDGER, LEDGER_IN_WORDS, ANSWER]
    if "crossover" in study.studies:
        outcomes, by_epoch = pd.read_csv(folder / OUTCOMES), pd.read_csv(folder / BY_EPOCH)
        names += _compare(folder, study, outcomes, by_epoch)
        targets = pd.read_csv(folder / "crossover/targets.csv")
        events = Plan(study, root).first_events()
        crossover = CrossoverResults(outcomes, by_epoch, targets, events)
    if "gender" in study.studies:
        gender = GenderResults(
            pd.read_csv(folder / DIFFERENCES),
            pd.read_csv(folder / "gender/evidence.csv", dtype={"seed": str}),
            pd.read_csv(folder / "gender/published.csv"),
        )
    level = study.statistics.confidence
    if "conditions" in study.studies:
        names.append(_tell_conditions(folder, study))
    judged = judge(study.claims, crossover, gender, level)
    rules = digests(study.claims, level)
    write_csv(folder / LEDGER, as_table(judged))
    write_json(folder / LEDGER_IN_WORDS, claims_content(study.claims, judged, rules, level))
    write_text(folder / ANSWER, "\n".join(lines(study.claims, judged, rules, level)) + "\n")
    return names


def _tell_conditions(folder: Path, study: Study) -> str:
    name, given = "conditions/summary.txt", study.statistics
    told = conditions_summary(
        load_comparison(folder / CONDITIONS),
        given.primary.metric,
        given.margin.relative,
        given.confidence,
    )
    write_text(folder / name, told + "\n")
    return name


def _compare(
    folder: Path, study: Study, outcomes: pd.DataFrame, by_epoch: pd.DataFrame
) -> list[str]:
    given = study.statistics
    comparisons = compare_arms(outcomes, given, question(given, study.seed))
    contrasts = declared_contrasts(given, list(outcomes["arm"].unique()))
    along = differences_by_epoch(by_epoch, contrasts, given.confidence)
    names = ("crossover/differences_by_epoch.csv", "crossover/summary.txt")
    write_csv(folder / COMPARISON, comparison_table(comparisons))
    write_csv(folder / names[0], along)
    write_text(folder / names[1], summary(comparisons, given) + "\n")
    return [COMPARISON, *names]
