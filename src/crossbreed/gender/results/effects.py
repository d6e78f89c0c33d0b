"""What each mode, and each kind of selection, adds: contrasts paired by search seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from crossbreed.gender.results.design import BASELINE, CELLS, FACTORIAL, PAIRS
from crossbreed.gender.results.outcome import METRICS, by_seed
from crossbreed.gender.results.search_costs import SEARCH_LOSSES, search_costs
from crossbreed.statistics.intervals import estimate

_COLUMNS = [
    *("contrast", "metric", "mean_difference", "interval_low", "interval_high", "p", "n"),
    "missing_seeds",
]
# Modes that found the same architecture differ by 0, whatever rounding leaves of a sum of four.
_DIGITS = 12
FACTORIAL_METRICS = ("best_validation_loss", "whole_validation_loss", "best_final_loss")


def differences(
    individuals: pd.DataFrame, finals: pd.DataFrame, modes: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Compare modes, paired by search seed.

    Parameters
    ----------
    individuals, finals
        A row for each individual, and for each training of a winner.
    modes, confidence
        In the order of the rows; level of the t intervals.

    Returns
    -------
    DataFrame
        contrast, metric, mean_difference, interval_low, interval_high, p, n, missing_seeds: each
        mode less the baseline ("<mode> - baseline") in every metric; then `PAIRS` of modes
        ("combined - male") and the effects of the 2 x 2 design, male_selection, female_selection
        and interaction, on the `FACTORIAL_METRICS`. Contrasts whose modes are missing are left
        out. missing_seeds are those of which a winner's training diverged in any mode of the
        contrast.
    """
    costs = search_costs(individuals, modes).set_index(["mode", "seed"])
    values = by_seed(finals).join(costs[list(SEARCH_LOSSES)], how="outer")
    seeds = sorted({int(seed) for seed in [*finals["seed"], *individuals["seed"]]})
    rows = []
    for contrast, metrics, weights in _contrasts(modes):
        for metric in metrics:
            table = values[metric].unstack("mode").reindex(index=seeds, columns=list(weights))
            paired = table.mul(pd.Series(weights), axis=1).sum(axis=1, skipna=False).round(_DIGITS)
            lost = " ".join(str(seed) for seed in paired.index[paired.isna()])
            rows.append((contrast, metric, *estimate(paired.dropna().tolist(), confidence), lost))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _contrasts(
    modes: Sequence[str],
) -> list[tuple[str, Sequence[str], Mapping[str, float]]]:
    """Return each contrast's name, metrics and weights of modes."""
    against_baseline = [(mode, BASELINE) for mode in modes if mode != BASELINE]
    return [
        *(
            (f"{mode} - {reference}", metrics, {mode: 1.0, reference: -1.0})
            for pairs, metrics in (
                (against_baseline, tuple(METRICS)),
                (PAIRS, FACTORIAL_METRICS),
            )
            for mode, reference in pairs
            if {mode, reference} <= {*modes}
        ),
        *(
            (effect, FACTORIAL_METRICS, weights)
            for effect, weights in FACTORIAL.items()
            if {*CELLS} <= {*modes}
        ),
    ]
