"""The comparison of arms as a page that people read."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crossbreed.config.comparison import Statistics
from crossbreed.page import page, table
from crossbreed.statistics.contrasts import MISSING, NO_CONTRAST, UNDEFINED, Comparison, listed
from crossbreed.statistics.summary import named, percent

_INTRODUCTION = """<h1>Arms compared, {runs} runs</h1>
<p>Differences are paired by run. Losses: geometric mean of the ratio, less 1; accuracy: mean
difference in percentage points. Intervals are {confidence} t intervals (of losses, on logarithms);
beside them bootstrap intervals (BCa), too narrow with few runs. <em>primary</em> marks the one
comparison that the study is made for; p (Holm) is that of the paired t-test, corrected for all
others at the same epoch. p (Welch) takes runs as unpaired. p (equivalence) is small where the
difference is within {relative} (losses) or {absolute} (accuracy): then arms are the same for all
practical purposes. IQM: difference of the middle half of the runs. P(better): probability that a
run of the arm beats a run of the reference. Detectable: smallest difference that as many runs find
at {power} power; needed: runs for a difference of {wanted} at that power.</p>"""


def comparison_page(comparisons: Sequence[Comparison], given: Statistics) -> str:
    """Return a page with a table for each epoch and metric, the last epoch first.

    Parameters
    ----------
    comparisons
        What to show, in the order of rows.
    given
        What was declared.
    """
    if not comparisons:
        return page("Comparison of arms", [f"<h1>Arms compared</h1><p>{NO_CONTRAST}.</p>"])
    groups: dict[tuple[int, str], list[Comparison]] = {}
    for one in comparisons:
        groups.setdefault((-one.epoch, one.metric), []).append(one)
    tables = []
    for (epoch, metric), members in sorted(groups.items(), key=lambda item: item[0][0]):
        heading = f"<h2>{named(metric)} at epoch {-epoch}</h2>"
        if all(one.answer.p_paired_t is None and one.answer.difference == 0 for one in members):
            tables.append(f"{heading}<p>No arm differs in any run.</p>")
        else:
            tables.append(heading + table(comparison_rows(members)))
    counts = sorted({one.answer.runs for one in comparisons})
    if any(one.missing_runs for one in comparisons):
        tables.insert(0, f"<p><strong>{MISSING}</strong></p>")
    introduction = _INTRODUCTION.format(
        runs=" to ".join(str(count) for count in (counts[:1] + counts[1:][-1:])),
        confidence=f"{100 * given.confidence:g}%",
        relative=f"{100 * given.margin.relative:g}%",
        absolute=f"{100 * given.margin.absolute:g} pp",
        power=f"{100 * given.power:g}%",
        wanted=f"{100 * given.wanted_effect:g}%",
    )
    return page("Comparison of arms", [introduction, *tables])


def comparison_rows(members: Sequence[Comparison]) -> pd.DataFrame:
    """Return comparisons as a table of texts for readers."""
    return pd.DataFrame([_row(one) for one in members])


def _row(one: Comparison) -> dict[str, str]:
    answer = one.answer
    relative = one.kind == "relative"
    unit = "%" if relative else " pp"
    undefined = answer.difference is None and answer.runs

    def shown(value: float | None, sign: str = "+") -> str:
        return "none" if value is None else f"{percent(value, sign)}{unit}"

    def interval(low: float | None, high: float | None) -> str:
        return "none" if low is None else f"{shown(low)} to {shown(high)}"

    def number(value: float | None) -> str:
        return "none" if value is None else f"{value:.2g}"

    def mean(value: float | None) -> str:
        if value is None:
            return "none"
        return f"{value:.4f}" if relative else f"{value:.1%}"

    return {
        "arm": one.arm + (" (primary)" if one.primary else ""),
        "against": one.reference,
        "arm's mean": mean(one.arm_mean),
        "other's mean": mean(one.reference_mean),
        "difference": UNDEFINED if undefined else shown(answer.difference),
        "interval": interval(answer.interval_low, answer.interval_high),
        "BCa": interval(answer.bca_low, answer.bca_high),
        "p (paired t)": number(answer.p_paired_t),
        "p (Holm)": number(one.p_holm),
        "p (Wilcoxon)": number(answer.p_wilcoxon),
        "p (Welch)": number(answer.p_welch),
        "p (equivalence)": number(answer.p_equivalence),
        "effect size": number(answer.effect_size),
        "IQM": shown(answer.interquartile_mean),
        "P(better)": number(answer.probability_of_improvement),
        "detectable": shown(answer.smallest_detectable, ""),
        "needed": str(answer.runs_needed or "none"),
        "runs": str(answer.runs),
        "missing runs": listed(one.missing_runs) or "none",
    }
