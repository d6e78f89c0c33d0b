"""Learning curves: what each network's losses were after each epoch."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.arms import Metric
from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import whole_file

Values = NDArray[np.float64]
METRICS: tuple[Metric, ...] = ("train_loss", "validation_loss", "validation_accuracy")
_COLUMNS = ["epoch", "network", *METRICS]


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch came to, each array of shape [N]; NaN where nothing was held out."""

    epoch: int
    metrics: dict[Metric, Values]


def join_records(records: Sequence[EpochRecord]) -> dict[str, NDArray[Any]]:
    """Return records as arrays `curve/<metric>` of shape [epochs, N]; of none, no arrays."""
    if not records:
        return {}
    return {
        f"curve/{metric}": np.stack([record.metrics[metric] for record in records])
        for metric in METRICS
    }


def split_records(arrays: Mapping[str, NDArray[Any]], epochs: Sequence[int]) -> list[EpochRecord]:
    """Return the records that `join_records` was given, for their epochs."""
    return [
        EpochRecord(epoch, {metric: arrays[f"curve/{metric}"][row] for metric in METRICS})
        for row, epoch in enumerate(epochs)
    ]


def save_curve(path: Path, records: Sequence[EpochRecord]) -> None:
    """Write a learning curve whole, as CSV: epoch, network (from 1), then the metrics.

    Raises
    ------
    CrossbreedError
        If the file cannot be written.
    """
    with whole_file(path) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for record in records:
            networks = zip(*(record.metrics[metric].tolist() for metric in METRICS), strict=True)
            for number, values in enumerate(networks, start=1):
                writer.writerow([record.epoch, number, *values])


def load_curve(path: Path) -> dict[str, NDArray[Any]]:
    """Read a learning curve as columns: epoch, network (from 1), then the metrics, as written.

    Raises
    ------
    CrossbreedError
        If the file is not a learning curve.
    """
    # Not by pandas, which would take the jobs that train longer to import than to read.
    header, *rows = path.read_text(encoding="utf-8").splitlines() or [""]
    try:
        if header.split(",") != _COLUMNS:
            raise ValueError("its first line names other columns")
        table = np.loadtxt(rows, delimiter=",", ndmin=2) if rows else np.empty((0, len(_COLUMNS)))
        columns = dict(zip(_COLUMNS, table.T, strict=True))
    except ValueError as error:
        raise CrossbreedError(
            f"{path} is not a learning curve ({error}); delete it and run again"
        ) from error
    return {**columns, **{name: columns[name].astype(np.int64) for name in _COLUMNS[:2]}}


def metrics_at(path: Path, epoch: int, networks: int) -> dict[Metric, Values]:
    """Read the metrics of all N networks after one epoch, shape [N] each.

    Raises
    ------
    CrossbreedError
        If the file is not a learning curve, or lacks the epoch of a network.
    """
    curve = load_curve(path)
    at_epoch = curve["epoch"] == epoch
    if not np.array_equal(curve["network"][at_epoch], np.arange(1, networks + 1)):
        raise CrossbreedError(
            f"{path} does not have epoch {epoch} of {networks} networks; delete it and run again"
        )
    return {metric: curve[metric][at_epoch] for metric in METRICS}
