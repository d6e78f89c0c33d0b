"""What each mode, and each kind of selection, adds: contrasts paired by search seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from crossbreed.gender.results.cost import SEARCH_LOSSES, search_costs
from crossbreed.gender.results.outcome import METRICS, by_seed
from crossbreed.statistics.intervals import estimate

BASELINE = "baseline"
COLUMNS = (
    "contrast",
    "metric",
    "mean_difference",
    "interval_low",
    "interval_high",
    "p",
    "n",
    "missing_seeds",
)
# Modes that found the same architecture differ by 0, whatever rounding leaves of a sum of four.
_DIGITS = 12
# Whether both kinds of selection are needed, and whether they pay at all.
PAIRS = (("combined", "male"), ("combined", "female"), ("combined", "random_mating"))
FACTORIAL_METRICS = ("best_validation_loss", "whole_validation_loss", "best_final_loss")
# Weights of the four cells of the 2 x 2 design. The interaction is by how much male selection
# changes more, or less, where there is female selection, too.
FACTORIAL: dict[str, dict[str, float]] = {
    "male_selection": {"random_mating": -0.5, "female": -0.5, "male": 0.5, "combined": 0.5},
    "female_selection": {"random_mating": -0.5, "male": -0.5, "female": 0.5, "combined": 0.5},
    "interaction": {"random_mating": 1, "male": -1, "female": -1, "combined": 1},
}


class Missing(NamedTuple):
    """Modes without which some contrasts cannot be had."""

    baseline: bool
    cells: list[str]


def missing_modes(modes: Sequence[str]) -> Missing:
    """Return whether the baseline is missing, and which cells of the 2 x 2 design are."""
    cells = FACTORIAL["interaction"]
    return Missing(BASELINE not in modes, [cell for cell in cells if cell not in modes])


def differences(
    individuals: pd.DataFrame, finals: pd.DataFrame, modes: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Compare modes, paired by search seed.

    Parameters
    ----------
    individuals, finals
        A row for each individual, and for each training of a winner.
    modes
        In the order of the rows.
    confidence
        Level of the t intervals.

    Returns
    -------
    DataFrame
        `COLUMNS`: each mode less the baseline ("<mode> - baseline") in every metric; then `PAIRS`
        of modes ("combined - male") and the effects of the 2 x 2 design, male_selection,
        female_selection and interaction, on the `FACTORIAL_METRICS`. Contrasts whose modes are
        missing are left out. missing_seeds are those of which a winner's training diverged in any
        mode of the contrast.
    """
    costs = search_costs(individuals, modes).set_index(["mode", "seed"])
    values = by_seed(finals).join(costs[list(SEARCH_LOSSES)], how="outer")
    seeds = sorted({int(seed) for seed in [*finals["seed"], *individuals["seed"]]})
    rows = []
    missing = missing_modes(modes)
    pairs = [(mode, reference) for mode, reference in PAIRS if {mode, reference} <= set(modes)]
    if not missing.baseline:
        for mode in modes:
            if mode != BASELINE:
                weights = {mode: 1.0, BASELINE: -1.0}
                rows += [
                    _row(f"{mode} - {BASELINE}", metric, values, weights, seeds, confidence)
                    for metric in METRICS
                ]
    for mode, reference in pairs:
        weights = {mode: 1.0, reference: -1.0}
        rows += [
            _row(f"{mode} - {reference}", metric, values, weights, seeds, confidence)
            for metric in FACTORIAL_METRICS
        ]
    if not missing.cells:
        rows += [
            _row(effect, metric, values, weights, seeds, confidence)
            for effect, weights in FACTORIAL.items()
            for metric in FACTORIAL_METRICS
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    contrast: str,
    metric: str,
    values: pd.DataFrame,
    weights: Mapping[str, float],
    seeds: list[int],
    confidence: float,
) -> tuple[str, str, float, float, float, float, int, str]:
    table = values[metric].unstack("mode").reindex(index=seeds, columns=list(weights))
    paired = table.mul(pd.Series(weights), axis=1).sum(axis=1, skipna=False).round(_DIGITS)
    lost = " ".join(str(seed) for seed in paired.index[paired.isna()])
    found = estimate(paired.dropna().tolist(), confidence)
    return (contrast, metric, found.mean, found.low, found.high, found.p, found.n, lost)
