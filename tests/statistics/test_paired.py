"""What paired runs say, against values worked out by hand, scipy and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_paired

from crossbreed.statistics.paired import compare
from crossbreed.statistics.power import (
    before_the_run,
    detectable_effect,
    runs_needed,
    smallest_rank_p,
)
from paired_tables import ASKED, nothing_told

Values = NDArray[np.float64]


@pytest.fixture
def losses() -> tuple[Values, Values]:
    """Return ten paired losses whose ratio differs from run to run: the arm's, the reference's."""
    random = np.random.default_rng(5)
    reference = random.lognormal(-2, 0.5, 10)
    return reference * random.lognormal(-0.1, 0.2, 10), reference


def test_difference_of_losses_is_the_geometric_mean_of_ratios() -> None:
    # The ratios are 1/2, 1 and 1/4: the cube root of 1/8, less 1.
    got = compare(np.array([0.5, 2, 1]), np.array([1.0, 2, 4]), True, ASKED)
    assert got.difference == pytest.approx(-0.5)
    assert (got.runs, got.runs_better) == (3, 2)


def test_halving_and_doubling_cancel() -> None:
    assert compare(np.array([0.5, 2]), np.ones(2), True, ASKED).difference == pytest.approx(0)


def test_difference_of_accuracies_is_their_mean_difference() -> None:
    got = compare(np.array([0.75, 0.75, 0.875]), np.array([0.5, 0.75, 0.5]), False, ASKED)
    assert got.difference == pytest.approx(0.625 / 3)
    # t of 1/4, 0, 3/8 is 1.8898 on two degrees of freedom.
    assert got.p_paired_t == pytest.approx(2 * stats.t.sf(1.8898223650461363, 2))
    assert got.runs_better == 2
    assert got.runs_needed is None


def test_a_published_example_of_the_paired_t_test() -> None:
    # Student 1908 (Biometrika 6, p. 20): hours of sleep gained by two drugs; the difference of ten
    # patients has mean 1.58, and the paired t is 4.06.
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    got = compare(second, first, False, ASKED)
    assert got.difference == pytest.approx(1.58)
    assert got.effect_size == pytest.approx(4.0621 / math.sqrt(10), abs=1e-4)
    assert got.p_paired_t == pytest.approx(0.00283, abs=1e-5)
    # The interval that R's documentation of `sleep` gives for t.test(paired = TRUE).
    assert (got.interval_low, got.interval_high) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)


def test_tests_of_losses_are_of_their_logarithms(losses: tuple[Values, Values]) -> None:
    arm, reference = losses
    got = compare(arm, reference, True, ASKED)
    logs = np.log(arm), np.log(reference)
    test = stats.ttest_rel(*logs)
    assert got.p_paired_t == pytest.approx(test.pvalue)
    low, high = test.confidence_interval(0.95)
    assert (got.interval_low, got.interval_high) == pytest.approx(
        (math.expm1(low), math.expm1(high))
    )
    assert got.p_wilcoxon == stats.wilcoxon(*logs).pvalue
    assert got.p_welch == pytest.approx(stats.ttest_ind(*logs, equal_var=False).pvalue)


def test_equivalence_is_that_of_statsmodels(losses: tuple[Values, Values]) -> None:
    arm, reference = losses
    got = compare(arm, reference, True, ASKED)
    wanted, _, _ = ttost_paired(np.log(arm), np.log(reference), math.log(0.98), math.log(1.02))
    assert got.p_equivalence == pytest.approx(wanted)
    alike = np.linspace(0.9, 0.91, 10), np.linspace(0.9, 0.91, 10) + np.tile([1e-4, -1e-4], 5)
    got = compare(*alike, False, ASKED)
    wanted, _, _ = ttost_paired(*alike, -0.005, 0.005)
    assert got.p_equivalence == pytest.approx(wanted)
    assert got.p_equivalence is not None
    assert got.p_equivalence < 0.001


def test_rank_test_is_exact_for_few_runs() -> None:
    # Five runs all better: of the 2^5 signs two are as extreme.
    got = compare(np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.ones(5), True, ASKED)
    assert got.p_wilcoxon == 2 / 2**5 == smallest_rank_p(5)


@settings(max_examples=50)
@given(
    whole=st.lists(st.integers(-1000, 1000), min_size=5, max_size=5, unique=True),
    scale=st.floats(1e-9, 10),
)
def test_bootstrap_counts_a_resample_that_is_the_sample_however_its_sum_is_rounded(
    whole: list[int], scale: float
) -> None:
    """Five times a mean of whole numbers is exact, so no rounding hides that two are equal."""
    exact, scaled = (
        compare(given, np.zeros(5), False, ASKED)
        for given in (5 * np.array(whole, np.float64), 5 * scale * np.array(whole))
    )
    assert exact.bca_low is not None
    assert exact.bca_high is not None
    for found, wanted in ((scaled.bca_low, exact.bca_low), (scaled.bca_high, exact.bca_high)):
        assert found == pytest.approx(scale * wanted, rel=1e-9, abs=1e-9 * scale)


def test_bootstrap_is_scipys_bca_of_the_logarithms(losses: tuple[Values, Values]) -> None:
    arm, reference = losses
    got = compare(arm, reference, True, ASKED)
    interval = stats.bootstrap(
        (np.log(arm) - np.log(reference),),
        np.mean,
        confidence_level=0.95,
        n_resamples=999,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert got.bca_low == pytest.approx(math.expm1(interval.low))
    assert got.bca_high == pytest.approx(math.expm1(interval.high))
    assert compare(arm, reference, True, ASKED) == got
    assert compare(arm, reference, True, ASKED._replace(seed=2)).bca_low != got.bca_low


def test_interquartile_mean_leaves_out_a_quarter_at_either_end() -> None:
    # Ratios e^1 .. e^8: the middle four are e^3 .. e^6, whose mean exponent is 4.5.
    got = compare(np.exp(np.arange(1.0, 9)), np.ones(8), True, ASKED)
    assert got.interquartile_mean == pytest.approx(math.expm1(4.5))


def test_probability_of_improvement_counts_all_pairs_of_runs() -> None:
    # Of 3 x 3 pairs of runs the arm has the lower loss in 5, and one tie counts half.
    arm, reference = np.array([1.0, 3, 6]), np.array([3.0, 4, 5])
    got = compare(arm, reference, True, ASKED)
    assert got.probability_of_improvement == pytest.approx(5.5 / 9)
    # Of accuracies higher is better.
    got = compare(arm, reference, False, ASKED)
    assert got.probability_of_improvement == pytest.approx(1 - 5.5 / 9)


def test_power_is_that_of_statsmodels_and_of_cohens_table() -> None:
    # Cohen 1988: 34 pairs for a medium effect of 0.5 at 80 % power (two-sided, 5 %).
    assert runs_needed(0.5, 0.05, 0.8) == 34
    effect = detectable_effect(10, 0.05, 0.8)
    assert effect == pytest.approx(TTestPower().solve_power(None, 10, 0.05, 0.8))
    assert effect == pytest.approx(0.996, abs=1e-3)
    assert detectable_effect(1, 0.05, 0.8) is None
    assert runs_needed(1e9, 0.05, 0.8) == 2
    assert runs_needed(0.01, 0.05, 0.8) is None


def test_smallest_detectable_difference_needs_as_many_runs(losses: tuple[Values, Values]) -> None:
    arm, reference = losses
    got = compare(arm, reference, True, ASKED)
    assert got.smallest_detectable is not None
    # Asked for that very difference, the ten runs there are suffice, and no fewer.
    again = compare(arm, reference, True, ASKED._replace(wanted=got.smallest_detectable + 1e-9))
    assert again.runs_needed == 10


def test_what_can_be_found_is_said_before_the_run() -> None:
    assert "no difference can be told" in before_the_run(1, 0.95, 0.8)
    five, ten = before_the_run(5, 0.95, 0.8), before_the_run(10, 0.95, 0.8)
    assert "1.7 times their spread" in five
    assert "cannot go below p = 0.062" in five
    assert "1.0 times their spread" in ten
    assert "rank test" not in ten


@pytest.mark.parametrize("values", [[], [1.5], [1.5, 1.5, 1.5]])
def test_without_a_spread_there_is_no_interval_and_no_test(values: list[float]) -> None:
    arm = np.array(values)
    got = compare(arm, np.ones(len(arm)), True, ASKED)
    assert got == nothing_told(got)
    assert got.difference == (pytest.approx(0.5) if values else None)


def test_two_runs_have_an_interval_but_no_bootstrap() -> None:
    got = compare(np.array([0.9, 0.7]), np.ones(2), True, ASKED)
    assert got.bca_low is None
    assert got.interval_low is not None
    assert got.p_paired_t is not None


@settings(deadline=None, max_examples=50)
# Up to two runs: no bootstrap, which would take most of the time.
@given(st.lists(st.tuples(st.floats(0.01, 10), st.floats(0.01, 10)), min_size=1, max_size=2))
def test_exchanging_the_arms_inverts_the_ratio(pairs: list[tuple[float, float]]) -> None:
    first, second = (np.array(values) for values in zip(*pairs, strict=True))
    there = compare(first, second, True, ASKED)
    back = compare(second, first, True, ASKED)
    assert there.difference is not None
    assert back.difference is not None
    assert (1 + there.difference) * (1 + back.difference) == pytest.approx(1)
    assert there.probability_of_improvement == pytest.approx(
        1 - (back.probability_of_improvement or 0)
    )
