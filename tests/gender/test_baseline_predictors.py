from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.config.gender import Predictor
from crossbreed.search.baseline_predictors import power_law, predict_with
from crossbreed.search.features import LARGEST_LOSS
from crossbreed.search.ranking import rank_quality
from crossbreed.search.trial import Trial
from predictor_trials import FULL_TOKENS, STRANGE, crossing_trials, make_trial

RUNGS: tuple[Predictor, ...] = get_args(Predictor)


def law_trial(floor: float, height: float, exponent: float, points: int = 10) -> Trial:
    """Return a trial whose losses follow a power law in the middle of each interval."""
    middle = (np.arange(points) + 0.5) * 1024 / FULL_TOKENS
    return make_trial(floor + height * middle**-exponent)


def test_last_loss_is_the_last_validation_loss_else_the_training_loss() -> None:
    trials = [make_trial([3, 2], {1: 2.7}), make_trial([3, 2.5]), make_trial([3, np.inf])]
    assert predict_with("last_loss", [], trials, 1).tolist() == [2.7, 2.5, LARGEST_LOSS]


def test_summed_loss_is_the_sum_over_the_points() -> None:
    trials = [make_trial([3, 2, 1.5]), make_trial([4, 2, 1])]
    assert predict_with("summed_loss", [], trials, 1).tolist() == [6.5, 7]


def test_the_more_parameters_the_better() -> None:
    trials = [replace(make_trial([3, 2]), parameters=count) for count in (500, 10**9, 1000)]
    assert np.argsort(predict_with("parameters", [], trials, 1)).tolist() == [1, 2, 0]


# A point of a trial is 1024 characters, so a tenth of 20 points' training is 2 points.
@pytest.mark.parametrize(("full_points", "expected"), [(20, 3.5), (30, 6), (200, 16), (4, 1.5)])
def test_recent_loss_is_the_sum_over_the_last_tenth_of_the_full_training(
    full_points: int, expected: float
) -> None:
    trial = replace(make_trial([3.0, 4, 3, 2.5, 2, 1.5]), full_tokens=full_points * 1024)
    assert predict_with("recent_loss", [], [trial], 1).tolist() == [expected]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(0, 9), min_size=4, max_size=12),
    st.lists(st.floats(0, 9), min_size=4, max_size=12),
)
def test_recent_loss_does_not_see_what_was_before(first: list[float], again: list[float]) -> None:
    # Of a full training of 40 points, the last 4.
    points = min(len(first), len(again))
    curves = [first[:points], [*again[: points - 4], *first[points - 4 : points]]]
    trials = [replace(make_trial(curve), full_tokens=40 * 1024) for curve in curves]
    recent = predict_with("recent_loss", [], trials, 1)
    assert recent[0] == recent[1] == pytest.approx(sum(curves[0][-4:]))


def test_random_is_a_function_of_seed_and_place_alone() -> None:
    trials = [make_trial([3, 2])] * 5
    first = predict_with("random", [], trials, 1, 2, 3)
    assert len(set(first)) == 5
    assert predict_with("random", [], trials, 1, 2, 3).tolist() == first.tolist()
    for seed, *place in ([2, 2, 3], [1, 3, 3], [1, 2]):
        assert predict_with("random", [], trials, seed, *place).tolist() != first.tolist()


@pytest.mark.parametrize(
    ("floor", "height", "exponent"),
    [(1.4, 0.2, 0.5), (0.5, 0.8, 0.2), (2.0, 0.02, 1.0), (1.0, 0.3, 0.35)],
)
def test_power_law_finds_a_known_law(floor: float, height: float, exponent: float) -> None:
    # At the end of the full training, the share of tokens is 1.
    assert power_law(law_trial(floor, height, exponent)) == pytest.approx(floor + height, abs=1e-3)


def test_power_law_ranks_curves_that_cross_later() -> None:
    slow, fast = law_trial(1.2, 0.5, 0.3), law_trial(1.6, 0.4, 0.3)
    slow_early, fast_early = law_trial(1.0, 0.6, 0.3), law_trial(2.0, 0.1, 0.3)
    assert slow.curve.train_loss[-1] < fast.curve.train_loss[-1]
    assert slow_early.curve.train_loss[-1] < 2.3
    assert power_law(slow) < power_law(fast)
    assert power_law(slow_early) < power_law(fast_early)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([3.0, 2.5, 2.2], 2.2),
        ([3.0, 2.5, 2.2, 2.0, np.nan, 1.0], LARGEST_LOSS),
        ([2.0] * 8, 2.0),
        ([1.0, 1.5, 2.0, 2.5, 3.0], pytest.approx(2.0)),
    ],
    ids=["too few points", "diverged", "flat", "rising: the mean is the closest law"],
)
def test_power_law_of_curves_that_follow_none(losses: list[float], expected: float) -> None:
    assert power_law(make_trial(losses)) == pytest.approx(expected, abs=1e-3)


def test_ridge_finds_a_linear_rule() -> None:
    draws = np.random.default_rng(1)
    trials = [
        make_trial([a + 1, a], learning_rate=10**rate)
        for a, rate in zip(draws.uniform(1.5, 3, 60), draws.uniform(-4, -2, 60), strict=True)
    ]
    finals = [
        0.5 * trial.curve.train_loss[-1] - 0.2 * np.log10(trial.architecture.learning_rate)
        for trial in trials
    ]
    known = list(zip(trials[:40], finals[:40], strict=True))
    foretold = predict_with("ridge", known, trials[40:], 1)
    np.testing.assert_allclose(foretold, finals[40:], atol=0.01)


def test_boosting_finds_a_rule_that_is_not_linear() -> None:
    draws = np.random.default_rng(2)
    rates = draws.uniform(-4, -2, 160)
    trials = [make_trial([3, 2], learning_rate=10**rate) for rate in rates]
    finals = 1.5 + (rates + 3) ** 2  # lowest half way
    known = list(zip(trials[:120], finals[:120].tolist(), strict=True))
    linear, boosted = (predict_with(name, known, trials[120:], 1) for name in ("ridge", "boosting"))
    assert rank_quality(boosted, finals[120:]).tau > 0.8
    assert abs(rank_quality(linear, finals[120:]).tau) < 0.4
    np.testing.assert_allclose(boosted, finals[120:], atol=0.1)


def test_boosting_is_a_function_of_what_is_known() -> None:
    known = crossing_trials(20, 1)
    candidates = [trial for trial, _ in crossing_trials(5, 2)]
    first = predict_with("boosting", known, candidates, 1).tolist()
    np.random.seed(5)  # noqa: NPY002  scikit-learn draws from it where no state is given
    assert predict_with("boosting", known, candidates, 2).tolist() == first


@pytest.mark.parametrize("learner", ["ridge", "boosting"])
def test_with_fewer_than_three_known_trials_nothing_is_learnt(learner: Predictor) -> None:
    known = crossing_trials(3, 1)
    candidates = [trial for trial, _ in crossing_trials(5, 2)]
    last = predict_with("last_loss", [], candidates, 1).tolist()
    assert predict_with(learner, known[:2], candidates, 1).tolist() == last
    assert predict_with(learner, known, candidates, 1).tolist() != last


@pytest.mark.parametrize("rung", RUNGS)
def test_nothing_is_foretold_of_no_candidates(rung: Predictor) -> None:
    assert predict_with(rung, crossing_trials(4, 1), [], 1).shape == (0,)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rung", RUNGS)
@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.lists(STRANGE, max_size=8), STRANGE), min_size=1, max_size=6))
def test_whatever_the_losses_foretold_is_finite(
    rung: Predictor, curves: list[tuple[list[float], float]]
) -> None:
    known = [(make_trial(losses), final) for losses, final in curves]
    foretold = predict_with(rung, known, [trial for trial, _ in known], 1)
    assert foretold.shape == (len(curves),)
    assert foretold.dtype == np.float64
    assert np.isfinite(foretold).all()
