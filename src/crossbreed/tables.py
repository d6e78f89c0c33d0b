"""The comparison of arms as a page that people read."""

from __future__ import annotations

import pandas as pd

from crossbreed.page import page, table
from crossbreed.statistics import MISSING, Comparison, listed

_INTRODUCTION = """<h1>Arms against {reference}, best network, {runs} runs</h1>
<p>Differences are paired by run, with {confidence} bootstrap intervals (BCa). Losses: geometric
mean of the ratio, less 1. Accuracy: mean difference in percentage points. p values are two-sided
and not corrected for the number of comparisons. With few runs, bootstrap intervals are too
narrow.</p>"""


def comparison_page(comparisons: list[Comparison], reference: str, confidence: float) -> str:
    """Return a page with a table for each epoch and metric, the last epoch first.

    Parameters
    ----------
    comparisons
        What to show, in the order of rows.
    reference
        The arm compared with.
    confidence
        Level of the intervals.
    """
    groups: dict[tuple[int, str], list[Comparison]] = {}
    for one in comparisons:
        groups.setdefault((-one.epoch, one.metric), []).append(one)
    tables = []
    for (epoch, metric), members in sorted(groups.items(), key=lambda item: item[0][0]):
        rows = pd.DataFrame([_row(one, reference) for one in members])
        heading = f"<h2>{metric.replace('_', ' ').capitalize()} at epoch {-epoch}</h2>"
        if all(one.p_paired_t is None and one.difference == 0 for one in members):
            tables.append(f"{heading}<p>No arm differs: up to here all share their training.</p>")
        else:
            tables.append(heading + table(rows))
    counts = sorted({one.runs for one in comparisons})
    if any(one.missing_runs for one in comparisons):
        tables.insert(0, f"<p><strong>{MISSING}</strong></p>")
    introduction = _INTRODUCTION.format(
        reference=reference,
        runs=" to ".join(str(count) for count in (counts[:1] + counts[1:][-1:])),
        confidence=f"{100 * confidence:g}%",
    )
    return page("Comparison of arms", [introduction, *tables])


def _row(one: Comparison, reference: str) -> dict[str, str]:
    relative = one.kind == "relative"
    unit = "%" if relative else " pp"

    def shown(value: float | None) -> str:
        return "none" if value is None else f"{100 * value:+.1f}{unit}"

    def probability(value: float | None) -> str:
        return "none" if value is None else f"{value:.2g}"

    def mean(value: float | None) -> str:
        if value is None:
            return "none"
        return f"{value:.4f}" if relative else f"{value:.1%}"

    return {
        "arm": one.arm,
        reference: mean(one.reference_mean),
        "arm's mean": mean(one.arm_mean),
        "difference": shown(one.difference),
        "interval": f"{shown(one.interval_low)} to {shown(one.interval_high)}"
        if one.interval_low is not None
        else "none",
        "p (paired t)": probability(one.p_paired_t),
        "p (Wilcoxon)": probability(one.p_wilcoxon),
        "runs": str(one.runs),
        "missing runs": listed(one.missing_runs) or "none",
    }
