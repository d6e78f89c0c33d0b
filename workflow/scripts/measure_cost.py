"""Measure what arms cost and how many epochs they need to reach their targets."""

from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Count, Fraction, Name
from crossbreed.jobs.job import run_job
from crossbreed.statistics.cost import cost_of_arms
from crossbreed.statistics.outcomes import outcomes_by_epoch
from crossbreed.statistics.reaching import reached, times_to_targets
from crossbreed.storage.files import write_csv


class MeasureCost(Config):
    """Measure what arms cost and how many epochs they need to reach their targets."""

    reference: Name
    """Arm whose final loss is a target, and that differences are taken from."""
    confidence: Fraction
    """Level of the intervals."""
    epochs: Count
    """K, all epochs."""
    events: dict[Name, Count]
    """Epoch of the first event of each arm that has one."""
    records: dict[Name, list[str]]
    """Snakemake's records of time for each arm's jobs: patterns below `folder`."""
    folder: Path
    """Folder of the records."""
    curves: Path
    """All networks' learning curves (CSV)."""
    times: Path
    """Epochs to targets of every run, to write (CSV)."""
    targets: Path
    """The same over runs, to write (CSV)."""
    cost: Path
    """What arms cost, to write (CSV)."""


def measure_cost(settings: MeasureCost) -> None:
    """Write the tables."""
    curves = pd.read_csv(settings.curves)
    by_epoch = outcomes_by_epoch(curves)
    reference, confidence = settings.reference, settings.confidence
    times = times_to_targets(by_epoch, reference, settings.events)
    write_csv(settings.times, times)
    write_csv(settings.targets, reached(times, settings.events, settings.epochs, confidence))
    runs = curves["run"].nunique()
    seconds = {
        arm: seconds_of(settings.folder, patterns, runs)
        for arm, patterns in settings.records.items()
    }
    write_csv(settings.cost, cost_of_arms(curves, by_epoch, seconds, reference, confidence))


def seconds_of(folder: Path, patterns: list[str], runs: int) -> float:
    """Return the mean wall time of a run's jobs; NaN where any of them left no record."""
    found = [sorted(folder.glob(pattern)) for pattern in patterns]
    if any(len(paths) < runs for paths in found):
        return float("nan")
    return sum(
        float(pd.concat(pd.read_csv(path, sep="\t") for path in paths)["s"].mean())
        for paths in found
    )


if __name__ == "__main__":
    run_job(MeasureCost, measure_cost)
