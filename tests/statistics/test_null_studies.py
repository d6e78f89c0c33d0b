"""The harness itself: what it says of simulated studies whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from crossbreed.config.claims import Region
from crossbreed.crossover.results.contrasts import compare_arms
from crossbreed.statistics.paired import Answer, compare
from crossbreed.statistics.verdict import Measured, verdict
from paired_tables import ASKED, DECLARED, rows

STUDIES, RUNS = 2_000, 10
# Standard deviation of the logarithm of a loss over runs, and of what an arm adds to it.
BETWEEN, WITHIN = 0.05, 0.04
TOLERANCE = 3 * math.sqrt(0.05 * 0.95 / STUDIES)


def answers(
    effect: float, studies: int = STUDIES, seed: int = 2024, runs: int = RUNS
) -> list[Answer]:
    """Simulate studies whose arm has a loss that is `effect` higher than the reference's.

    What a run has in common is shared by both arms.
    """
    random = np.random.default_rng(seed)
    asked = ASKED._replace(resamples=0)
    made = []
    for _ in range(studies):
        reference = np.exp(random.normal(-1, BETWEEN, runs))
        arm = reference * np.exp(random.normal(math.log1p(effect), WITHIN, runs))
        made.append(compare(arm, reference, True, asked))
    return made


def interval(one: Answer) -> tuple[float, float]:
    assert one.interval_low is not None
    assert one.interval_high is not None
    return one.interval_low, one.interval_high


@pytest.fixture(scope="module")
def null_studies() -> list[Answer]:
    return answers(0.0)


def test_intervals_of_five_runs_hold_the_truth_as_often_as_they_say() -> None:
    found = answers(0.0, runs=5)
    covered = np.mean([low <= 0 <= high for low, high in map(interval, found)])
    assert abs(covered - 0.95) < TOLERANCE
    # The exact rank test cannot reject with so few.
    assert min(one.p_wilcoxon or 0 for one in found) == 0.0625


def test_intervals_hold_the_truth_as_often_as_they_say(null_studies: list[Answer]) -> None:
    covered = np.mean([low <= 0 <= high for low, high in map(interval, null_studies)])
    assert abs(covered - 0.95) < TOLERANCE


def test_false_positives_are_as_rare_as_they_should_be(null_studies: list[Answer]) -> None:
    for name in ("p_paired_t", "p_wilcoxon"):
        rejected = np.mean([getattr(one, name) < 0.05 for one in null_studies])
        # Of 10 pairs the exact rank test can reject at 4.9 %, which is near enough to 5 %.
        assert abs(rejected - 0.05) < TOLERANCE, name


def test_unpaired_test_sees_too_little_where_runs_have_much_in_common() -> None:
    random = np.random.default_rng(3)
    reference = np.exp(random.normal(-1, 0.3, RUNS))
    arm = reference * np.exp(random.normal(math.log(0.91), 0.02, RUNS))
    got = compare(arm, reference, True, ASKED)
    assert got.p_paired_t is not None
    assert got.p_welch is not None
    assert got.p_paired_t < 1e-6 < 0.05 < got.p_welch


def test_bootstrap_intervals_are_too_narrow_with_ten_runs() -> None:
    # The reason why they are not the ones that verdicts are made by.
    random = np.random.default_rng(7)
    covered = []
    for _ in range(500):
        arm = np.exp(random.normal(0, WITHIN, RUNS))
        got = compare(arm, np.ones(RUNS), True, ASKED._replace(resamples=499))
        assert got.bca_low is not None
        assert got.bca_high is not None
        covered.append(got.bca_low <= 0 <= got.bca_high)
    assert 0.85 < np.mean(covered) < 0.94


def test_planted_effect_of_nine_percent_is_found() -> None:
    found = answers(-0.09, studies=200, seed=9)
    assert np.mean([one.difference for one in found]) == pytest.approx(-0.09, abs=0.005)
    measured = [Measured(one.difference or 0, *interval(one), RUNS, math.nan) for one in found]
    lower = [verdict(one, Region(below=0)) for one in measured]
    assert lower.count("supported") == len(lower)
    about = [verdict(one, Region(above=-0.12, below=-0.06)) for one in measured]
    assert about.count("contradicted") == 0
    # With this spread the interval is about as wide as "about" is.
    assert about.count("supported") > len(about) / 5


def test_no_effect_is_found_to_be_none() -> None:
    # With a spread far below the margin, equivalence is a finding.
    random = np.random.default_rng(11)
    arm = np.exp(random.normal(0, 0.005, RUNS))
    got = compare(arm, np.ones(RUNS), True, ASKED)
    assert got.p_equivalence is not None
    assert got.p_equivalence < 0.001


def test_at_the_margin_equivalence_is_claimed_as_seldom_as_it_should_be() -> None:
    found = answers(ASKED.margin_relative, studies=500, seed=5)
    claimed = np.mean([(one.p_equivalence or 0) < 0.05 for one in found])
    assert claimed < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 500)


def test_correction_keeps_the_whole_family_of_null_comparisons_honest() -> None:
    random = np.random.default_rng(13)
    arms = ["baseline", "crossover", "clone"]
    wrong = 0
    studies = 200
    for _ in range(studies):
        tables = [
            rows(
                arm,
                best_train_loss=np.exp(random.normal(0, WITHIN, RUNS)),
                validation_loss=np.exp(random.normal(0, WITHIN, RUNS)),
                test_loss=np.exp(random.normal(0, WITHIN, RUNS)),
            )
            for arm in arms
        ]
        got = compare_arms(pd.concat(tables), DECLARED, ASKED._replace(resamples=0))
        wrong += any(one.p_holm is not None and one.p_holm < 0.05 for one in got)
    # At most 5 % of studies have any false positive among their eight secondary comparisons.
    assert wrong / studies < 0.05 + 3 * math.sqrt(0.05 * 0.95 / studies)
