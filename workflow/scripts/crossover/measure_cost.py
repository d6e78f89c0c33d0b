"""Measure what arms cost and how many epochs they need to reach their targets."""

from pathlib import Path

import numpy as np
import pandas as pd

from crossbreed.crossover.jobs import MeasureCost
from crossbreed.crossover.results.cost import cost_of_arms
from crossbreed.crossover.results.outcomes import outcomes_by_epoch
from crossbreed.crossover.results.time_to_target import reached, times_to_targets
from crossbreed.jobs.command_line import run_job
from crossbreed.storage.files import write_csv


def measure_cost(job: MeasureCost) -> None:
    """Write the tables."""
    curves = pd.read_csv(job.curves)
    by_epoch = outcomes_by_epoch(curves)
    reference, confidence = job.reference, job.confidence
    times = times_to_targets(by_epoch, reference, job.events)
    write_csv(job.times, times)
    write_csv(job.targets, reached(times, job.events, job.epochs, confidence))
    seconds = {arm: seconds_of(steps) for arm, steps in job.timings.items()}
    write_csv(job.cost, cost_of_arms(curves, by_epoch, seconds, reference, confidence))


def seconds_of(steps: list[list[Path]]) -> float:
    """Return the mean wall time of a run's jobs; NaN where a benchmark is missing."""
    if not all(path.is_file() for runs in steps for path in runs):
        return float("nan")
    return sum(
        float(np.mean([pd.read_csv(path, sep="\t")["s"].mean() for path in runs])) for runs in steps
    )


if __name__ == "__main__":
    run_job(MeasureCost, measure_cost)
