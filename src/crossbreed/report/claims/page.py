"""The ledger as content of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossbreed.config.claims import Source
from crossbreed.report.claims.ledger import Judged, absent, in_order
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
    made = []
    for name, source in in_order(sources).items():
        claims = [one for one in judged if one.source == name]
        if claims:
            made.append(
                {
                    "source": name,
                    "label": source.label,
                    "study": source.study,
                    "question": source.question,
                    "answer": answer(source, claims, confidence),
                    "rules": rules[name],
                    "confidence": confidence,
                    "claims": [_row(one) for one in claims],
                }
            )
    return made


def _row(one: Judged) -> dict[str, str]:
    statistic, measured = one.claim.statistic, one.measured
    return {
        "claim": one.name.replace("_", " "),
        "verdict": one.verdict,
        "statement": one.claim.statement,
        "published": shown(statistic, one.claim.published),
        "measured": shown(statistic, measured.value),
        "interval": interval(one),
        "holds if": rule(statistic, one.claim.holds),
        "runs": str(measured.runs),
        "p": "none" if absent(measured.p) else f"{measured.p:.2g}",
    }


def how_verdicts_follow(source: Mapping[str, Any]) -> str:
    """Say how a source's verdicts come about."""
    return (
        f"By the rules of config/claims/{source['source']}.yaml (digest "
        f"{source['rules']}) a claim is supported if the whole {100 * source['confidence']:g} % "
        "interval of its statistic lies where the claim holds, contradicted if none of it does, "
        "inconclusive otherwise or with too few runs. Each claim is judged by itself, without "
        "correction for their number."
    )
