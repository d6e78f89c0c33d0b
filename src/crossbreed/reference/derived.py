"""What follows from the tables of a reference: its comparisons of arms, its ledger, its answer."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crossbreed.config.schema import Study
from crossbreed.crossover.plan import CrossoverPlan
from crossbreed.crossover.results.claims import CrossoverResults
from crossbreed.crossover.results.conditions import load_comparison
from crossbreed.crossover.results.conditions import summary as conditions_summary
from crossbreed.crossover.results.contrasts import (
    compare_arms,
    declared_contrasts,
    differences_by_epoch,
)
from crossbreed.crossover.results.outcomes import outcomes_by_epoch
from crossbreed.crossover.results.summary import summary
from crossbreed.errors import CrossbreedError
from crossbreed.gender.results.claims import GenderResults
from crossbreed.reference.contents import (
    ALONG,
    ANSWER,
    BY_EPOCH,
    COMPARISON,
    CONDITIONS,
    CONDITIONS_IN_WORDS,
    CURVES,
    DIFFERENCES,
    EFFECTS,
    IN_WORDS,
    LEDGER,
    LEDGER_IN_WORDS,
    OUTCOMES,
)
from crossbreed.reference.reading import read_table, sensible
from crossbreed.report.claims.ledger import Judged, as_table, digests, judge
from crossbreed.report.claims.page import claims_content, lines
from crossbreed.storage.files import write_csv, write_json, write_text


def derive(folder: Path, study: Study, before: Mapping[str, Any]) -> list[str]:
    """Write anew what follows from outcomes and evidence; return the names of these files.

    Comparisons of arms are drawn anew only where they, or how they are told, have changed.

    Parameters
    ----------
    folder
        A reference.
    study
        Its settings.
    before
        Those with which it was made, or last derived.

    Raises
    ------
    CrossbreedError
        If a table is missing or damaged.
    """
    names, level = [LEDGER, LEDGER_IN_WORDS, ANSWER], study.statistics.confidence
    with sensible(folder):
        if "crossover" in study.studies:
            names += _compare(folder, study, before)
        if "conditions" in study.studies:
            names.append(_tell_conditions(folder, study))
        judged = judge_again(folder, study)
    rules = digests(study.claims, level)
    write_csv(folder / LEDGER, as_table(judged))
    content = claims_content(study.claims, judged, rules, level)
    write_json(folder / LEDGER_IN_WORDS, content)
    write_text(folder / ANSWER, "\n".join(lines(content)) + "\n")
    return names


def judge_again(folder: Path, study: Study) -> list[Judged]:
    """Judge all claims by the tables of results or of a reference.

    Parameters
    ----------
    folder
        Where the tables are.
    study
        The settings.

    Raises
    ------
    CrossbreedError
        If a table is missing or damaged.
    """
    crossover, gender = None, None
    if "crossover" in study.studies:
        crossover = CrossoverResults(
            _read_outcomes(folder),
            read_by_epoch(folder),
            read_table(folder / "crossover/targets.csv", ["arm", "target"]),
            # No code is asked for, so it does not matter where that is.
            CrossoverPlan(study).first_events(),
        )
    if "gender" in study.studies:
        gender = GenderResults(
            read_table(folder / DIFFERENCES, ["contrast", "metric"]),
            read_table(folder / "gender/evidence.csv", ["seed"], dtype={"seed": str}),
            read_table(folder / "gender/published.csv", ["mode", "metric"]),
        )
    return judge(study.claims, crossover, gender, study.statistics.confidence)


def read_by_epoch(folder: Path) -> pd.DataFrame:
    """Return the outcomes after every epoch, of results from their learning curves.

    Raises
    ------
    CrossbreedError
        If the table is missing or damaged.
    """
    numbers = ["run", "epoch", "validation_loss"]
    if not (folder / CURVES).is_file():
        return read_table(folder / BY_EPOCH, ["arm"], [*numbers, "best_train_loss"])
    return outcomes_by_epoch(read_table(folder / CURVES, ["arm"], [*numbers, "train_loss"]))


def _read_outcomes(folder: Path) -> pd.DataFrame:
    return read_table(folder / OUTCOMES, ["arm"], ["run", "epoch"])


def _draw_effects(folder: Path, study: Study) -> None:
    # matplotlib takes a second, and is needed only where a comparison has changed.
    from crossbreed.crossover.figures.effects import forest
    from crossbreed.figures.style import save_figure

    figure = forest(
        read_table(folder / COMPARISON),
        {name: study.arm[name].label for name in study.arms},
        study.statistics.margin.model_dump(),
        study.statistics.confidence,
    )
    save_figure(figure, folder / EFFECTS)


def _tell_conditions(folder: Path, study: Study) -> str:
    given = study.statistics
    told = conditions_summary(
        load_comparison(folder / CONDITIONS),
        given.primary.metric,
        given.margin.relative,
        given.confidence,
    )
    write_text(folder / CONDITIONS_IN_WORDS, told + "\n")
    return CONDITIONS_IN_WORDS


def _compare(folder: Path, study: Study, before: Mapping[str, Any]) -> list[str]:
    given, outcomes = study.statistics, _read_outcomes(folder)
    comparisons = compare_arms(outcomes, given, study.seed)
    contrasts = declared_contrasts(given, list(outcomes["arm"].unique()))
    along = differences_by_epoch(read_by_epoch(folder), contrasts, given.confidence)
    other = _renew(folder / COMPARISON, comparisons)
    _renew(folder / ALONG, along)
    write_text(folder / IN_WORDS, summary(comparisons, given) + "\n")
    names = [COMPARISON, ALONG, IN_WORDS]
    if other or before.get("statistics") != given.model_dump(mode="json"):
        _draw_effects(folder, study)
        names.append(EFFECTS)
    return names


def _renew(path: Path, table: pd.DataFrame) -> bool:
    """Write a table unless one is there that differs by rounding only; tell whether it did.

    Other processors round the last digits in another way, which changes no number.
    """
    made = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    try:
        pd.testing.assert_frame_equal(read_table(path), made, rtol=1e-9, atol=1e-12)
    except (AssertionError, CrossbreedError):
        write_csv(path, table)
        return True
    return False
