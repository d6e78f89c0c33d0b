"""Measure what arms cost and how many epochs they need to reach their targets."""

import json

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
    seconds = {arm: seconds_of(job, steps) for arm, steps in job.timings.items()}
    write_csv(job.cost, cost_of_arms(curves, by_epoch, seconds, reference, confidence))


def seconds_of(job: MeasureCost, steps: list[str]) -> float:
    """Return the mean wall time of a run's jobs; NaN where it is not known."""
    runs = [job.curves.parent / f"run-{run:02d}" for run in range(1, job.runs + 1)]
    if not all((run / step).is_file() for run in runs for step in steps):
        return float("nan")
    return sum(
        float(np.mean([json.loads((run / step).read_text())["seconds"] for run in runs]))
        for step in steps
    )


if __name__ == "__main__":
    run_job(MeasureCost, measure_cost)
