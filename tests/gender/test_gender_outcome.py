"""Means over repeats and seeds: what is measured as what, and what a divergence takes away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from crossbreed.config.published import Published
from crossbreed.gender.results.outcome import (
    LOSSES,
    METRICS,
    by_seed,
    missing_finals,
    mode_table,
)
from gender_tables import FLOPS_PER_TOKEN, TIMES, final, finals_table, individuals_table

NAN = np.nan
LABELS = {"baseline": "no search", "male": "the fastest"}
PUBLISHED = Published.model_validate(
    {
        "reference": "baseline",
        "runs": {"baseline": {"final_train_loss": 0.8153}, "male": {"training_minutes": 7.5}},
        "text_says": {},
        "spread": {"count": 5, "standard_deviation": {"final_train_loss": 0.017}},
    }
)


def rows(
    finals: pd.DataFrame, best: dict[str, list[float]] | None = None, labels: Any = LABELS
) -> dict[str, dict[str, Any]]:
    """Return the table's rows by mode."""
    individuals = individuals_table(best or {"male": [1.0, 2.0, 3.0]})
    table = mode_table(individuals, finals, labels, 0.95, PUBLISHED)
    assert table["mode"].tolist() == list(labels)
    return {str(row["mode"]): dict(row) for row in table.to_dict("records")}  # type: ignore[arg-type]


def test_repeats_of_a_seed_are_averaged_and_not_pooled() -> None:
    # Three repeats of seed 1, one of seed 2: pooled, the mean would be 2.5.
    table = pd.DataFrame(
        [*(final("male", 1, repeat, 2.0) for repeat in (1, 2, 3)), final("male", 2, 1, 4.0)]
    )
    assert by_seed(table)["final_validation_loss"].to_dict() == {("male", 1): 2, ("male", 2): 4}
    assert rows(table)["male"]["final_validation_loss_mean"] == 3


@pytest.mark.parametrize("metric", list(METRICS))
def test_every_measurement_keeps_its_name(metric: str) -> None:
    table = finals_table({"baseline": [1.0, 2.0], "male": [4.0, 8.0]})
    assert by_seed(table)[metric].tolist() == [loss * TIMES[metric] for loss in (1, 2, 4, 8)]
    assert rows(table)["male"][f"{metric}_mean"] == 6 * TIMES[metric]
    assert rows(table)["male"][f"{metric}_n"] == 2


@pytest.mark.parametrize(
    "broken", [{"diverged": True}, *({column: NAN} for column in LOSSES.values())], ids=str
)
def test_one_diverged_repeat_takes_its_whole_seed_away(broken: dict[str, Any]) -> None:
    # The repeat that is left is the better one: its mean alone would flatter the mode.
    table = pd.DataFrame(
        [
            *(final("male", 1, 1, 1.0), final("male", 1, 2, 9.0, **broken)),
            *(final("male", 2, 1, 3.0), final("male", 2, 2, 3.0)),
            final("baseline", 1, 1, 5.0),
        ]
    )
    assert by_seed(table).index.tolist() == [("baseline", 1), ("male", 2)]
    assert missing_finals(table) == {"male": ["1-2"]}
    found = rows(table)
    assert found["male"]["final_validation_loss_mean"] == 3
    assert found["male"]["final_validation_loss_n"] == 1
    assert found["male"]["diverged_finals"] == "1-2"
    assert found["baseline"]["diverged_finals"] == ""


def test_mode_that_always_diverged_has_a_row_without_numbers() -> None:
    found = rows(finals_table({"baseline": [1.0, 2.0], "male": [NAN, NAN]}))["male"]
    assert np.isnan(found["final_validation_loss_mean"])
    assert found["final_validation_loss_n"] == 0
    assert np.isnan(found["parameters"])
    assert found["diverged_finals"] == "1-2 2-2"
    # What the search itself found is known all the same.
    assert found["best_final_loss_mean"] == 2


def test_seed_without_a_small_network_lacks_that_loss_alone() -> None:
    table = pd.DataFrame(
        [
            *(final("male", 1, repeat, 2.0, small_validation_loss=NAN) for repeat in (1, 2)),
            *(final("male", 2, 1, 3.0, small_validation_loss=1.0), final("male", 2, 2, 3.0)),
            *(final("male", 3, 1, 3.0, small_validation_loss=NAN), final("male", 3, 2, 3.0)),
        ]
    )
    row = rows(table)["male"]
    assert (row["final_validation_loss_mean"], row["final_validation_loss_n"]) == (8 / 3, 3)
    # Of seed 2 the mean of 1 and 12; of seed 3 that of one repeat would look better than it is.
    assert (row["small_validation_loss_mean"], row["small_validation_loss_n"]) == (6.5, 1)


def test_studies_without_a_table_have_no_small_networks() -> None:
    live = finals_table({"baseline": [1.0, 2.0], "male": [4.0, 8.0]})
    row = rows(live.drop(columns="small_validation_loss"))["male"]
    assert np.isnan(row["small_validation_loss_mean"])
    assert (row["final_validation_loss_mean"], row["small_validation_loss_n"]) == (6, 0)


def test_published_numbers_stand_beside_what_the_paper_measures() -> None:
    found = rows(finals_table({"baseline": [1.0], "male": [1.0]}))
    assert found["baseline"]["published_final_train_loss"] == 0.8153
    assert found["male"]["published_training_minutes"] == 7.5
    assert np.isnan(found["male"]["published_final_train_loss"])
    assert np.isnan(found["baseline"]["published_training_minutes"])
    assert "published_final_validation_loss" not in found["male"]


def test_costs_are_means_over_seeds_and_empty_without_a_search() -> None:
    # Each search is of two founders and two children, 100 characters and a minute each.
    found = rows(finals_table({"baseline": [1.0], "male": [1.0]}))
    assert found["male"]["search_tokens"] == 400
    assert found["male"]["search_flops"] == 400 * FLOPS_PER_TOKEN
    assert found["male"]["search_minutes"] == 4
    assert np.isnan(found["baseline"]["search_tokens"])
    assert found["baseline"]["best_final_loss_n"] == 0


def test_search_that_found_nothing_is_not_counted_among_those_that_did() -> None:
    individuals = individuals_table({"male": [1.0, 3.0, 8.0]})
    individuals.loc[individuals["seed"] == 3, "final_loss"] = NAN
    finals = finals_table({"male": [1.0, 1.0, 1.0]})
    table = mode_table(individuals, finals, {"male": "the fastest"}, 0.95, PUBLISHED)
    (row,) = table.to_dict("records")
    assert (row["best_final_loss_mean"], row["best_final_loss_n"]) == (2, 2)


def test_every_row_names_the_edition() -> None:
    table = finals_table({"baseline": [1.0], "male": [1.0]})
    assert {row["edition"] for row in rows(table).values()} == {"made up"}
    mixed = table.assign(edition=["first", "first", "second", "second"])
    assert {row["edition"] for row in rows(mixed).values()} == {"first and second"}
