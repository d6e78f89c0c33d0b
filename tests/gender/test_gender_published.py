"""The paper's numbers: their differences, and how much of them two single runs explain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crossbreed.config.published import Published
from crossbreed.config.schema import Study
from crossbreed.gender.results.published import published_differences

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


def test_the_papers_differences_and_what_its_text_says_of_them(study: Study) -> None:
    rows = published_differences(study.published, 0.95)
    assert len(rows) == 3 * 4
    of_combined = rows[rows["mode"] == "combined"].set_index("metric")
    # By hand from its table; the standard deviations are 0.017 and 0.0027.
    for metric, difference, deviation in (
        ("final_train_loss", 0.0032, 0.017),
        ("best_validation_loss", 0.0078, 0.0027),
    ):
        row = of_combined.loc[metric]
        noise = T * 2**0.5 * deviation
        assert row["difference"] == pytest.approx(difference)
        assert row["smallest_credible_difference"] == pytest.approx(noise, rel=1e-6)
        assert row["within_noise"] is True
        # Higher, though the text says lower.
        assert row["text_says"] == "lower"
    minutes = of_combined.loc["training_minutes"]
    assert minutes["difference"] == pytest.approx(5.35)
    assert minutes["within_noise"] is None


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("share", "within"), [(0.99, True), (1.01, False)])
def test_verdict_turns_at_the_credible_difference_on_both_sides(
    sign: int, share: float, within: bool
) -> None:
    value = 0.8153 + sign * share * T * 2**0.5 * 0.017
    runs = {"baseline": {"final_train_loss": 0.8153}, "male": {"final_train_loss": value}}
    assert only(paper(runs=runs))["within_noise"] is within


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
