"""The ledger in words: numbers as readers write them, the answer, the lines at the end of a run."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

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
from crossbreed.report.claims.ledger import Judged, absent, in_order

NONE = "none"
NOT_MEASURED = "Nothing was measured"


def shown(statistic: Statistic, value: float | None) -> str:
    """Write a value of a statistic with its unit."""
    if value is None or absent(value):
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


def interval(one: Judged) -> str:
    """Write the interval of a claim's statistic."""
    low, high = one.measured.low, one.measured.high
    if absent(low):
        return NONE
    start, *_ = shown(one.claim.statistic, low).split()
    return f"{start} to {shown(one.claim.statistic, high)}"


def rule(statistic: Statistic, holds: Region) -> str:
    """Say where the statistic must lie for its claim to hold."""
    above, below = (
        None if bound is None else "0" if bound == 0 else shown(statistic, bound)
        for bound in (holds.above, holds.below)
    )
    if above and below:
        return f"from {above} to {below}"
    return f"below {below}" if below else f"above {above}"


def answer(source: Source, judged: Sequence[Judged], confidence: float) -> list[str]:
    """Answer a source's question in two sentences, from its ledger alone.

    Parameters
    ----------
    source
        The source.
    judged
        Its claims.
    confidence
        Level of the intervals.
    """
    main = next(one for one in judged if one.name == source.main)
    counts = Counter(str(one.verdict) for one in judged)
    return [
        f"{_found(main, confidence)}, so the main claim of the {source.label} is {_said(main)}.",
        f"Of its {len(judged)} claims, stated or implied, {_counted(counts)}.",
    ]


def _found(main: Judged, confidence: float) -> str:
    statistic, measured = main.claim.statistic, main.measured
    runs = f"{measured.runs} {'search seed' if 'mode' in statistic.kind else 'run'}"
    runs += "" if measured.runs == 1 else "s"
    what = f"The {statistic.kind.replace('_', ' ')} is"
    if absent(measured.value):
        if not measured.runs or not isinstance(statistic, DifferenceOfArms | QuantileOfRuns):
            return NOT_MEASURED
        arms = f"{statistic.arm} and {statistic.reference} in {named(statistic.metric).lower()}"
        return f"The relative difference of {arms} is {UNDEFINED} ({runs})"
    sure = (
        f"no interval, {runs}"
        if absent(measured.low)
        else f"{100 * confidence:g} % interval {interval(main)}, {runs}"
    )
    if isinstance(statistic, DifferenceOfArms):
        ours, theirs = statistic.arm, statistic.reference
    elif isinstance(statistic, DifferenceOfModes) and " - " in statistic.contrast:
        ours, _, theirs = statistic.contrast.partition(" - ")
    else:
        return f"{what} {shown(statistic, measured.value)} ({sure})"
    than = "the same as"
    if measured.value:
        size = shown(statistic, measured.value).lstrip("+-")
        than = f"{size} {'higher' if measured.value > 0 else 'lower'} than"
    metric = named(statistic.metric).lower()
    return f"At the end {ours}'s {metric} is {than} that of {theirs} ({sure})"


def _said(main: Judged) -> str:
    return {"inconclusive": "neither supported nor contradicted"}.get(main.verdict, main.verdict)


def _counted(counts: Mapping[str, int]) -> str:
    supported, contradicted, inconclusive = (
        counts.get(name, 0) for name in ("supported", "contradicted", "inconclusive")
    )
    are = "is" if supported == 1 else "are"
    return (
        f"{supported} {are} supported, {contradicted} contradicted and {inconclusive} inconclusive"
    )


def lines(
    sources: Mapping[str, Source],
    judged: Sequence[Judged],
    rules: Mapping[str, str],
    confidence: float,
) -> list[str]:
    """Return the ledger as lines of text, source by source, the answer first.

    Parameters
    ----------
    sources
        By name; those without judged claims are left out.
    judged
        All claims.
    rules
        The digest of each source's rules.
    confidence
        Level of the intervals.
    """
    made = []
    for name, source in in_order(sources).items():
        claims = [one for one in judged if one.source == name]
        if not claims:
            continue
        made += [
            f"Claims of the {source.label}, rules {rules[name]}:",
            *textwrap.wrap(" ".join(answer(source, claims, confidence)), 100),
        ]
        width = max(len(one.name) for one in claims)
        for one in claims:
            made.append(
                f"  {one.verdict:12}  {one.name:{width}}  "
                f"{shown(one.claim.statistic, one.measured.value)} ({interval(one)}); holds "
                f"{rule(one.claim.statistic, one.claim.holds)}"
            )
    return made
