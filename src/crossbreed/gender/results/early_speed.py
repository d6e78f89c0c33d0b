"""First assumption: who learns fast early ends well."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from crossbreed.config.gender import Evolution
from crossbreed.gender.results.archives import (
    UNSELECTED,
    Histories,
    finished_once,
    generations_of,
    is_unselected,
    seeds,
)
from crossbreed.gender.results.rank_agreement import Ranked, agreements
from crossbreed.search.fitness import learning_speed
from crossbreed.search.generation import Generation

ASSUMPTION = "early_speed"
_GROUPS: dict[str, Callable[[Generation], bool]] = {
    "all": lambda generation: bool(generation.individuals),
    UNSELECTED: is_unselected,
}


def early_speed_evidence(
    histories: Histories, settings: Evolution, confidence: float, resamples: int, seed: int
) -> pd.DataFrame:
    """Correlate early learning speed with how low the final loss is.

    Parameters
    ----------
    histories
        All searches.
    settings
        Say what speed is counted by.
    confidence, resamples, seed
        As of `rank_agreement.agreements`.

    Returns
    -------
    DataFrame
        assumption; architectures: "all" that were trained to the end, identical genomes of a seed
        once, or "unselected", the founders and newcomers among them; seed, tau, interval_low,
        interval_high, n as in `rank_agreement.Agreement`. A positive tau means that who learns
        fast ends well. Among those that were selected by their speed, or by what is akin to it,
        tau is lower than it is among all that might have been.
    """
    rows = []
    for name, belongs in _GROUPS.items():
        groups = [_ranked(histories, one, belongs, settings) for one in seeds(histories)]
        for found in agreements(groups, confidence, resamples, seed):
            rows.append((ASSUMPTION, name, *found))
    columns = ["assumption", "architectures", "seed", "tau", "interval_low", "interval_high", "n"]
    return pd.DataFrame(rows, columns=columns)


def _ranked(
    histories: Histories, seed: int, belongs: Callable[[Generation], bool], settings: Evolution
) -> Ranked:
    chosen = [one for one in generations_of(histories, seed) if belongs(one)]
    finished = finished_once(chosen)
    speeds = [
        learning_speed(
            generation.early[number],
            settings.speed_per,
            generation.vocabulary,
            generation.early_seconds.get(number, np.nan),
        )
        for generation, number in finished
    ]
    losses = [generation.finished[number].final_loss for generation, number in finished]
    # The fastest are foretold the lowest loss.
    return Ranked(seed, -np.array(speeds, np.float64), np.array(losses, np.float64))
