"""The ledger in words: numbers as readers write them, and the answer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from crossbreed.config.claims import (
    Claim,
    DifferenceOfArms,
    DifferenceOfModes,
    QuantileOfRuns,
    Source,
    Statistic,
)
from crossbreed.crossover.results.contrasts import UNDEFINED
from crossbreed.crossover.results.outcomes import LOSSES
from crossbreed.crossover.results.summary import named, percent
from crossbreed.report.claims.ledger import Judged

NONE = "none"
_UNITS = {"training_minutes": "min", "tokens_per_second": "characters/s"}
NOT_MEASURED = "Nothing was measured"


def shown(statistic: Statistic, value: float | None) -> str:
    """Write a value of a statistic with its unit."""
    if value is None or math.isnan(value):
        return NONE
    match statistic.kind:
        case "difference_of_arms" | "quantile_of_runs":
            return f"{percent(value)} {'%' if statistic.metric in LOSSES else 'pp'}"
        case "share_in_half":
            return f"{100 * value:.0f} %"
        case "difference_of_modes":
            return f"{value:+.3f} {_UNITS.get(statistic.metric, 'nats')}"
        case "published_difference":
            return f"{value:+.4f} nats"
        case "published_rank":
            return f"{value:g}"
        case "rank_agreement":
            return f"{value:+.2f} tau"


def interval(judged: Judged) -> str:
    """Write the interval of a claim's statistic."""
    low, high = judged.measured.low, judged.measured.high
    if math.isnan(low):
        return NONE
    start, *_ = shown(judged.claim.statistic, low).split()
    over = f", over {judged.measured.over}" if judged.measured.over == "table" else ""
    return f"{start} to {shown(judged.claim.statistic, high)}{over}"


def rule(claim: Claim) -> str:
    """Say where the statistic must lie for its claim to hold, and what counts as no difference."""
    statistic, holds = claim.statistic, claim.holds
    above, below = (
        None if bound is None else "0" if bound == 0 else shown(statistic, bound)
        for bound in (holds.above, holds.below)
    )
    if above and below:
        return f"from {above} to {below}"
    margin = (
        "" if claim.margin is None else f", margin {shown(statistic, claim.margin).lstrip('+')}"
    )
    return f"below {below}{margin}" if below else f"above {above}{margin}"


def answer(source: Source, claims: Sequence[Judged], confidence: float) -> list[str]:
    """Answer a source's question in two sentences, from its judged claims alone."""
    main = next(judged for judged in claims if judged.name == source.main)
    verdict = str(main.verdict)
    if verdict == "inconclusive":
        verdict = "neither supported nor contradicted"
    elif verdict == "equivalent":
        margin = shown(main.claim.statistic, main.claim.margin).lstrip("+")
        verdict = f"not supported: differences of less than {margin} count as none"
    counts = Counter(judged.verdict for judged in claims)
    equivalent = ""
    if any(judged.claim.margin for judged in claims):
        equivalent = f", {counts['equivalent']} equivalent (no difference that counts)"
    are = "is" if counts["supported"] == 1 else "are"
    first = f"{_result(main, confidence)}, so the main claim of the {source.label} is {verdict}."
    if len(claims) == 1:
        return [first, "It is the only claim."]
    return [
        first,
        f"Of its {len(claims)} claims, stated or implied, {counts['supported']} {are} supported, "
        f"{counts['contradicted']} contradicted{equivalent} and {counts['inconclusive']} "
        "inconclusive.",
    ]


def _result(main: Judged, confidence: float) -> str:
    """Say what was measured for the main claim."""
    statistic, measured = main.claim.statistic, main.measured
    runs = f"{measured.runs} {'search seed' if 'mode' in statistic.kind else 'run'}"
    runs += "" if measured.runs == 1 else "s"
    if math.isnan(measured.value):
        if not measured.runs or not isinstance(statistic, DifferenceOfArms | QuantileOfRuns):
            return NOT_MEASURED
        arms = f"{statistic.arm} and {statistic.reference} in {named(statistic.metric).lower()}"
        return f"The relative difference of {arms} is {UNDEFINED} ({runs})"
    certainty = "no interval"
    if not math.isnan(measured.low):
        certainty = f"{100 * confidence:g} % interval {interval(main)}"
    if isinstance(statistic, DifferenceOfArms):
        ours, theirs = statistic.arm, statistic.reference
    elif isinstance(statistic, DifferenceOfModes) and " - " in statistic.contrast:
        ours, _, theirs = statistic.contrast.partition(" - ")
    else:
        kind = statistic.kind.replace("_", " ")
        return f"The {kind} is {shown(statistic, measured.value)} ({certainty}, {runs})"
    than = "the same as"
    if measured.value:
        size = shown(statistic, measured.value).lstrip("+-")
        than = f"{size} {'higher' if measured.value > 0 else 'lower'} than"
    metric = named(statistic.metric).lower()
    return f"At the end {ours}'s {metric} is {than} that of {theirs} ({certainty}, {runs})"
