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

from crossbreed.statistics.power import before_the_run, detectable_effect, runs_needed
from paired_tables import answer, known

Values = NDArray[np.float64]


@pytest.fixture
def losses() -> tuple[Values, Values]:
    """Return ten paired losses whose ratio differs from run to run: the arm's, the reference's."""
    random = np.random.default_rng(5)
    reference = random.lognormal(-2, 0.5, 10)
    return reference * random.lognormal(-0.1, 0.2, 10), reference


def test_difference_of_losses_is_the_geometric_mean_of_ratios() -> None:
    # The ratios are 1/2, 1 and 1/4: the cube root of 1/8, less 1.
    got = answer([0.5, 2, 1], [1, 2, 4])
    assert got.difference == pytest.approx(-0.5)
    assert (got.runs, got.runs_better) == (3, 2)


def test_a_published_example_of_the_paired_t_test() -> None:
    # Student 1908 (Biometrika 6, p. 20): hours of sleep gained by two drugs; the difference of ten
    # patients has mean 1.58, and the paired t is 4.06.
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    got = answer(second, first, relative=False)
    assert got.difference == pytest.approx(1.58)
    assert got.effect_size == pytest.approx(4.0621 / math.sqrt(10), abs=1e-4)
    assert got.p_paired_t == pytest.approx(0.00283, abs=1e-5)
    # The interval that R's documentation of `sleep` gives for t.test(paired = TRUE).
    assert (got.interval_low, got.interval_high) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)
    assert got.runs_needed is None


def test_tests_of_losses_are_of_their_logarithms(losses: tuple[Values, Values]) -> None:
    got, logs = answer(*losses), np.log(losses)
    test = stats.ttest_rel(*logs)
    ends = test.confidence_interval(0.95)
    assert got.p_paired_t == pytest.approx(test.pvalue)
    assert (got.interval_low, got.interval_high) == pytest.approx(tuple(np.expm1(ends)))
    assert got.p_wilcoxon == stats.wilcoxon(*logs).pvalue
    assert got.p_welch == pytest.approx(stats.ttest_ind(*logs, equal_var=False).pvalue)
    wanted, _, _ = ttost_paired(*logs, math.log(0.98), math.log(1.02))
    assert got.p_equivalence == pytest.approx(wanted)


def test_equivalence_of_accuracies_is_that_of_statsmodels() -> None:
    alike = np.linspace(0.9, 0.91, 10), np.linspace(0.9, 0.91, 10) + np.tile([1e-4, -1e-4], 5)
    wanted, _, _ = ttost_paired(*alike, -0.005, 0.005)
    assert answer(*alike, relative=False).p_equivalence == pytest.approx(wanted)
    assert wanted < 0.001


def test_rank_test_is_exact_for_few_runs() -> None:
    # Five runs all better: of the 2^5 signs two are as extreme.
    assert answer([0.9, 0.8, 0.7, 0.6, 0.5], np.ones(5)).p_wilcoxon == 2 / 2**5


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
        answer(values, np.zeros(5), relative=False)
        for values in (5 * np.array(whole), 5 * scale * np.array(whole))
    )
    wanted = (scale * exact.bca_low, scale * exact.bca_high)
    assert (scaled.bca_low, scaled.bca_high) == pytest.approx(wanted, rel=1e-9, abs=1e-9 * scale)


def test_bootstrap_is_scipys_bca_of_the_logarithms(losses: tuple[Values, Values]) -> None:
    got = answer(*losses)
    interval = stats.bootstrap(
        (np.log(losses[0]) - np.log(losses[1]),),
        np.mean,
        confidence_level=0.95,
        n_resamples=999,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (got.bca_low, got.bca_high) == pytest.approx(tuple(np.expm1(interval)))
    assert answer(*losses) == got
    assert answer(*losses, seed=2).bca_low != got.bca_low


def test_interquartile_mean_leaves_out_a_quarter_at_either_end() -> None:
    # Ratios e^1 .. e^8: the middle four are e^3 .. e^6, whose mean exponent is 4.5.
    got = answer(np.exp(np.arange(1.0, 9)), np.ones(8))
    assert got.interquartile_mean == pytest.approx(math.expm1(4.5))


def test_probability_of_improvement_counts_all_pairs_of_runs() -> None:
    # Of 3 x 3 pairs of runs the arm has the lower loss in 5, and one tie counts half.
    arm, reference = [1, 3, 6], [3, 4, 5]
    assert answer(arm, reference).probability_of_improvement == pytest.approx(5.5 / 9)
    # Of accuracies higher is better.
    got = answer(arm, reference, relative=False)
    assert got.probability_of_improvement == pytest.approx(1 - 5.5 / 9)


def test_power_is_that_of_statsmodels_and_of_cohens_table() -> None:
    # Cohen 1988: 34 pairs for a medium effect of 0.5 at 80 % power (two-sided, 5 %).
    assert runs_needed(0.5, 0.05, 0.8) == 34
    effect = detectable_effect(10, 0.05, 0.8)
    assert effect == pytest.approx(TTestPower().solve_power(None, 10, 0.05, 0.8))
    assert effect == pytest.approx(0.996, abs=1e-3)
    assert math.isnan(detectable_effect(1, 0.05, 0.8))
    assert runs_needed(1e9, 0.05, 0.8) == 2
    assert runs_needed(0.01, 0.05, 0.8) is None


def test_smallest_detectable_difference_needs_as_many_runs(losses: tuple[Values, Values]) -> None:
    smallest = answer(*losses).smallest_detectable
    # Asked for that very difference, the ten runs there are suffice, and no fewer.
    assert answer(*losses, wanted_effect=smallest + 1e-9).runs_needed == 10


def test_what_can_be_found_is_said_before_the_run() -> None:
    assert "no difference can be told" in before_the_run(1, 0.95, 0.8)
    five, ten = before_the_run(5, 0.95, 0.8), before_the_run(10, 0.95, 0.8)
    assert "1.7 times their spread" in five
    assert "cannot go below p = 0.062" in five
    assert "1.0 times their spread" in ten
    assert "rank test" not in ten


@pytest.mark.parametrize("values", [[], [1.5], [1.5, 1.5, 1.5]])
def test_without_a_spread_there_is_no_interval_and_no_test(values: list[float]) -> None:
    got = answer(values, np.ones(len(values)))
    counted = {"runs", "runs_better"}
    of_pairs = {"difference", "interquartile_mean", "probability_of_improvement"}
    assert known(got) == counted | (of_pairs if values else set())


def test_two_runs_have_an_interval_but_no_bootstrap() -> None:
    assert {"interval_low", "p_paired_t"} <= known(answer([0.9, 0.7], [1, 1])) - {"bca_low"}
    assert "bca_low" not in known(answer([0.9, 0.7], [1, 1]))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("arm", "reference"), [([0, 0, 0], [0, 0, 0]), ([0, 0.2, 0.3], [0.1, 0.2, 0])]
)
def test_loss_of_0_leaves_no_ratio_but_ranks_and_counts(
    arm: list[float], reference: list[float]
) -> None:
    got = answer(arm, reference)
    assert known(got) == {"runs", "runs_better", "probability_of_improvement"}
    assert (got.runs, got.runs_better) == (3, int(np.less(arm, reference).sum()))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("arm", "reference", "confidence"),
    [([0.2, 0.3], [0.1, 0.2], 0.9999), ([1e-3, 1e-38], [1e-30, 1e-8], 0.95)],
)
def test_interval_beyond_all_numbers_is_left_out(
    arm: list[float], reference: list[float], confidence: float
) -> None:
    names = known(answer(arm, reference, confidence=confidence))
    assert "difference" in names
    assert not names & {"interval_low", "interval_high"}
