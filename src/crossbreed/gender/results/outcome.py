"""How good each mode's winners are, in the form of the paper's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.config.published import Published
from crossbreed.gender.results.published import PUBLISHED_METRICS, published_value
from crossbreed.gender.results.search_costs import COSTS, SEARCH_LOSSES, search_costs
from crossbreed.statistics.intervals import estimate

# What the table calls a measurement of the winners' trainings, and their column for it.
LOSSES = {
    "final_train_loss": "train_loss",
    "best_validation_loss": "best_validation_loss",
    "final_validation_loss": "validation_loss",
}
# Of the best architecture that costs no more operations than the default one; of a table alone.
SMALL_LOSS = "small_validation_loss"
SPEEDS = {
    "training_minutes": "training_minutes",
    "tokens_per_second": "tokens_per_second",
    "cached_tokens_per_second": "cached_tokens_per_second",
}
METRICS = LOSSES | SPEEDS | {SMALL_LOSS: SMALL_LOSS}
_SIZES = ("parameters", "flops_per_token")


def missing_finals(finals: pd.DataFrame) -> dict[str, list[str]]:
    """Return, by mode, the winners' trainings that diverged, as "seed-repeat"."""
    broken = finals[_diverged(finals)]
    return {
        str(mode): [f"{row.seed}-{row.repeat}" for row in group.itertuples()]
        for mode, group in broken.groupby("mode", sort=False)
    }


def by_seed(finals: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over the repeats of every mode and seed.

    The search seed is the unit: its repeats share a winner. A seed of which any repeat diverged is
    missing altogether, as the mean of the others would look better than it is. Index mode and seed;
    a column for each of `METRICS`, parameters, flops_per_token.
    """
    broken = finals.assign(diverged=_diverged(finals))
    kept = finals[~broken.groupby(["mode", "seed"])["diverged"].transform("any")]
    measured = kept.assign(training_minutes=kept["training_seconds"] / 60)
    columns = dict.fromkeys(["mode", "seed", *METRICS.values(), *_SIZES])
    means = measured.reindex(columns=list(columns)).groupby(["mode", "seed"]).mean(skipna=False)
    return means.rename(columns={column: metric for metric, column in METRICS.items()})


def mode_table(
    individuals: pd.DataFrame,
    finals: pd.DataFrame,
    labels: Mapping[str, str],
    confidence: float,
    published: Published,
) -> pd.DataFrame:
    """Return a row for each mode.

    Parameters
    ----------
    individuals, finals
        A row for each individual, and for each training of a winner.
    labels
        The modes, in the order of the rows, and their names for readers.
    confidence, published
        Level of the intervals; the paper's numbers.

    Returns
    -------
    DataFrame
        mode, label, edition; for each of `METRICS`: its mean over search seeds, the ends of its t
        interval (<metric>_low, <metric>_high; empty with one seed), the number of seeds and the
        published number (published_<metric>, of what the paper measures; empty where it is not
        known to us). For each search: its best final loss with its whole budget and at equal
        operations, alike; its cost, the mean over seeds. Then parameters and flops_per_token of
        its winners, and diverged_finals, which trainings of winners are missing.
    """
    means = by_seed(finals).reset_index()
    costs = search_costs(individuals, list(labels))
    missing = missing_finals(finals)
    rows = []
    for mode, label in labels.items():
        final, cost = means[means["mode"] == mode], costs[costs["mode"] == mode]
        row: dict[str, Any] = {
            "mode": mode,
            "label": label,
            "edition": " and ".join(finals["edition"].unique()),
        }
        for metric in METRICS:
            row |= _columns(metric, final[metric].dropna().tolist(), confidence)
            if metric in PUBLISHED_METRICS:
                row[f"published_{metric}"] = published_value(published, mode, metric)
        for metric in SEARCH_LOSSES:
            row |= _columns(metric, cost[metric].dropna().tolist(), confidence)
        row |= {name: cost[name].mean() for name in COSTS}
        row |= {name: final[name].mean() for name in _SIZES}
        rows.append(row | {"diverged_finals": " ".join(missing.get(mode, []))})
    return pd.DataFrame(rows)


def _columns(metric: str, values: Sequence[float], confidence: float) -> dict[str, float]:
    mean = estimate(values, confidence)
    return {
        f"{metric}_mean": mean.mean,
        f"{metric}_low": mean.low,
        f"{metric}_high": mean.high,
        f"{metric}_n": mean.n,
    }


def _diverged(finals: pd.DataFrame) -> pd.Series[bool]:
    losses = finals[list(LOSSES.values())].to_numpy(np.float64)
    broken = finals["diverged"].to_numpy(np.bool_) | ~np.isfinite(losses).all(axis=1)
    return pd.Series(broken, index=finals.index)
