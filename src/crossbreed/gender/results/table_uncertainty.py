"""How sure differences between modes are of the table: of its architectures and its trainings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crossbreed.gender.results.outcome import METRICS, SMALL_LOSS
from crossbreed.gender.results.table_finals import numbered
from crossbreed.randomness import Purpose, generator
from crossbreed.search.replay import TrainedTable
from crossbreed.statistics.weighted import percentiles

Array = NDArray[np.float64]
# Architectures that share their residuals.
_NEIGHBOURS = 20


class TableBootstrap:
    """Resampled means of modes, as another table of the same kind might have given them.

    What searches found are rows of the table, few of them, however many searches there are. So each
    resample weighs the architectures (`weighted.item_weights`), and adds to each training a
    residual: what trainings of one architecture differ by, less what all trainings of a seed have
    in common. It is drawn from the architectures whose means are nearest, since good networks
    differ less from training to training than bad ones.

    Parameters
    ----------
    finals
        See `table_finals.table_finals`.
    table, weights
        The table; weights of its architectures, shape [resamples, architectures].
    seed
        Of the draws of residuals.
    """

    def __init__(
        self, finals: pd.DataFrame, table: TrainedTable, weights: Array, seed: int
    ) -> None:
        self._finals = finals
        self._table = numbered(table).assign(
            training_minutes=lambda rows: rows["training_seconds"] / 60
        )
        self._seeds = table.seeds
        self._weights = weights
        self._seed = seed
        self._kept: dict[str, Array] = {}

    def interval(
        self, metric: str, weights: Mapping[str, float], confidence: float
    ) -> tuple[float, float]:
        """Return the interval of a contrast of modes in a metric; NaN where it has none."""
        if metric not in METRICS:
            return np.nan, np.nan
        column = "validation_loss" if metric == SMALL_LOSS else METRICS[metric]
        cell = "small_cell" if metric == SMALL_LOSS else "cell"
        if column not in self._kept:
            self._kept[column] = self._resampled(column)
        values = self._kept[column]
        sound = self._finals[~self._finals["diverged"]]
        if metric == SMALL_LOSS:
            sound = sound[sound[SMALL_LOSS].notna()]
        total = sum(
            weight * self._mean(sound[sound["mode"] == mode], cell, values)
            for mode, weight in weights.items()
        )
        return percentiles(np.asarray(total), confidence)

    def _resampled(self, column: str) -> Array:
        """Return the table's values with residuals drawn anew, shape [resamples, cells, seeds]."""
        # A training that diverged has losses of its best weights before; it counts for nothing.
        sound = self._table.assign(value=self._table[column].where(~self._table["diverged"]))
        by_cell = sound.pivot(index="cell", columns="seed", values="value")
        values: Array = by_cell[self._seeds].to_numpy(np.float64)
        cells, count = values.shape
        means = values.mean(1, keepdims=True)
        # The residuals of n trainings around their own mean are too small by this factor.
        residuals = (values - means) * np.sqrt(count / (count - 1))
        residuals -= np.nanmean(residuals, axis=0)
        draws = generator(self._seed, Purpose.BOOTSTRAP, 1)
        resampled = np.full((len(self._weights), cells, count), np.nan)
        # Those that diverged, in a training or in all, come last, and have no residual.
        order = np.argsort(means[:, 0])
        known = order[: np.isfinite(means).sum()]
        for rank, cell in enumerate(known):
            first = min(max(0, rank - _NEIGHBOURS // 2), max(0, len(known) - _NEIGHBOURS))
            near = residuals[known[first : first + _NEIGHBOURS]].ravel()
            resampled[:, cell] = values[cell] + draws.choice(near, (len(self._weights), count))
        return resampled

    def _mean(self, finals: pd.DataFrame, cell: str, values: Array) -> Array:
        """Return a mode's mean under each resample, shape [resamples]."""
        counts = np.zeros(values.shape[1:])
        places = np.array([self._seeds.index(seed) for seed in finals["repeat"]], np.int64)
        np.add.at(counts, (finals[cell].to_numpy(np.int64), places), 1)
        weighted = counts * self._weights[:, :, None]
        return np.asarray(
            (weighted * np.where(counts > 0, values, 0)).sum((1, 2)) / weighted.sum((1, 2))
        )
