"""The crossover study's comparisons in words."""

from __future__ import annotations

from collections.abc import Sequence

from crossbreed.config.comparison import Statistics
from crossbreed.crossover.results.contrasts import MISSING, UNDEFINED, Comparison, listed
from crossbreed.statistics.paired import Answer

# Told apart from the rest of the table, which is in comparison.csv.
_TOLD = ("test_loss",)
# From here on digits would fill lines, and axes be drawn for an interval alone: two runs can have
# such ones.
ENORMOUS = 1e6


def summary(comparisons: Sequence[Comparison], given: Statistics) -> str:
    """Say in lines of text how arms compare at the last epoch.

    In the primary metric, and in the test loss: who fits the training images better may do worse
    on others.
    """
    last = max((one.epoch for one in comparisons), default=0)
    final = [one for one in comparisons if one.epoch == last]
    lines = []
    for metric in dict.fromkeys((given.primary.metric, *_TOLD)):
        shown = [one for one in final if one.metric == metric]
        if not shown:
            continue
        lines.append(f"{named(metric)} at epoch {last} ({given.confidence:.0%} t interval):")
        width = max(len(_contrast(one)) for one in shown)
        lines += [f"  {_contrast(one):{width}}  {_in_words(one)}" for one in shown]
    primary = next((one for one in final if one.primary), None)
    if primary is None:
        lines.append(
            f"The primary comparison, {given.primary.arm} against {given.primary.reference}, was "
            "not run."
        )
    else:
        lines += _resolution(primary.answer, given)
    if any(one.missing_runs for one in final):
        lines.append(MISSING)
    return "\n".join(lines)


def named(metric: str) -> str:
    """Return a metric's name for readers."""
    words = metric.removeprefix("whole_").replace("_", " ").replace("train ", "training ")
    where = " over the whole split" if metric.startswith("whole_") else ""
    return words[0].upper() + words[1:] + where


def percent(share: float, sign: str = "+") -> str:
    """Write a share in per cent without the unit; an enormous one by its power of ten."""
    form = ".1f" if abs(share) < ENORMOUS else ".0e"
    return f"{100 * share:{sign}{form}}"


def _contrast(one: Comparison) -> str:
    return f"{one.arm} against {one.reference}" + (" (primary)" if one.primary else "")


def _in_words(one: Comparison) -> str:
    answer = one.answer
    runs = f"{answer.runs} run{'' if answer.runs == 1 else 's'}"
    if one.missing_runs:
        runs += f", missing: {listed(one.missing_runs)}"
    if answer.difference is None:
        return f"{UNDEFINED if answer.runs else 'nothing to compare'} ({runs})"
    if answer.interval_low is None or answer.interval_high is None:
        why = "too few runs" if answer.runs < 2 else "all pairs differ by the same"
        if answer.p_paired_t is not None:
            why = "too wide to be written"
        return f"{percent(answer.difference):>6}%  (no interval: {why}; {runs})"
    p = one.answer.p_paired_t if one.primary else one.p_holm
    correction = "" if one.primary else ", corrected"
    return (
        f"{percent(answer.difference):>6}%  ({percent(answer.interval_low)}% to "
        f"{percent(answer.interval_high)}%; paired t p = {p:.2g}{correction}; {runs})"
    )


def _resolution(answer: Answer, given: Statistics) -> list[str]:
    if answer.smallest_detectable is None:
        return []
    needed = answer.runs_needed or "more than 1000"
    return [
        f"With the spread of these {answer.runs} runs the primary comparison finds differences of "
        f"{percent(answer.smallest_detectable, '')}% or more at {given.power:.0%} power; for one "
        f"of {given.wanted_effect:.0%} it needs {needed} runs."
    ]
