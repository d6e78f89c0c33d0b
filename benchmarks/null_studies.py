"""How often intervals and tests err in simulated studies without any effect."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from crossbreed.config.compose import compose_study
from crossbreed.statistics.paired import compare


def main() -> None:
    """Print a row of docs/explanation/statistics.md for each number of runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2_000)
    parser.add_argument("--runs", type=int, nargs="+", default=[5, 10])
    given = parser.parse_args()
    study = compose_study(Path(__file__).parents[1] / "config", {})
    declared = study.statistics.model_copy(update={"resamples": 999})
    for runs in given.runs:
        random = np.random.default_rng(2024)
        found = [
            compare(np.exp(random.normal(0, 0.04, runs)), np.ones(runs), True, declared, seed=1)
            for _ in range(given.studies)
        ]
        nan = math.nan
        t, bca = (
            np.mean([(low or nan) <= 0 <= (high or nan) for low, high in ends])
            for ends in (
                [(one.interval_low, one.interval_high) for one in found],
                [(one.bca_low, one.bca_high) for one in found],
            )
        )
        paired, ranks = (
            np.mean([(p or nan) < 0.05 for p in values])
            for values in (
                [one.p_paired_t for one in found],
                [one.p_wilcoxon for one in found],
            )
        )
        print(f"| {runs} | {t:.2%} | {bca:.2%} | {paired:.2%} | {ranks:.2%} |")


if __name__ == "__main__":
    main()
