"""What follows from the tables of a reference: its comparisons of arms, its ledger, its answer."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from crossbreed.config.schema import Study
from crossbreed.crossover.plan import CrossoverPlan
from crossbreed.crossover.results.claims import CrossoverResults
from crossbreed.crossover.results.contrasts import (
    compare_arms,
    declared_contrasts,
    differences_by_epoch,
)
from crossbreed.crossover.results.outcomes import outcomes_by_epoch
from crossbreed.crossover.results.summary import summary
from crossbreed.gender.results.claims import GenderResults
from crossbreed.reference.contents import (
    BY_EPOCH,
    COMPARISON,
    CURVES,
    DIFFERENCES,
    LEDGER,
    read_table,
    readable,
)
from crossbreed.report.claims.ledger import Judged, as_table, digests, judge
from crossbreed.report.claims.page import claims_content, lines
from crossbreed.storage.files import write_csv, write_json, write_text


def derive(folder: Path, study: Study) -> None:
    """Write anew what follows from outcomes and evidence.

    Tables that come out the same but for rounding stay, and so does the drawing of effects. Of a
    map of conditions nothing follows: a reference has no comparisons that it could be drawn from.

    Raises
    ------
    CrossbreedError
        If a table is missing or damaged.
    """
    level = study.statistics.confidence
    with readable(folder):
        if "crossover" in study.studies:
            _compare(folder, study)
        judged = _judge(folder, study)
        rules = digests(study.claims, level)
        _renew(folder / LEDGER, as_table(judged))
        content = claims_content(study.claims, judged, rules, level)
        write_json(folder / "claims.json", content)
        write_text(folder / "answer.txt", "\n".join(lines(content)) + "\n")


def read_by_epoch(folder: Path) -> pd.DataFrame:
    """Return the outcomes after every epoch, of results from their learning curves."""
    if (folder / CURVES).is_file():
        return outcomes_by_epoch(read_table(folder / CURVES))
    return read_table(folder / BY_EPOCH)


def _judge(folder: Path, study: Study) -> list[Judged]:
    """Judge all claims by the tables of a reference."""
    crossover, gender = None, None
    if "crossover" in study.studies:
        crossover = CrossoverResults(
            read_table(folder / "crossover/outcomes.csv"),
            read_by_epoch(folder),
            read_table(folder / "crossover/targets.csv"),
            CrossoverPlan(study).first_events(),
        )
    if "gender" in study.studies:
        gender = GenderResults(
            read_table(folder / DIFFERENCES),
            read_table(folder / "gender/evidence.csv", dtype={"seed": str}),
            read_table(folder / "gender/published.csv"),
        )
    return judge(study.claims, crossover, gender, study.statistics.confidence)


def _compare(folder: Path, study: Study) -> None:
    statistics, outcomes = study.statistics, read_table(folder / "crossover/outcomes.csv")
    comparisons = compare_arms(outcomes, statistics, study.seed)
    contrasts = declared_contrasts(statistics, list(outcomes["arm"].unique()))
    along = differences_by_epoch(read_by_epoch(folder), contrasts, statistics.confidence)
    changed = _renew(folder / COMPARISON, comparisons)
    _renew(folder / "crossover/differences_by_epoch.csv", along)
    write_text(folder / "crossover/summary.txt", summary(comparisons, statistics) + "\n")
    if changed:
        _draw_effects(folder, study)


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
    save_figure(figure, folder / "crossover/effects.svg")


def _renew(path: Path, table: pd.DataFrame) -> bool:
    """Write a table unless one is there that differs by rounding only; tell whether it did.

    Other processors round the last digits in another way, which changes no number.
    """
    made = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    try:
        pd.testing.assert_frame_equal(pd.read_csv(path), made, rtol=1e-9, atol=1e-12)
    except (AssertionError, OSError, ValueError):
        write_csv(path, table)
        return True
    return False
