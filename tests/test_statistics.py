"""Paired comparisons against values worked out by hand and against scipy called directly."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from crossbreed.statistics import MISSING, Comparison, as_table, compare_arms, summary
from crossbreed.tables import comparison_page

METRICS = ("train_loss", "validation_loss", "test_loss", "test_accuracy")


def rows(arm: str, epoch: int = 10, first_run: int = 1, **metrics: ArrayLike) -> pd.DataFrame:
    """Make the table of one arm at one epoch; a metric that is not given was not measured."""
    values = {name: np.asarray(column, float) for name, column in metrics.items()}
    count = len(next(iter(values.values())))
    missing = np.full(count, np.nan)
    return pd.DataFrame(
        {"run": range(first_run, first_run + count), "arm": arm, "epoch": epoch}
        | {name: values.get(name, missing) for name in METRICS}
    )


def compared(*tables: pd.DataFrame, seed: int = 1, resamples: int = 999) -> list[Comparison]:
    return compare_arms(pd.concat(tables, ignore_index=True), "baseline", 0.95, resamples, seed)


def only(*tables: pd.DataFrame) -> Comparison:
    (comparison,) = compared(*tables)
    return comparison


@pytest.fixture
def losses() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ten paired losses whose ratio differs from run to run."""
    random = np.random.default_rng(5)
    reference = random.lognormal(-2, 0.5, 10)
    return reference, reference * random.lognormal(-0.1, 0.2, 10)


def test_effect_of_losses_is_the_geometric_mean_of_ratios() -> None:
    # The ratios are 1/2, 1 and 1/4: the cube root of 1/8, less 1.
    got = only(rows("baseline", test_loss=[1, 2, 4]), rows("mine", test_loss=[0.5, 2, 1]))
    assert (got.arm, got.metric, got.epoch, got.kind, got.runs) == (
        ("mine", "test_loss", 10, "relative", 3)
    )
    assert got.difference == pytest.approx(-0.5)
    assert got.reference_mean == pytest.approx(7 / 3)
    assert got.arm_mean == pytest.approx(3.5 / 3)


def test_halving_and_doubling_cancel() -> None:
    got = only(rows("baseline", train_loss=[1, 1]), rows("mine", train_loss=[0.5, 2]))
    assert got.difference == pytest.approx(0)


def test_effect_of_accuracy_is_the_mean_difference() -> None:
    got = only(
        rows("baseline", test_accuracy=[0.5, 0.75, 0.5]),
        rows("mine", test_accuracy=[0.75, 0.75, 0.875]),
    )
    assert (got.kind, got.metric) == ("absolute", "test_accuracy")
    assert got.difference == pytest.approx(0.625 / 3)
    # t of 1/4, 0, 3/8 is 1.8898 on two degrees of freedom.
    assert got.p_paired_t == pytest.approx(2 * stats.t.sf(1.8898223650461363, 2))


def test_p_values_of_losses_are_of_their_logarithms(
    losses: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    reference, arm = losses
    got = only(rows("baseline", train_loss=reference), rows("mine", train_loss=arm))
    assert got.p_paired_t == pytest.approx(stats.ttest_rel(np.log(arm), np.log(reference)).pvalue)
    assert got.p_wilcoxon == stats.wilcoxon(np.log(arm), np.log(reference)).pvalue


def test_p_values_of_accuracies_are_of_their_differences() -> None:
    reference, arm = np.random.default_rng(2).uniform(0.8, 0.9, (2, 8))
    got = only(rows("baseline", test_accuracy=reference), rows("mine", test_accuracy=arm))
    assert got.p_paired_t == pytest.approx(stats.ttest_rel(arm, reference).pvalue)
    assert got.p_wilcoxon == stats.wilcoxon(arm, reference).pvalue


def test_rank_test_is_exact_for_few_runs() -> None:
    # Five runs all better: of the 2^5 signs two are as extreme.
    got = only(
        rows("baseline", train_loss=[1, 1, 1, 1, 1]),
        rows("mine", train_loss=[0.9, 0.8, 0.7, 0.6, 0.5]),
    )
    assert got.p_wilcoxon == 2 / 2**5


def test_interval_is_scipys_bca_of_the_logarithms(
    losses: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    reference, arm = losses
    got = only(rows("baseline", train_loss=reference), rows("mine", train_loss=arm))
    interval = stats.bootstrap(
        (np.log(arm) - np.log(reference),),
        np.mean,
        confidence_level=0.95,
        n_resamples=999,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert got.interval_low == pytest.approx(math.expm1(interval.low))
    assert got.interval_high == pytest.approx(math.expm1(interval.high))
    assert got.interval_low is not None
    assert got.interval_high is not None
    assert got.difference is not None
    assert -1 < got.interval_low < got.difference < got.interval_high


def test_interval_depends_on_the_seed_alone(
    losses: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    tables = [
        rows(arm, train_loss=values)
        for arm, values in zip(("baseline", "mine"), losses, strict=True)
    ]
    assert compared(*tables, seed=1) == compared(*tables, seed=1)
    assert compared(*tables, seed=1) != compared(*tables, seed=2)


def test_two_runs_have_no_interval_but_a_test() -> None:
    got = only(rows("baseline", train_loss=[1, 1]), rows("mine", train_loss=[0.9, 0.7]))
    assert (got.runs, got.interval_low, got.interval_high) == (2, None, None)
    assert got.p_paired_t == pytest.approx(stats.ttest_1samp(np.log([0.9, 0.7]), 0).pvalue)


def test_one_run_has_an_effect_alone() -> None:
    got = only(rows("baseline", train_loss=[2]), rows("mine", train_loss=[1]))
    assert got.difference == pytest.approx(-0.5)
    assert (got.runs, got.interval_low, got.p_paired_t, got.p_wilcoxon) == (1, None, None, None)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=12))
def test_identical_arms_do_not_differ(values: list[float]) -> None:
    tables = [rows(arm, test_loss=values, test_accuracy=values) for arm in ("baseline", "mine")]
    for got in compared(*tables):
        assert got.difference == 0
        assert got.reference_mean == got.arm_mean
        assert (got.interval_low, got.p_paired_t, got.p_wilcoxon) == (None, None, None)


@settings(deadline=None, max_examples=20)
# Up to two runs: no bootstrap, which would take most of the time.
@given(st.lists(st.tuples(st.floats(0.01, 10), st.floats(0.01, 10)), min_size=1, max_size=2))
def test_exchanging_the_arms_inverts_the_ratio(pairs: list[tuple[float, float]]) -> None:
    first, second = zip(*pairs, strict=True)
    there = only(rows("baseline", test_loss=first), rows("mine", test_loss=second))
    back = only(rows("baseline", test_loss=second), rows("mine", test_loss=first))
    assert there.difference is not None
    assert back.difference is not None
    assert (1 + there.difference) * (1 + back.difference) == pytest.approx(1)


def test_run_that_one_arm_lacks_is_left_out_of_the_pairs() -> None:
    # Runs 1 to 4 against runs 2 to 5: of the three pairs each ratio is 1/2.
    got = only(
        rows("baseline", test_loss=[100, 2, 4, 8]),
        rows("mine", first_run=2, test_loss=[1, 2, 4, 100]),
    )
    assert got.runs == 3
    assert got.difference == pytest.approx(-0.5)
    assert (got.reference_mean, got.arm_mean) == pytest.approx((14 / 3, 7 / 3))


def test_runs_that_are_no_pairs_are_named() -> None:
    nan = math.nan
    got = compared(
        rows("baseline", train_loss=[1, nan, 1, 1], test_loss=[1, nan, 1, 1]),
        rows("mine", train_loss=[2, 2, nan, 4.5], test_loss=[2, 2, nan, math.inf]),
        rows("gone", train_loss=[nan] * 4, test_loss=[nan] * 4),
    )
    assert [(one.arm, one.metric, one.runs, one.missing_runs) for one in got] == [
        ("mine", "train_loss", 2, [2, 3]),
        ("gone", "train_loss", 0, [1, 2, 3, 4]),
        ("mine", "test_loss", 1, [2, 3, 4]),
        ("gone", "test_loss", 0, [1, 2, 3, 4]),
    ]
    assert got[0].difference == pytest.approx(2)
    nothing = (got[1].reference_mean, got[1].arm_mean, got[1].difference, got[1].p_paired_t)
    assert nothing == (None,) * 4
    table = as_table(got)
    assert table["missing_runs"].tolist()[:2] == ["2 3", "1 2 3 4"]
    _, mine, gone, warning = summary(got, "baseline", "train_loss").splitlines()
    assert mine.endswith("; 2 runs, missing: 2 3)")
    assert gone.split(maxsplit=1) == ["gone", "nothing to compare (0 runs, missing: 1 2 3 4)"]
    assert warning == MISSING
    page = comparison_page(got, "baseline", 0.95)
    assert MISSING in page
    assert page.count("1 2 3 4") == 2


def test_no_run_at_all_is_still_a_table() -> None:
    got = compared(*(rows(arm, train_loss=[math.nan, math.nan]) for arm in ("baseline", "mine")))
    assert [(one.arm, one.metric, one.runs) for one in got] == [("mine", "train_loss", 0)]
    assert "nothing to compare" in summary(got, "baseline", "train_loss")
    assert "none" in comparison_page(got, "baseline", 0.95)


def test_pairs_are_by_run_whatever_the_order_of_rows() -> None:
    tables = [rows("baseline", test_loss=[1, 2, 3]), rows("mine", test_loss=[3, 5, 7])]
    shuffled = pd.concat(tables).sample(frac=1, random_state=3)
    assert compare_arms(shuffled, "baseline", 0.95, 999, 1) == compared(*tables)


def test_metric_that_was_not_measured_has_no_row() -> None:
    got = compared(
        *(
            rows(arm, train_loss=[1, 2], test_loss=[2, 3], test_accuracy=[0.1, 0.2])
            for arm in ("baseline", "mine")
        )
    )
    assert [one.metric for one in got] == ["train_loss", "test_loss", "test_accuracy"]


def test_every_arm_is_compared_at_every_epoch() -> None:
    got = compared(
        *(rows("baseline", epoch, train_loss=[4.0, 4.0]) for epoch in (5, 10)),
        *(rows("one", epoch, train_loss=[epoch, epoch]) for epoch in (5, 10)),
        rows("two", 10, train_loss=[1.0, 1.0]),
    )
    assert [(one.arm, one.epoch) for one in got] == [("one", 5), ("one", 10), ("two", 10)]
    assert [one.difference for one in got] == pytest.approx([0.25, 1.5, -0.75])


def test_table_has_a_row_and_the_summary_a_line_for_each_arm() -> None:
    got = compared(
        *(rows("baseline", epoch, train_loss=[1, 1, 1]) for epoch in (5, 10)),
        *(rows("better", epoch, train_loss=[0.5, 0.4, 0.625]) for epoch in (5, 10)),
        rows("same", 10, train_loss=[1, 1, 1]),
    )
    table = as_table(got)
    assert table["difference"].tolist() == pytest.approx([-0.5, -0.5, 0])
    head, better, same = summary(got, "baseline", "train_loss").splitlines()
    assert head == "train_loss of the best network at epoch 10, against baseline:"
    assert better.split()[:2] == ["better", "-50.0%"]
    p_value = stats.ttest_1samp(np.log([0.5, 0.4, 0.625]), 0).pvalue
    assert better.endswith(f"paired t p = {p_value:.2g}; 3 runs)")
    assert same.split()[:2] == ["same", "+0.0%"]
    assert same.endswith("paired t p = none; 3 runs)")


def test_false_positive_rate_without_any_effect_is_nominal() -> None:
    # Differences from the reference are drawn independently of each other and of the reference,
    # so each of 25 epochs, 4 metrics and 5 arms stands for a study of its own of 10 pairs.
    random = np.random.default_rng(2024)
    tables = []
    for study in range(25):
        reference = random.normal(0, 2, (4, 10))
        effects = {"baseline": np.zeros((4, 10))}
        effects |= {f"arm_{number}": random.normal(0, 1, (4, 10)) for number in range(5)}
        for arm, effect in effects.items():
            drawn = reference + effect
            train, validation, test = np.exp(drawn[:3])
            tables.append(
                rows(
                    arm,
                    study,
                    train_loss=train,
                    validation_loss=validation,
                    test_loss=test,
                    test_accuracy=drawn[3],
                )
            )
    got = compared(*tables, resamples=99)
    assert len(got) == 500
    tolerance = 3 * math.sqrt(0.05 * 0.95 / 500)
    for p_values in ([one.p_paired_t for one in got], [one.p_wilcoxon for one in got]):
        rejected = np.mean([p_value is not None and p_value < 0.05 for p_value in p_values])
        # Of 10 pairs the exact rank test can reject at 4.9 %, which is near enough to 5 %.
        assert abs(rejected - 0.05) < tolerance
