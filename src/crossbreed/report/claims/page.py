"""The ledger as content of a page, and as the lines at the end of a run."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from crossbreed.config.claims import Source
from crossbreed.report.claims.ledger import Judged, in_order
from crossbreed.report.claims.words import answer, interval, rule, shown


def claims_content(
    sources: Mapping[str, Source],
    judged: Sequence[Judged],
    rules: Mapping[str, str],
    confidence: float,
) -> list[dict[str, Any]]:
    """Return, for each source that was judged, its question, answer, rules' digest and claims.

    Parameters
    ----------
    sources
        By name.
    judged
        All claims.
    rules
        The digest of each source's rules.
    confidence
        Level of the intervals.

    Returns
    -------
    list of dict
        source, label, study, question, answer (two sentences), rules (digest), confidence, claims:
        texts, as readers see them.
    """
    content = []
    for name, source in in_order(sources).items():
        claims = [entry for entry in judged if entry.source == name]
        if claims:
            content.append(
                {
                    "source": name,
                    "label": source.label,
                    "study": source.study,
                    "question": source.question,
                    "answer": answer(source, claims, confidence),
                    "rules": rules[name],
                    "confidence": confidence,
                    "claims": [_row(entry) for entry in claims],
                }
            )
    return content


def _row(judged: Judged) -> dict[str, str]:
    statistic, measured = judged.claim.statistic, judged.measured
    return {
        "claim": judged.name.replace("_", " "),
        "verdict": judged.verdict,
        "statement": judged.claim.statement,
        "published": shown(statistic, judged.claim.published),
        "measured": shown(statistic, measured.value),
        "interval": interval(judged),
        "holds if": rule(judged.claim),
        "runs": str(measured.runs),
        "p": "none" if math.isnan(measured.p) else f"{measured.p:.2g}",
    }


def lines(content: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return `claims_content` as lines of text, source by source, the answer first."""
    text = []
    for source in content:
        text.append(f"Claims of the {source['label']}, rules {source['rules']}:")
        text += textwrap.wrap(" ".join(source["answer"]), 100)
        width = max(len(row["claim"]) for row in source["claims"])
        for row in source["claims"]:
            name = row["claim"].replace(" ", "_")
            text.append(
                f"  {row['verdict']:12}  {name:{width}}  "
                f"{row['measured']} ({row['interval']}); holds {row['holds if']}"
            )
    return text


def how_verdicts_follow(source: Mapping[str, Any]) -> str:
    """Say how a source's verdicts come about."""
    return (
        f"By the rules of config/claims/{source['source']}.yaml (digest "
        f"{source['rules']}) a claim is supported if the whole {100 * source['confidence']:g} % "
        "interval of its statistic lies where the claim holds, contradicted if none of it does, "
        "inconclusive otherwise or with too few runs; where there is a margin, first of all "
        "equivalent if the interval lies within it on either side of 0. Each claim is judged by "
        "itself, without correction for their number."
    )
