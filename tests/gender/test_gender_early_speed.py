"""What early speed says of the end, for searches counted by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crossbreed.gender.results.early_speed import early_speed_evidence
from crossbreed.search.generation import Generation
from gender_histories import COUPLE, MadeUp, make_generation
from search_problem import EVOLUTION


def speed_taus(*generations: Generation, per: str = "token") -> dict[tuple[str, str], Any]:
    """Return tau and the number of architectures, the generations being those of two searches."""
    histories = {(1, mode): generations for mode in ("male", "female")}
    evolution = EVOLUTION.model_copy(update={"speed_per": per})
    table = early_speed_evidence(histories, evolution, 0.95, 50, 1)
    assert set(table["assumption"]) == {"early_speed"}
    return {
        (str(row["architectures"]), str(row["seed"])): (pytest.approx(row["tau"]), row["n"])
        for row in table.to_dict("records")
    }


FOUNDERS = make_generation(0, MadeUp(1, 2.0, 1.0), MadeUp(2, 3.0, 2.0), MadeUp(3, 4.0, 3.0))


def test_early_speed_is_set_against_the_end_once_for_each_architecture() -> None:
    # Of those that were bred, the slow end best: one genome is there twice, one was given up, one
    # is a founder's.
    bred = make_generation(
        1,
        MadeUp(4, 2.5, 0.9, parents=COUPLE),
        MadeUp(5, 3.5, 0.8, parents=COUPLE),
        MadeUp(5, 3.5, 0.8, parents=COUPLE),
        MadeUp(6, 3.9, parents=COUPLE),
        MadeUp(1, 2.0, 1.0, parents=COUPLE),
    )
    found = speed_taus(FOUNDERS, bred)
    assert found["unselected", "1"] == (1, 3)
    # In the order of their speed, the losses are 1, 0.9, 2, 0.8, 3: 4 of 10 pairs are swapped.
    assert found["all", "1"] == (2 / 10, 5)
    assert found["all", "pooled"] == (2 / 10, 5)
    assert found["all", "mean"] == (2 / 10, 1)


def test_early_speed_is_counted_as_the_settings_say() -> None:
    # Who gains most by the character takes by far the longest.
    slow = replace(FOUNDERS, early_seconds={1: 100.0, 2: 1.0, 3: 0.01})
    assert speed_taus(slow)["all", "1"] == (1, 3)
    assert speed_taus(slow, per="second")["all", "1"] == (-1, 3)
