"""Predictors foretell unseen architectures without their losses, and what chance would give."""

from __future__ import annotations

from itertools import permutations
from typing import Any, get_args

import numpy as np
import pytest

from crossbreed.config.gender import Predictor
from crossbreed.gender.results import predictions
from crossbreed.gender.results.predictions import (
    Predictions,
    best_female,
    chance_selection,
    evaluate_predictors,
)
from crossbreed.search.expression import predict
from crossbreed.search.features import features
from crossbreed.search.generation import Generation, Known
from crossbreed.search.ranking import rank_quality, top_k_regret
from gender_histories import MadeUp, losses_of, make_generation
from search_problem import EVOLUTION

RISING, FALLING = "train_loss_last", "negate(train_loss_last)"
# Of losses 1, 2, 3, 4 the one foretells the order 4, 1, 2, 3, the other 3, 2, 1, 4: three pairs are
# swapped in both, but the ranks of the first are further off.
FAR = "maximum(train_loss_last, multiply(100.0, subtract(1.5, train_loss_last)))"
NEAR = "maximum(negate(train_loss_last), multiply(100.0, subtract(train_loss_last, 3.5)))"
# What ends well began badly.
UNSEEN = make_generation(
    1, *(MadeUp(10 + one, 1 + one / 4, 3 - one / 4, "dropout") for one in range(6))
).known()


def searched(*predictors: str, losses: tuple[float, ...] = (1.0, 2, 3, 4)) -> list[Generation]:
    """Return founders, of whom the females have these predictors; the males' are perfect."""
    told = []
    for place, text in enumerate(predictors):
        for odd, one in ((1, RISING), (0, text)):
            number = 2 * (place + 1) - odd
            known = number <= len(losses)
            told.append(MadeUp(number, float(number), losses[number - 1] if known else None, one))
    return [make_generation(0, *told)]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "OFFLINE_POPULATION", 12)
    monkeypatch.setattr(predictions, "OFFLINE_GENERATIONS", 2)


def foretold(
    history: list[Generation], unseen: Known = UNSEEN, seed: int = 1
) -> dict[str, Predictions]:
    return {one.name: one for one in evaluate_predictors(history, unseen, EVOLUTION, seed, 1)}


def test_best_female_ranks_the_whole_archive_best_and_males_do_not_count() -> None:
    assert best_female(searched("dropout", FALLING)) == "dropout"
    assert best_female(searched(FALLING, "dropout", "width")) == "dropout"
    # Of equal taus, the smaller error decides; of equals in all, the first is taken.
    assert best_female(searched(FAR, NEAR)) == NEAR
    assert best_female(searched("dropout", "width")) == "dropout"
    # In the last generation alone, the falling one would be right.
    last = make_generation(1, MadeUp(7, 5, 6.0, FALLING), MadeUp(8, 6, 5.5, FALLING))
    assert best_female([*searched("dropout", "add(train_loss_last, 1)"), last]).startswith("add")


def test_everyone_foretells_both_kinds_of_architectures() -> None:
    found = foretold(searched(RISING, FALLING))
    rungs = get_args(Predictor)
    assert list(found) == ["evolved", "evolved_at_leisure", *rungs, "oracle"]
    assert {(one.archive.shape, one.unseen.shape) for one in found.values()} == {((4,), (6,))}
    assert found["evolved"].expression == RISING
    assert not found["ridge"].expression
    for name in ("evolved", "last_loss", "summed_loss"):
        assert found[name].archive.tolist() == [1, 2, 3, 4]
        assert found[name].unseen.tolist() == [1, 1.25, 1.5, 1.75, 2, 2.25]


def test_oracle_is_perfect_and_costs_nothing() -> None:
    found = foretold(searched(RISING, FALLING))
    losses = np.array(losses_of(UNSEEN))
    assert rank_quality(found["oracle"].unseen, losses).tau == pytest.approx(1)
    assert [top_k_regret(found["oracle"].unseen, losses, k) for k in (1, 3)] == [0, 0]
    # The others are deceived here.
    assert rank_quality(found["last_loss"].unseen, losses).tau == pytest.approx(-1)


def test_nobody_but_the_oracle_is_told_the_unseen_losses() -> None:
    history = searched(RISING, FALLING, losses=(1.0, 3, 2, 4))
    other = [(trial, 9 - 2 * loss) for trial, loss in UNSEEN]
    one, another = foretold(history), foretold(history, other)
    for name in one:
        same = one[name].unseen.tolist() == another[name].unseen.tolist()
        assert same == (name != "oracle")
        assert one[name].expression == another[name].expression


def test_evolved_at_leisure_ranks_the_archive_no_worse_than_a_guess() -> None:
    history = searched("dropout", "dropout", losses=(4.0, 3, 2, 1))
    found = foretold(history)
    losses = np.array([4.0, 3, 2, 1])
    assert rank_quality(found["evolved"].archive, losses).tau == 0
    # The optimum, the loss upside down, is a tree of two nodes.
    assert rank_quality(found["evolved_at_leisure"].archive, losses).tau == pytest.approx(1)


# With ties, no order of the losses is another's reverse, so the best choice is not the worst.
@pytest.mark.parametrize("final", [(1.0, 2, 3, 4), (1.0, 1, 1, 2)], ids=["all different", "ties"])
@pytest.mark.parametrize(
    "texts",
    [
        (FAR, NEAR),
        (
            *("dropout", "maximum(train_loss_last, 2)", FALLING),
            *("multiply(train_loss_last, 2)", "minimum(train_loss_last, 2)"),
        ),
    ],
    ids=["two", "five"],
)
def test_chance_selection_chooses_as_best_female_does(
    final: tuple[float, ...], texts: tuple[str, ...]
) -> None:
    # Over all orders of the archive's losses, how often is each tau on the unseen to be had?
    losses = np.array(losses_of(UNSEEN))
    shapes = features([trial for trial, _ in UNSEEN])
    expected: dict[float, float] = {}
    for order in permutations(final):
        text = best_female(searched(*texts, losses=order))
        tau = round(rank_quality(predict(text, shapes), losses).tau, 9)
        expected[tau] = expected.get(tau, 0) + 1 / 24
    assert len(expected) >= 2
    taus = chance_selection(searched(*texts, losses=final), UNSEEN, 3000, 1, 1).round(9)
    assert set(taus) == set(expected)
    for tau, share in expected.items():
        assert abs(np.mean(taus == tau) - share) < 3 * (share * (1 - share) / 3000) ** 0.5


@pytest.mark.parametrize("change", [{"seed": 2}, {"search_seed": 2}])
def test_chance_selection_is_a_function_of_its_seeds(change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"shuffles": 50, "seed": 1, "search_seed": 1}
    history = searched(RISING, FALLING)
    first = chance_selection(history, UNSEEN, **given).tolist()
    assert chance_selection(history, UNSEEN, **given).tolist() == first
    assert chance_selection(history, UNSEEN, **(given | change)).tolist() != first
