"""How long jobs take, from a measured speed, and how to cut them to a site's limit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from crossbreed.lineage import Lineages

# Minutes; a shorter limit gains nothing in a queue, and risks a slow start.
SHORTEST = 10


class Speed(NamedTuple):
    """What one kind of job takes.

    Parameters
    ----------
    start
        Seconds before the first unit of work, compiling included.
    unit
        Seconds of a unit: an epoch of a whole population, a training of a language model.
    """

    start: float
    unit: float


class Cut(NamedTuple):
    """How jobs are cut to a limit.

    Parameters
    ----------
    units
        Units of work of the longest job.
    minutes
        What to ask for it, never more than the limit.
    attempts
        Jobs in a row that it takes, each going on where the one before was stopped; 1 if it fits.
    """

    units: int
    minutes: int
    attempts: int


def minutes_for(speed: Speed, units: int, margin: float) -> int:
    """Return the minutes that a job of so many units needs, `margin` times what it should take."""
    return max(1, math.ceil(margin * (speed.start + units * speed.unit) / 60))


def cut(speed: Speed, units: int, margin: float, longest: int | None) -> Cut:
    """Cut a work of so many units into even jobs that fit a limit.

    Parameters
    ----------
    speed
        What a job takes.
    units
        Of the whole work.
    margin
        How many times the expected time is asked for.
    longest
        The limit in minutes; None: there is none.
    """
    wanted = minutes_for(speed, units, margin)
    if longest is None or wanted <= longest:
        return Cut(units, _asked(wanted, longest), 1)
    if minutes_for(speed, 1, margin) > longest:
        # Each attempt starts anew, and works for what is left of its limit.
        left = max(60 * longest - speed.start, 1.0)
        return Cut(1, longest, max(2, math.ceil(margin * speed.unit / left)))
    fit = next(n for n in range(units, 0, -1) if minutes_for(speed, n, margin) <= longest)
    even = math.ceil(units / math.ceil(units / fit))
    return Cut(even, _asked(minutes_for(speed, even, margin), longest), 1)


def _asked(minutes: int, longest: int | None) -> int:
    """Return the minutes to ask for, where a job needs so many."""
    return max(minutes, min(SHORTEST, longest or SHORTEST))


def longest_segment(lineages: Lineages) -> int:
    """Return the epochs of the longest job of training."""
    return max(part.stop - part.start for arm in lineages.events for part in lineages.chain(arm))


def cut_training(
    places: Iterable[tuple[Speed, Lineages]], margin: float, longest: int | None
) -> tuple[int | None, Cut]:
    """Choose how training is cut, alike in all places of a study.

    Parameters
    ----------
    places
        Of the crossover study and of each condition: the speed, and how lineages are cut already.
    margin, longest
        As of `cut`.

    Returns
    -------
    segment_epochs
        None where no further cut is needed.
    cut
        The longest job that comes of it.
    """
    known = [(speed, lineages, longest_segment(lineages)) for speed, lineages in places]
    cuts = [cut(speed, units, margin, longest) for speed, _, units in known]
    if all(one.units == units for one, (_, _, units) in zip(cuts, known, strict=True)):
        return None, max(cuts, key=lambda one: one.minutes)
    epochs = min(one.units for one in cuts)
    shorter = [
        cut(speed, longest_segment(replace(lineages, segment_epochs=epochs)), margin, longest)
        for speed, lineages, _ in known
    ]
    return epochs, max(shorter, key=lambda one: (one.attempts, one.minutes))


def as_config(
    device: str,
    training: tuple[int | None, Cut] | None,
    language: Mapping[str, Cut] | None,
    longest: int | None,
    margin: float,
) -> str:
    """Return the plan as a file that `snakemake --configfile` takes, comments included.

    Parameters
    ----------
    device
        What it was measured on.
    training
        What `cut_training` returns; None: the study has no such jobs.
    language
        Of the gender study, by rule: `train_individuals` (whose units are individuals) and
        `train_winner`; None: the study has no such jobs.
    longest, margin
        As of `cut`.
    """
    limit = "no limit was given" if longest is None else f"a job may take {longest} minutes"
    lines = [
        "# How long to ask for, and how to cut jobs; for snakemake --configfile.",
        f"# Measured on {device}, times {margin:g}; {limit}.",
    ]
    cuts: dict[str, Cut] = {}
    if training:
        epochs, cuts["train"] = training
        if epochs:
            lines.append(f"segment_epochs: {epochs}")
    if language:
        cuts |= language
        lines.append(f"gender: {{individuals_per_job: {language['train_individuals'].units}}}")
    lines.append("resources:")
    for rule, one in cuts.items():
        lines.append(f"  {rule}: {{runtime: {one.minutes}}}{_remark(rule, one)}")
    return "\n".join(lines) + "\n"


def _remark(rule: str, one: Cut) -> str:
    if one.attempts == 1:
        return ""
    if rule == "train":
        # Populations are saved after whole epochs.
        return " # too short for an epoch: no retry helps, only a longer limit or fewer networks"
    return f" # too short for a training: give --retries {one.attempts} or more"
