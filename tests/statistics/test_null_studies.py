"""The harness itself: what it says of simulated studies whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crossbreed.config.claims import Region
from crossbreed.statistics.paired import Answer
from crossbreed.statistics.verdict import Measured, verdict
from paired_tables import DECLARED, answer, compared, rows

STUDIES, RUNS = 800, 10
# Standard deviation of the logarithm of a loss over runs, and of what an arm adds to it.
BETWEEN, WITHIN = 0.05, 0.04


def tolerance(studies: int) -> float:
    """Return three standard deviations of a share of studies that is 5 % in truth."""
    return 3 * math.sqrt(0.05 * 0.95 / studies)


def answers(effect: float, studies: int, seed: int, runs: int = RUNS) -> list[Answer]:
    """Simulate studies whose arm has a loss that is `effect` higher than the reference's.

    What a run has in common is shared by both arms.
    """
    random = np.random.default_rng(seed)
    simulated = []
    for _ in range(studies):
        reference = np.exp(random.normal(-1, BETWEEN, runs))
        arm = reference * np.exp(random.normal(math.log1p(effect), WITHIN, runs))
        simulated.append(answer(arm, reference, resamples=0))
    return simulated


@pytest.mark.parametrize("runs", [5, RUNS])
def test_intervals_and_tests_err_as_often_as_they_say(runs: int) -> None:
    null = answers(0.0, STUDIES, 2024, runs)
    missed = np.mean([not got.interval_low <= 0 <= got.interval_high for got in null])
    rejected = np.mean([got.p_paired_t < 0.05 for got in null])
    assert missed == rejected
    assert abs(missed - 0.05) < tolerance(STUDIES)
    by_rank = np.mean([got.p_wilcoxon < 0.05 for got in null])
    # Of 10 pairs the exact rank test can reject at 4.9 %, of 5 it cannot.
    assert abs(by_rank - (0.05 if runs == RUNS else 0)) < tolerance(STUDIES)


def test_bootstrap_intervals_are_too_narrow_with_ten_runs() -> None:
    # The reason why they are not the ones that verdicts are made by.
    random = np.random.default_rng(7)
    covered = []
    for _ in range(500):
        got = answer(np.exp(random.normal(0, WITHIN, RUNS)), np.ones(RUNS), resamples=499)
        covered.append(got.bca_low <= 0 <= got.bca_high)
    assert 0.85 < np.mean(covered) < 0.94


def test_planted_effect_of_nine_percent_is_found() -> None:
    planted = answers(-0.09, studies=200, seed=9)
    assert np.mean([got.difference for got in planted]) == pytest.approx(-0.09, abs=0.005)
    measured = [
        Measured(got.difference, got.interval_low, got.interval_high, RUNS, math.nan)
        for got in planted
    ]
    assert {verdict(got, Region(below=0)) for got in measured} == {"supported"}
    about = [verdict(got, Region(above=-0.12, below=-0.06)) for got in measured]
    assert about.count("contradicted") == 0
    # With this spread the interval is about as wide as "about" is.
    assert about.count("supported") > len(about) / 5


def test_at_the_margin_equivalence_is_claimed_as_seldom_as_it_should_be() -> None:
    at_margin = answers(DECLARED.margin.relative, studies=500, seed=5)
    assert np.mean([got.p_equivalence < 0.05 for got in at_margin]) < 0.05 + tolerance(500)


def test_correction_keeps_the_whole_family_of_null_comparisons_honest() -> None:
    random = np.random.default_rng(13)
    wrong, studies = 0, 100
    for _ in range(studies):
        tables = [
            rows(
                arm,
                best_train_loss=np.exp(random.normal(0, WITHIN, RUNS)),
                validation_loss=np.exp(random.normal(0, WITHIN, RUNS)),
                test_loss=np.exp(random.normal(0, WITHIN, RUNS)),
            )
            for arm in ("baseline", "crossover", "clone")
        ]
        wrong += bool((compared(*tables, resamples=0)["p_holm"] < 0.05).any())
    # At most 5 % of studies have any false positive among their eight secondary comparisons.
    assert wrong / studies < 0.05 + tolerance(studies)
