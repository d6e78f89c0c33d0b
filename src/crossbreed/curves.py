"""Learning curves: what each network's losses were after each epoch."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossbreed.config.arms import Metric
from crossbreed.errors import CrossbreedError
from crossbreed.files import whole_file

Values = NDArray[np.float64]
METRICS: tuple[Metric, ...] = ("train_loss", "validation_loss", "validation_accuracy")


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch came to, each array of shape [N]; NaN where nothing was held out."""

    epoch: int
    metrics: dict[Metric, Values]


def save_curve(path: Path, records: list[EpochRecord]) -> None:
    """Write a learning curve whole, as CSV: epoch, network (from 1), then the metrics."""
    with whole_file(path) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["epoch", "network", *METRICS])
        for record in records:
            for network in range(len(record.metrics["train_loss"])):
                values = (float(record.metrics[metric][network]) for metric in METRICS)
                writer.writerow([record.epoch, network + 1, *map(repr, values)])


def metrics_at(path: Path, epoch: int) -> dict[Metric, Values]:
    """Read the metrics of all networks after one epoch, shape [N] each.

    Raises
    ------
    CrossbreedError
        If the file is missing or has no such epoch.
    """
    try:
        with path.open(newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if int(row["epoch"]) == epoch]
        if not rows:
            raise CrossbreedError(f"{path} has no epoch {epoch}; delete it and rerun")
        return {metric: np.array([float(row[metric]) for row in rows]) for metric in METRICS}
    except FileNotFoundError as error:
        raise CrossbreedError(f"{path} does not exist") from error
    except (KeyError, TypeError, ValueError) as error:
        raise CrossbreedError(f"{path} is not a learning curve; delete it and rerun") from error
