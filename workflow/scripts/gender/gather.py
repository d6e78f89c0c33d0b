"""Gather all individuals of all searches, and all trainings of their winners, into tables."""

import json

import pandas as pd

from crossbreed.gender.jobs import Gather
from crossbreed.gender.results.individuals import individuals_table
from crossbreed.jobs.command_line import run_job
from crossbreed.search.files import load_searches
from crossbreed.storage.files import write_csv


def gather(job: Gather) -> None:
    """Write the three tables."""
    histories = load_searches(job.searches)
    write_csv(job.individuals, individuals_table(histories, job.own_founders, job.evolution))
    results, curves = [], []
    for folder in job.finals.folders():
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        speed = json.loads((folder / "speed.json").read_text(encoding="utf-8"))
        results.append(result | speed)
        curve = pd.read_csv(folder / "curve.csv")
        for place, key in enumerate(("mode", "seed", "repeat")):
            curve.insert(place, key, result[key])
        curves.append(curve)
    write_csv(job.results, pd.DataFrame(results))
    write_csv(job.curves, pd.concat(curves))


if __name__ == "__main__":
    run_job(Gather, gather)
