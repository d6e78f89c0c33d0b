"""Compare arms, paired by run: every declared contrast in every declared metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from crossbreed.config.comparison import Contrast, Outcome, Primary, Statistics
from crossbreed.crossover.results.outcomes import LOSSES
from crossbreed.statistics.intervals import as_relative, as_relative_interval, half_width
from crossbreed.statistics.paired import Answer, Question, compare

MISSING = (
    "A run is missing where too few of its networks had not diverged. Runs that diverge are the "
    "worst ones: an arm that lost some looks better here than it is."
)
# Where there are pairs of losses, but no difference.
UNDEFINED = "not defined, as a loss is 0"
NO_PAIR = "no pair of runs"
NO_CONTRAST = "no arm is compared with another"


@dataclass(frozen=True)
class Comparison:
    """An arm against another in one metric at one epoch, over paired runs.

    Parameters
    ----------
    arm, reference, metric, epoch
        What is compared.
    primary
        Whether this is the comparison that the study is made for.
    kind
        "relative" or "absolute", see `paired.Answer.difference`.
    missing_runs
        Runs that are no pair: in one of the arms, too few networks are left.
    reference_mean, arm_mean
        Arithmetic means over the pairs; None without any.
    p_holm
        The p value of the paired t-test, corrected for all secondary comparisons at the same epoch
        (Holm 1979, Scandinavian Journal of Statistics 6). None for the primary one, which needs
        no correction.
    answer
        All else.
    """

    arm: str
    reference: str
    metric: Outcome
    epoch: int
    primary: bool
    kind: str
    missing_runs: list[int]
    reference_mean: float | None
    arm_mean: float | None
    p_holm: float | None
    answer: Answer


def question(given: Statistics, seed: int) -> Question:
    """Return what a study asks of every pair of arms.

    Parameters
    ----------
    given
        Its declared statistics.
    seed
        Its seed.
    """
    return Question(
        given.confidence,
        given.power,
        given.wanted_effect,
        given.margin.relative,
        given.margin.absolute,
        given.resamples,
        seed,
    )


def declared_contrasts(given: Statistics, arms: Sequence[str]) -> list[Contrast]:
    """Return all contrasts of arms that were run: with the reference, then the further ones."""
    first = [Contrast(arm=arm, reference=given.reference) for arm in arms if arm != given.reference]
    further = [Contrast(arm=one.arm, reference=one.reference) for one in given.contrasts]
    ran = [one for one in further if {one.arm, one.reference} <= set(arms)]
    return first + [one for position, one in enumerate(ran) if one not in [*first, *ran[:position]]]


def is_primary(primary: Primary, contrast: Contrast, metric: str) -> bool:
    """Tell whether a contrast in a metric is the primary one."""
    return (contrast.arm, contrast.reference, metric) == (
        *(primary.arm, primary.reference),
        primary.metric,
    )


def compare_arms(outcomes: pd.DataFrame, given: Statistics, asked: Question) -> list[Comparison]:
    """Make every declared comparison at every marked epoch.

    Parameters
    ----------
    outcomes
        See `outcomes.outcomes`. A metric that no run measured is left out.
    given
        What is declared.
    asked
        Levels, margins, resamples.

    Returns
    -------
    list of Comparison
        By epoch, then metric, then contrast.
    """
    metrics = [metric for metric in given.metrics if outcomes[metric].notna().any()]
    contrasts = declared_contrasts(given, list(outcomes["arm"].unique()))
    last = outcomes["epoch"].max()
    made: list[Comparison] = []
    for epoch in sorted(outcomes["epoch"].unique()):
        at = outcomes[outcomes["epoch"] == epoch]
        family = [
            _comparison(
                at.pivot(index="run", columns="arm", values=metric),
                *(contrast, metric, int(epoch)),
                bool(epoch == last) and is_primary(given.primary, contrast, metric),
                asked,
            )
            for metric in metrics or ["best_train_loss"]
            for contrast in contrasts
        ]
        made += _corrected(family)
    return made


def _comparison(
    table: pd.DataFrame,
    contrast: Contrast,
    metric: Outcome,
    epoch: int,
    primary: bool,
    asked: Question,
) -> Comparison:
    values = table[[contrast.arm, contrast.reference]]
    pairs = values.dropna()
    arm, reference = (pairs[name].to_numpy(np.float64) for name in values.columns)
    relative = metric in LOSSES
    some = len(pairs) > 0
    return Comparison(
        contrast.arm,
        contrast.reference,
        metric,
        epoch,
        primary,
        "relative" if relative else "absolute",
        missing_runs=[int(run) for run in values.index.difference(pairs.index)],
        reference_mean=float(reference.mean()) if some else None,
        arm_mean=float(arm.mean()) if some else None,
        p_holm=None,
        answer=compare(arm, reference, relative, asked),
    )


def _corrected(family: list[Comparison]) -> list[Comparison]:
    from statsmodels.stats.multitest import multipletests

    tested = [
        place
        for place, one in enumerate(family)
        if not one.primary and one.answer.p_paired_t is not None
    ]
    if not tested:
        return family
    _, corrected, _, _ = multipletests(
        [family[place].answer.p_paired_t for place in tested], method="holm"
    )
    made = list(family)
    for place, p in zip(tested, corrected, strict=True):
        made[place] = replace(family[place], p_holm=float(p))
    return made


def differences_by_epoch(
    by_epoch: pd.DataFrame, contrasts: Sequence[Contrast], confidence: float
) -> pd.DataFrame:
    """Return the relative difference of every contrast after every epoch.

    Parameters
    ----------
    by_epoch
        See `outcomes.outcomes_by_epoch`.
    contrasts
        What to compare.
    confidence
        Level of the t intervals.

    Returns
    -------
    DataFrame
        arm, reference, metric, epoch, runs, difference, interval_low, interval_high, of the runs
        in which both arms have a value at every epoch: a mean over other runs before than after
        would jump. Empty where there are none; without difference at epochs at which one of the
        losses is 0.
    """
    frames = []
    for metric in by_epoch.columns.difference(["run", "arm", "epoch"], sort=False):
        table = by_epoch.pivot(index="epoch", columns=["arm", "run"], values=metric)
        for contrast in contrasts:
            ratio = logarithms_of_ratios(table[contrast.arm], table[contrast.reference])
            if ratio.empty:
                continue
            mean, half = ratio.mean(axis=1), half_width(ratio, confidence)
            low, high = as_relative_interval(mean - half, mean + half)
            frames.append(
                pd.DataFrame(
                    {
                        "arm": contrast.arm,
                        "reference": contrast.reference,
                        "metric": metric,
                        "epoch": ratio.index,
                        "runs": ratio.shape[1],
                        "difference": as_relative(mean),
                        "interval_low": low,
                        "interval_high": high,
                    }
                )
            )
    columns = ["arm", "reference", "metric", "epoch", "runs"]
    columns += ["difference", "interval_low", "interval_high"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def logarithms_of_ratios(
    arm: pd.DataFrame | pd.Series[float], reference: pd.DataFrame | pd.Series[float]
) -> pd.DataFrame:
    """Return logarithms of the ratios of losses by epoch (rows) and run (columns).

    Of the runs in which both have a loss at every epoch; NaN in all of them at epochs at which one
    of the losses is 0.
    """
    ours, theirs = pd.DataFrame(arm), pd.DataFrame(reference)
    runs = (ours + theirs).dropna(axis=1).columns
    ours, theirs = ours[runs], theirs[runs]
    positive = ((ours > 0) & (theirs > 0)).all(axis=1)
    return (ours / theirs).where(positive, np.nan).map(np.log)


COLUMNS = (
    *("arm", "reference", "metric", "epoch", "primary", "kind", "runs", "missing_runs"),
    *("reference_mean", "arm_mean", "difference", "interval_low", "interval_high"),
    *("bca_low", "bca_high", "effect_size", "p_paired_t", "p_holm", "p_wilcoxon", "p_welch"),
    *("p_equivalence", "interquartile_mean", "probability_of_improvement", "runs_better"),
    *("smallest_detectable", "runs_needed"),
)


def as_row(one: Comparison) -> dict[str, object]:
    """Return a comparison as a flat row, keys in the order of `COLUMNS`."""
    row = {**vars(one), **asdict(one.answer)}
    return {name: row[name] for name in COLUMNS}


def as_table(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Return comparisons as a table, one row each; missing runs as numbers with spaces between."""
    rows = [as_row(one) | {"missing_runs": listed(one.missing_runs)} for one in comparisons]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"runs_needed": "Int64"})


def listed(runs: Sequence[int]) -> str:
    """Write the numbers of runs with spaces between."""
    return " ".join(map(str, runs))
