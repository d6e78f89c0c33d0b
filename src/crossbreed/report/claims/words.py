"""The ledger in words: numbers as readers write them, and the answer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from crossbreed.config.claims import (
    DifferenceOfArms,
    DifferenceOfModes,
    QuantileOfRuns,
    Region,
    Source,
    Statistic,
)
from crossbreed.crossover.results.contrasts import UNDEFINED
from crossbreed.crossover.results.outcomes import LOSSES
from crossbreed.crossover.results.summary import named, percent
from crossbreed.report.claims.ledger import Judged

NONE = "none"
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
            unit = "min" if statistic.metric == "training_minutes" else "nats"
            return f"{value:+.3f} {unit}"
        case "published_difference":
            return f"{value:+.4f} nats"
        case "rank_agreement":
            return f"{value:+.2f} tau"


def interval(judged: Judged) -> str:
    """Write the interval of a claim's statistic."""
    low, high = judged.measured.low, judged.measured.high
    if math.isnan(low):
        return NONE
    start, *_ = shown(judged.claim.statistic, low).split()
    return f"{start} to {shown(judged.claim.statistic, high)}"


def rule(statistic: Statistic, holds: Region) -> str:
    """Say where the statistic must lie for its claim to hold."""
    above, below = (
        None if bound is None else "0" if bound == 0 else shown(statistic, bound)
        for bound in (holds.above, holds.below)
    )
    if above and below:
        return f"from {above} to {below}"
    return f"below {below}" if below else f"above {above}"


def answer(source: Source, claims: Sequence[Judged], confidence: float) -> list[str]:
    """Answer a source's question in two sentences, from its judged claims alone."""
    main = next(judged for judged in claims if judged.name == source.main)
    verdict = str(main.verdict)
    if verdict == "inconclusive":
        verdict = "neither supported nor contradicted"
    counts = Counter(judged.verdict for judged in claims)
    are = "is" if counts["supported"] == 1 else "are"
    return [
        f"{_result(main, confidence)}, so the main claim of the {source.label} is {verdict}.",
        f"Of its {len(claims)} claims, stated or implied, {counts['supported']} {are} supported, "
        f"{counts['contradicted']} contradicted and {counts['inconclusive']} inconclusive.",
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
