"""First assumption: who learns fast early ends well."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crossbreed.config.gender import Evolution
from crossbreed.gender.results.unseen import UNSELECTED, Histories, is_unselected
from crossbreed.search.features import bounded
from crossbreed.search.generation import finished_once
from crossbreed.search.learning_speed import learning_speed
from crossbreed.statistics.rank_agreement import Ranked, agreements

ASSUMPTION = "early_speed"
_COLUMNS = ["assumption", "architectures", "seed", "tau", "interval_low", "interval_high", "n"]


def early_speed_evidence(
    histories: Histories, settings: Evolution, confidence: float, resamples: int, seed: int
) -> pd.DataFrame:
    """Correlate early learning speed with how low the final loss is.

    Returns
    -------
    DataFrame
        assumption; architectures: "all" that were trained to the end, identical genomes of a seed
        once, or "unselected", the founders and random individuals among them; seed, tau,
        interval_low, interval_high, n as in `rank_agreement.Agreement`. A positive tau means that
        who learns fast ends well. Among those that were selected by their speed, or by what is
        akin to it, tau is lower than it is among all that might have been.
    """
    search_seeds = sorted({search_seed for search_seed, _ in histories})
    rows = []
    for kind in ("all", UNSELECTED):
        groups = [_ranked(histories, search_seed, kind, settings) for search_seed in search_seeds]
        for agreement in agreements(groups, confidence, resamples, seed):
            rows.append((ASSUMPTION, kind, *agreement))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _ranked(histories: Histories, search_seed: int, kind: str, settings: Evolution) -> Ranked:
    finished = finished_once(
        [
            generation
            for (each_seed, _), history in histories.items()
            if each_seed == search_seed
            for generation in history
            if kind != UNSELECTED or is_unselected(generation)
        ]
    )
    speeds = [
        learning_speed(
            generation.early[number],
            settings.speed_per,
            generation.vocabulary,
            generation.early_seconds[number],
        )
        for generation, number in finished
    ]
    losses = [generation.finished[number].final_loss for generation, number in finished]
    # The fastest are predicted the lowest loss.
    return Ranked(search_seed, -np.array(speeds, np.float64), bounded(losses))
