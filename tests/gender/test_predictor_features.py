from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbreed.search.features import LARGEST_LOSS, bounded, features, last_loss
from predictor_trials import STRANGE, make_trial


def feature(name: str, losses: list[float], validation: dict[int, float] | None = None) -> float:
    return float(features([make_trial(losses, validation)])[name][0])


def test_quarters_of_a_curve() -> None:
    losses = [9.0, 8, 7, 6, 5, 4, 3, 2]
    columns = features([make_trial(losses)])
    quarters = ["train_loss_at_quarter", "train_loss_at_half", "train_loss_at_three_quarters"]
    assert [columns[name].item() for name in quarters] == [8, 6, 4]
    assert columns["train_loss_last"].item() == 2
    assert columns["train_loss_mean"].item() == 5.5


def test_slope_is_that_of_a_line_in_log_tokens() -> None:
    tokens = 1024 * np.arange(1, 9)
    losses = 5 - 0.3 * np.log(tokens)
    losses[:4] = 4  # the first half plays no part
    assert feature("train_loss_slope", list(losses)) == pytest.approx(-0.3)
    assert feature("train_loss_noise", list(losses)) == pytest.approx(0, abs=1e-9)


def test_slope_and_noise_agree_with_numpys_fit() -> None:
    losses = np.random.default_rng(1).uniform(1, 4, 9)
    log_tokens = np.log(1024 * np.arange(1, 10))[-5:]
    fit = np.polynomial.Polynomial.fit(log_tokens, losses[-5:], 1)
    slope = fit.convert().coef[1]
    noise = np.sqrt(np.mean((losses[-5:] - fit(log_tokens)) ** 2))
    assert feature("train_loss_slope", list(losses)) == pytest.approx(slope)
    assert feature("train_loss_noise", list(losses)) == pytest.approx(noise)


def test_features_of_an_architecture() -> None:
    columns = features([make_trial([3, 2], learning_rate=1e-2, batch_size=16)])
    expected = {
        "layers": 2,
        "heads": 4,
        "width": 32,
        "dropout": 0.1,
        "log10_learning_rate": -2,
        "log2_batch_size": 4,
        "log10_parameters": 3,
        "log10_flops_per_token": 5,
        "log10_iterations": np.log10(2),
    }
    assert {name: columns[name].item() for name in expected} == pytest.approx(expected)


def test_validation_losses_before_the_first_iteration_do_not_count() -> None:
    validation = {0: 0.5, 1: 2.0, 2: 2.5}
    assert feature("validation_loss_last", [3, 2, 1], validation) == 2.5
    assert feature("validation_loss_best", [3, 2, 1], validation) == 2.0


def test_without_a_validation_loss_the_last_training_loss_stands_for_it() -> None:
    assert feature("validation_loss_last", [3, 2], {0: 4.2}) == 2
    assert feature("validation_loss_best", [3, 2], {0: 4.2}) == 2


def test_what_diverged_has_the_largest_loss_from_then_on() -> None:
    # Finite numbers after the divergence are no sign of recovery.
    trial = make_trial([3, np.nan, 2, 1], {1: 1.5, 4: 1.0})
    assert last_loss(trial) == LARGEST_LOSS
    assert features([trial])["train_loss_last"].item() == LARGEST_LOSS
    assert features([trial])["train_loss_mean"].item() == pytest.approx((3 + 3 * LARGEST_LOSS) / 4)


def test_bounded_losses() -> None:
    given_losses = [np.nan, np.inf, -np.inf, -1.0, 2.5, 1e308]
    top = LARGEST_LOSS
    assert bounded(given_losses).tolist() == [top, top, 0, 0, 2.5, top]


@settings(deadline=None, max_examples=100)
@given(st.lists(STRANGE, max_size=9), st.dictionaries(st.integers(0, 9), STRANGE))
def test_features_are_finite_whatever_the_losses(
    losses: list[float], validation: dict[int, float]
) -> None:
    within = {point: loss for point, loss in validation.items() if point <= len(losses)}
    columns = features([make_trial(losses, within)])
    assert all(np.isfinite(column).all() for column in columns.values())
