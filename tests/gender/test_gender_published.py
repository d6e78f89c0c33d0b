"""The paper's numbers: their differences, and how much of them two single runs explain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crossbreed.config.published import Published
from crossbreed.config.schema import Study
from crossbreed.gender.results.published import (
    credible_difference,
    published_differences,
    published_value,
)

# t(0.975, 4), from a table.
T = 2.776445


def paper(**changes: Any) -> Published:
    settings: dict[str, Any] = {
        "reference": "baseline",
        "runs": {
            "baseline": {"final_train_loss": 0.8153, "best_validation_loss": 1.47},
            "combined": {"final_train_loss": 0.8185},
        },
        "text_says": {},
        "spread": {"count": 5, "standard_deviation": {"final_train_loss": 0.017}},
    }
    return Published.model_validate(settings | changes)


def only(published: Published) -> dict[Any, Any]:
    (row,) = published_differences(published, 0.95).to_dict("records")
    return dict(row)


def test_the_published_difference_is_within_what_two_single_runs_differ_by(study: Study) -> None:
    row = only(study.published)
    assert (row["mode"], row["metric"]) == ("combined", "final_train_loss")
    assert (row["published"], row["published_reference"]) == (0.8185, 0.8153)
    assert row["difference"] == pytest.approx(0.0032)
    assert row["smallest_credible_difference"] == pytest.approx(T * 2**0.5 * 0.017, rel=1e-6)
    assert row["within_noise"] is True
    # Higher by 0.0032, though the text says lower.
    assert row["text_says"] == "lower"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("share", "within"), [(0.99, True), (1.01, False)])
def test_verdict_turns_at_the_credible_difference_on_both_sides(
    sign: int, share: float, within: bool
) -> None:
    value = 0.8153 + sign * share * T * 2**0.5 * 0.017
    runs = {"baseline": {"final_train_loss": 0.8153}, "male": {"final_train_loss": value}}
    assert only(paper(runs=runs))["within_noise"] is within


def test_credible_difference_is_what_pairs_of_runs_stay_within() -> None:
    # Two runs, and a deviation from five others: 95 of 100 pairs stay within.
    draws = np.random.default_rng(3).normal(0, 1, (4000, 7))
    spread = draws[:, 2:].std(axis=1, ddof=1)
    one = paper(spread={"count": 5, "standard_deviation": {"final_train_loss": 1.0}})
    limits = spread * credible_difference(one, "final_train_loss", 0.95)
    within = np.mean(abs(draws[:, 0] - draws[:, 1]) < limits)
    assert abs(within - 0.95) < 3 * (0.95 * 0.05 / 4000) ** 0.5


def test_credible_difference_grows_with_the_level_and_shrinks_with_the_runs() -> None:
    many = {"count": 1_000_000, "standard_deviation": {"final_train_loss": 1.0}}
    # Of very many runs, t is the normal quantile, 1.959964.
    limit = credible_difference(paper(spread=many), "final_train_loss", 0.95)
    assert limit == pytest.approx(1.959964 * 2**0.5, rel=1e-5)
    levels = [credible_difference(paper(), "final_train_loss", one) for one in (0.5, 0.9, 0.99)]
    assert levels == sorted(levels)


@pytest.mark.parametrize(
    ("baseline", "spread"),
    [({}, {"training_minutes": 1.0}), ({"training_minutes": 3.0}, {})],
    ids=["the reference's number", "the spread"],
)
def test_there_is_no_verdict_without(baseline: dict[str, float], spread: dict[str, float]) -> None:
    runs = {"baseline": baseline, "male": {"training_minutes": 5.0}}
    given = paper(runs=runs, spread={"count": 5, "standard_deviation": spread})
    row = only(given)
    assert row["within_noise"] is None
    assert row["published"] == 5
    assert np.isnan(row["difference"]) == (not baseline)


def test_unknown_numbers_are_nan() -> None:
    assert np.isnan(published_value(paper(), "combined", "best_validation_loss"))
    assert np.isnan(published_value(paper(), "female", "final_train_loss"))
    assert np.isnan(credible_difference(paper(), "best_validation_loss", 0.95))


def test_only_numbers_that_are_known_have_a_row_and_the_reference_has_none() -> None:
    runs = {
        "baseline": {"final_train_loss": 1.0, "best_validation_loss": 2.0},
        "male": {"best_validation_loss": 1.5, "final_train_loss": 0.5},
        "female": {},
    }
    found = published_differences(paper(runs=runs), 0.95)
    assert list(zip(found["mode"], found["metric"], found["difference"], strict=True)) == [
        ("male", "best_validation_loss", -0.5),
        ("male", "final_train_loss", -0.5),
    ]
    nothing = published_differences(paper(runs={"baseline": {}}), 0.95)
    assert nothing.empty
    assert "within_noise" in nothing


def test_differences_are_from_the_reference_whatever_its_name() -> None:
    found = published_differences(paper(reference="combined"), 0.95).set_index("metric")
    assert found["mode"].tolist() == ["baseline", "baseline"]
    differences = found["difference"].to_dict()
    assert differences["final_train_loss"] == pytest.approx(-0.0032)
    assert np.isnan(differences["best_validation_loss"])
