"""How often intervals and tests err in simulated studies without any effect."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from crossbreed.config.compose import compose_study
from crossbreed.statistics.paired import compare


def main() -> None:
    """Print a row of docs/explanation/statistics.md for each number of runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2_000)
    parser.add_argument("--runs", type=int, nargs="+", default=[5, 10])
    arguments = parser.parse_args()
    study = compose_study(Path(__file__).parents[1] / "config", {})
    declared = study.statistics.model_copy(update={"resamples": 999})
    for runs in arguments.runs:
        random = np.random.default_rng(2024)
        studies = [
            compare(np.exp(random.normal(0, 0.04, runs)), np.ones(runs), True, declared, seed=1)
            for _ in range(arguments.studies)
        ]
        answers = pd.DataFrame(studies).astype(float)
        shares = [
            answers["interval_low"].le(0) & answers["interval_high"].ge(0),
            answers["bca_low"].le(0) & answers["bca_high"].ge(0),
            answers["p_paired_t"].lt(0.05),
            answers["p_wilcoxon"].lt(0.05),
        ]
        print(f"| {runs} | {' | '.join(f'{share.mean():.2%}' for share in shares)} |")


if __name__ == "__main__":
    main()
