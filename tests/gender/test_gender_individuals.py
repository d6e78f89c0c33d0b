"""The table of individuals holds what their files say, each individual once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crossbreed.gender.results.individuals import Histories, individuals_table
from crossbreed.search.files import (
    Choice,
    load_search,
    save_choices,
    save_individuals,
    save_seconds,
    save_trials,
)
from crossbreed.search.generation import Generation
from crossbreed.search.layout import GenerationFiles, SearchFiles
from crossbreed.search.learning_speed import speeds
from gender_histories import COUPLE, VOCABULARY, MadeUp, make_generation
from search_problem import EVOLUTION

NAN = np.nan
FALLING = "negate(train_loss_last)"
# The fourth founder diverged; females are the second and the fourth.
FOUNDERS = make_generation(
    0, MadeUp(1, 1, 1.0), MadeUp(2, 2, 2.0), MadeUp(3, 3, 3.0), MadeUp(4, 4, NAN, FALLING)
)
# Here, the order turns round: what the second one says is right, if it is judged here alone.
CHILDREN = make_generation(
    1,
    MadeUp(5, 1, 4.0, parents=COUPLE),
    MadeUp(6, 2, 0.5, FALLING, parents=COUPLE),
    MadeUp(7, 3, parents=COUPLE[:1]),
)


def saved(folder: Path, generation: Generation, chooses: bool) -> GenerationFiles:
    """Write a generation as training it does; each second of early training is followed by nine."""
    save_individuals(folder / "individuals.yaml", generation.individuals)
    early = {number: float(number) for number in generation.early}
    save_trials(folder / "early-01.json", generation.early, VOCABULARY, 1)
    save_seconds(folder / "early-01.seconds.json", early, early)
    all_of_it = {number: 10.0 * number for number in generation.finished}
    save_trials(folder / "finished-01.json", generation.finished, VOCABULARY, 1)
    save_seconds(folder / "finished-01.seconds.json", early, all_of_it)
    if chooses:
        save_choices(
            folder / "chosen.yaml",
            [
                Choice(number=number, foretold_rank=number / 4, chosen=number in all_of_it)
                for number in early
            ],
        )
    return GenerationFiles(folder=folder, trials=["early-01", "finished-01"])


@pytest.fixture
def searches(tmp_path: Path) -> Histories:
    """Two searches of seed 1 and one of seed 2, from files; the last chooses nobody."""
    histories = {}
    for seed, mode, chooses in ((1, "combined", True), (1, "male", True), (2, "random", False)):
        folders = tmp_path / str(seed) / "founders", tmp_path / str(seed) / mode
        history = [
            saved(folders[0], FOUNDERS, chooses=False),
            saved(folders[1], CHILDREN, chooses),
        ]
        files = SearchFiles(seed=seed, mode=mode, history=history, chooses=chooses)
        histories[seed, mode] = load_search(files)
    return histories


@pytest.fixture
def table(searches: Histories) -> pd.DataFrame:
    return individuals_table(searches, (), EVOLUTION)


def of(table: pd.DataFrame, mode: str, seed: int = 1) -> dict[str, list[Any]]:
    """Return the columns of a mode's individuals."""
    rows = table[(table["mode"] == mode) & (table["seed"] == seed)]
    return {str(name): column.tolist() for name, column in rows.items()}


def test_founders_are_there_once_a_seed_and_all_others_once_a_search(table: pd.DataFrame) -> None:
    counts = table.groupby(["seed", "mode"]).size().to_dict()
    assert counts == {
        (1, "founders"): 4,
        (1, "combined"): 3,
        (1, "male"): 3,
        (2, "founders"): 4,
        (2, "random"): 3,
    }
    assert not table.duplicated(["seed", "mode", "generation", "number"]).any()


def test_founders_of_a_search_of_its_own_are_its_own(searches: Histories) -> None:
    counts = individuals_table(searches, ["combined"], EVOLUTION).groupby(["seed", "mode"]).size()
    assert counts.to_dict() == {
        (1, "combined"): 7,
        (1, "founders"): 4,
        (1, "male"): 3,
        (2, "founders"): 4,
        (2, "random"): 3,
    }
    rows = individuals_table(searches, ["combined", "male", "random"], EVOLUTION)
    assert "founders" not in set(rows["mode"])
    assert len(rows) == 3 * 7


def test_individuals_are_who_their_files_say(table: pd.DataFrame) -> None:
    found = of(table, "combined")
    assert found["number"] == [1, 2, 3]
    assert found["generation"] == [1, 1, 1]
    assert found["sex"] == ["male", "female", "male"]
    assert found["father"] == ["0-1", "0-1", "0-1"]
    assert found["mother"] == ["0-2", "0-2", ""]
    assert found["learning_rate"] == [5 / 1024, 6 / 1024, 7 / 1024]
    assert found["predictor"] == ["train_loss_last", FALLING, "train_loss_last"]
    assert of(table, "founders")["father"] == [""] * 4


def test_costs_are_those_of_the_furthest_training(table: pd.DataFrame) -> None:
    # A point is 1024 characters, of 1e5 operations each; those trained to the end have two.
    found = of(table, "combined")
    assert found["tokens"] == [2048, 2048, 1024]
    assert found["flops"] == [2048e5, 2048e5, 1024e5]
    assert found["seconds"] == [10, 20, 3]
    assert found["parameters"] == [1000] * 3
    # One that diverged was paid for all the same.
    assert of(table, "founders")["tokens"] == [2048] * 4
    assert of(table, "founders")["seconds"] == [10, 20, 30, 40]


def test_only_those_trained_to_the_end_have_a_final_loss(table: pd.DataFrame) -> None:
    np.testing.assert_equal(of(table, "combined")["final_loss"], [4.0, 0.5, NAN])
    assert of(table, "combined")["finished"] == [True, True, False]
    # The last founder's training diverged.
    np.testing.assert_equal(of(table, "founders")["final_loss"], [1.0, 2.0, 3.0, NAN])
    assert all(of(table, "founders")["finished"])


def test_ranks_are_foretold_where_some_are_chosen(table: pd.DataFrame) -> None:
    assert of(table, "combined")["foretold_rank"] == [0.25, 0.5, 0.75]
    assert np.isnan(of(table, "founders")["foretold_rank"]).all()
    assert np.isnan(of(table, "random", 2)["foretold_rank"]).all()


def test_males_are_judged_by_speed_and_females_by_tau(table: pd.DataFrame) -> None:
    found = of(table, "founders")
    assert found["speed"] == pytest.approx(list(speeds(FOUNDERS, EVOLUTION).values()))
    # Early losses rise with final ones, a diverged one being the worst.
    np.testing.assert_allclose(found["tau"], [NAN, 1, NAN, -1])
    np.testing.assert_allclose(found["rank_error"], [NAN, 0, NAN, 2])


@pytest.mark.parametrize(
    ("judge_on", "tau"),
    # Of both together, 4 founders and 2 children by their early losses 1, 2, 3, 4, 1, 2 and final
    # ones 1, 2, 3, 10, 4, 0.5: of 15 pairs 13 have different early losses, 9 of which agree.
    [("unseen", 1.0), ("archive", -(9 - 4) / (13 * 15) ** 0.5)],
)
def test_females_are_judged_on_what_the_settings_say(
    searches: Histories, judge_on: str, tau: float
) -> None:
    settings = EVOLUTION.model_copy(update={"judge_on": judge_on})
    found = of(individuals_table(searches, (), settings), "male")
    assert found["tau"][1] == pytest.approx(tau)
