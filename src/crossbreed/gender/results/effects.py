"""What each mode, and each kind of selection, adds: contrasts paired by search seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crossbreed.config.gender import ModeContrast
from crossbreed.gender.results.outcome import METRICS, SMALL_LOSS, by_seed
from crossbreed.gender.results.search_costs import SEARCH_LOSSES, search_costs
from crossbreed.gender.results.table_uncertainty import TableBootstrap
from crossbreed.statistics.intervals import estimate

Contrasts = Mapping[str, Mapping[str, float]]
_COLUMNS = [
    *("contrast", "metric", "mean_difference", "interval_low", "interval_high", "p", "n"),
    *("table_low", "table_high", "missing_seeds"),
]
# Modes that found the same architecture differ by 0, whatever rounding leaves of a sum of four.
_DIGITS = 12
# Metrics that some modes have none of: those without a search, or all where there is no table.
_OF_SOME = (*SEARCH_LOSSES, SMALL_LOSS)


def all_contrasts(
    modes: Sequence[str], reference: str, declared: Sequence[ModeContrast]
) -> Contrasts:
    """Return each mode less the reference, and those declared of whose modes none is missing."""
    differences = {
        f"{mode} - {reference}": {mode: 1.0, reference: -1.0}
        for mode in modes
        if mode != reference and reference in modes
    }
    return differences | {
        contrast.name: contrast.weights for contrast in declared if {*contrast.weights} <= {*modes}
    }


def differences(
    individuals: pd.DataFrame,
    finals: pd.DataFrame,
    modes: Sequence[str],
    contrasts: Contrasts,
    confidence: float,
    table: TableBootstrap | None,
) -> pd.DataFrame:
    """Compare modes, paired by search seed.

    Parameters
    ----------
    individuals, finals
        A row for each individual, and for each training of a winner.
    modes, contrasts
        The modes; the comparisons by name, each a sum of modes with these weights.
    confidence, table
        Level of the intervals; None where searches trained for themselves.

    Returns
    -------
    DataFrame
        contrast; metric, those that all modes of the contrast have; mean_difference;
        interval_low, interval_high, p and n, over search seeds;
        table_low, table_high, over the table (`table_uncertainty`); missing_seeds, those of which a
        winner's training diverged in any mode of the contrast.
    """
    costs = search_costs(individuals, modes).set_index(["mode", "seed"])
    values = by_seed(finals).join(costs[list(SEARCH_LOSSES)], how="outer")
    seeds = sorted({int(seed) for seed in [*finals["seed"], *individuals["seed"]]})
    rows = []
    for contrast, weights in contrasts.items():
        for metric in (*METRICS, *SEARCH_LOSSES):
            by_mode = values[metric].unstack("mode").reindex(index=seeds, columns=list(weights))
            if metric in _OF_SOME and by_mode.isna().all().any():
                continue
            paired = by_mode.mul(pd.Series(weights), axis=1).sum(axis=1, skipna=False)
            known = paired.round(_DIGITS).dropna()
            lost = " ".join(str(seed) for seed in seeds if seed not in known.index)
            low, high = np.nan, np.nan
            if table is not None and len(known):
                low, high = table.interval(metric, weights, confidence)
            mean = estimate(known.tolist(), confidence)
            rows.append((contrast, metric, *mean, low, high, lost))
    return pd.DataFrame(rows, columns=_COLUMNS)
