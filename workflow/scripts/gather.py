"""Gather all individuals of all searches, and all trainings of their winners, into tables."""

import json
from pathlib import Path

import pandas as pd

from crossbreed.config.base import Config, Whole
from crossbreed.config.gender import Evolution
from crossbreed.jobs.job import run_job
from crossbreed.jobs.progress import forget_progress
from crossbreed.search.gathering import SearchFiles, individuals_table
from crossbreed.storage.files import write_csv


class Gather(Config):
    """Gather all individuals of all searches, and all trainings of their winners, into tables."""

    evolution: Evolution
    seed: Whole
    searches: list[SearchFiles]
    finals: list[Path]
    """Folders of the winners' trainings."""
    individuals: Path
    """Table to write (CSV)."""
    results: Path
    """Table of the winners' losses and speeds to write (CSV)."""
    curves: Path
    """Learning curves of the winners to write (CSV)."""


def gather(settings: Gather) -> None:
    """Write the three tables."""
    write_csv(settings.individuals, individuals_table(settings.searches, settings.evolution))
    results, curves = [], []
    for folder in settings.finals:
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        speed = json.loads((folder / "speed.json").read_text(encoding="utf-8"))
        results.append(result | speed)
        curve = pd.read_csv(folder / "curve.csv")
        for place, key in enumerate(("mode", "seed", "repeat")):
            curve.insert(place, key, result[key])
        curves.append(curve)
    write_csv(settings.results, pd.DataFrame(results))
    write_csv(settings.curves, pd.concat(curves))
    # Snakemake has noted all trainings of winners as done.
    for folder in settings.finals:
        forget_progress(folder, "network.safetensors")


if __name__ == "__main__":
    run_job(Gather, gather)
