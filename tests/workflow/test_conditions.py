"""Conditions: named changes of the crossover study, trunks shared, one map of them all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.crossover.conditions import compose_conditions, experiment_of, make_plans
from crossbreed.crossover.figures.conditions import conditions_map
from crossbreed.crossover.plan import CrossoverPlan
from crossbreed.crossover.results.conditions import (
    Mapped,
    conditions_table,
    load_comparison,
    points_to,
    summary,
)
from repository import REPOSITORY

CONFIG = REPOSITORY / "config"


@dataclass
class Place:
    """What Snakemake fills into a path."""

    run: str
    lineage: str
    epoch: str


def user(**conditions: dict[str, Any]) -> dict[str, Any]:
    named = {
        name: {"label": name, "group": "some", "change": change}
        for name, change in conditions.items()
    }
    return {
        **{"preset": "ci", "epochs": 8, "studies": ["conditions"], "conditions": named},
        "arms": ["baseline", "crossover"],
    }


def made(**conditions: dict[str, Any]) -> dict[str, CrossoverPlan]:
    given = user(**conditions)
    study = compose_study(CONFIG, given)
    under = compose_conditions(CONFIG, given, study)
    return make_plans(
        {"crossover": study, **{experiment_of(name): changed for name, changed in under.items()}}
    )


def event(at: float, **changes: Any) -> dict[str, Any]:
    what = {"at": at, "select": {"rule": "top"}, "merge": {"rule": "mean"}}
    return {"arm": {"crossover": {"events": [what | changes]}}}


def trunk(plan: CrossoverPlan, epoch: int) -> str:
    return plan.node("01", "trunk", epoch, "population.safetensors")


def test_conditions_that_train_alike_before_they_breed_share_a_trunk() -> None:
    got = made(
        merge=event(0.5),
        early=event(0.25),
        longer={"epochs": 16},
        rate={"trainer": {"learning_rate": 0.01}},
        rate_too={"trainer": {"learning_rate": 0.01}, **event(0.5)},
        few={"population": {"size": 2}},
        images={"dataset": {"train": 500}},
        seed={"seed": 7},
    )
    main = got["crossover"]
    owners = {
        name: trunk(got[experiment_of(name)], 8).partition("/run-01/")[0]
        for name in ("merge", "early", "longer", "rate", "rate_too", "few", "images", "seed")
    }
    assert {owners[name] for name in ("merge", "early")} == {main.folder}
    assert owners["rate"] == owners["rate_too"]
    others = [owners[name] for name in ("longer", "rate", "few", "images", "seed")]
    assert len(set(others)) == 5
    assert all(re.fullmatch(r"results/ci/shared/[0-9a-f]{8}", owner) for owner in others)
    # What is bred is a condition's own.
    bred = got["conditions/merge"].node("01", "crossover", 8, "x")
    assert bred.startswith("results/ci/conditions/merge/")
    # Of other images or another seed there are other examples, of all else the same.
    examples = {name: got[experiment_of(name)].examples for name in owners}
    assert {examples[name] for name in owners if name not in ("images", "seed")} == {main.examples}
    assert len(set(examples.values())) == 3
    for plan in got.values():
        assert plan.train_input(Place("01", "trunk", f"{plan.evaluation_epochs[0]:04d}"))[
            "examples"
        ] == (plan.examples)


def test_what_is_shared_stays_where_it_is_whichever_conditions_come_and_go() -> None:
    rate = {"trainer": {"learning_rate": 0.01}}
    alone = made(second=rate)
    both = made(first=rate, second=rate)
    assert trunk(alone["conditions/second"], 4) == trunk(both["conditions/second"], 4)


def test_an_owner_trains_the_trunk_to_where_any_sharer_breeds() -> None:
    got = made(early=event(0.25))
    owner = got["crossover"]
    assert owner.train_input(Place("01", "trunk", "0002")) == {"examples": owner.examples}
    assert owner.train(Place("01", "trunk", "0002")).stop == 2
    early = got["conditions/early"]
    assert early.breed_input(Place("01", "crossover", "0002"))["source"] == trunk(owner, 2)
    assert early.trunk_folder(Place("03", "", "")) == f"{owner.folder}/run-03"
    with pytest.raises(ValueError, match="no trunk ends at epoch 0003"):
        owner.train(Place("01", "trunk", "0003"))


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({}, "conditions = {}: must name a condition"),
        ({"x": {"epochs": -1}}, r"conditions\.x\.change: epochs = -1: must be greater than"),
        ({"x": {"trainer": "none"}}, r"conditions\.x\.change: trainer = 'none': must be one of"),
        ({"x": {"gender": {"seeds": 1}}}, r"conditions\.x\.change\.gender: a condition may only"),
        ({"x": {"dataset": "other"}}, r"change\.dataset = 'other': must be fashion"),
        ({"x": {"dataset": {"name": "other"}}}, r"change\.dataset = 'other': must be fashion"),
    ],
)
def test_conditions_that_cannot_be_are_refused(conditions: dict[str, Any], message: str) -> None:
    changes = user(**conditions)
    with pytest.raises(ConfigError, match=message):
        compose_conditions(CONFIG, changes, compose_study(CONFIG, changes))


@pytest.mark.parametrize(
    ("changes", "change", "expected"),
    [
        # Who runs a study with SGD means it under a condition of the learning rate, too.
        ({"trainer": "sgd"}, {"trainer": {"learning_rate": 0.5}}, ("sgd", 0.5, "auto")),
        (
            {"trainer": {"optimizer": "adam", "device": "cpu"}},
            {"trainer": "sgd"},
            ("sgd", 0.01, "cpu"),
        ),
        ({"trainer": "sgd"}, {"trainer": {"optimizer": "adam"}}, ("adam", 0.001, "auto")),
        ({"trainer": {"learning_rate": 0.5}}, {"trainer": "sgd"}, ("sgd", 0.5, "auto")),
        (
            {"overrides": ["trainer=sgd", "trainer.device=cpu"]},
            {"trainer": {"learning_rate": 0.2}},
            ("sgd", 0.2, "cpu"),
        ),
        ({"trainer": {"learning_rate": 0.1}}, {}, ("adam", 0.1, "auto")),
    ],
)
def test_a_condition_changes_what_it_names_and_nothing_else(
    changes: dict[str, Any], change: dict[str, Any], expected: tuple[str, float, str]
) -> None:
    both = user(x=change) | changes
    (study,) = compose_conditions(CONFIG, both, compose_study(CONFIG, both)).values()
    trainer = study.trainer
    assert (trainer.optimizer, trainer.learning_rate, trainer.device) == expected


def test_a_file_need_not_be_named_after_its_optimizer(tmp_path: Path) -> None:
    config = shutil.copytree(CONFIG, tmp_path / "config")
    (config / "trainer/mine.yaml").write_bytes((config / "trainer/sgd.yaml").read_bytes())
    for changes, change in (
        ({"trainer": "mine"}, {"trainer": {"device": "cpu"}}),
        ({"trainer": {"device": "cpu"}}, {"trainer": "mine"}),
    ):
        both = user(x=change) | changes
        (study,) = compose_conditions(config, both, compose_study(config, both)).values()
        assert (study.trainer.optimizer, study.trainer.device) == ("sgd", "cpu")


def test_another_architecture_takes_no_values_of_the_study() -> None:
    both = user(x={"model": "convolutional"}) | {"model": {"hidden_widths": [7]}}
    (study,) = compose_conditions(CONFIG, both, compose_study(CONFIG, both)).values()
    assert study.model.name == "convolutional"


def test_conditions_that_choose_the_same_files_are_composed_alike_at_once_or_alone() -> None:
    changes = user(rate={"trainer": {"learning_rate": 0.5}}, plain={})
    together = compose_conditions(CONFIG, changes, compose_study(CONFIG, changes))
    alone = compose_study(CONFIG, {**changes, "studies": ["crossover"]})
    assert together["plain"] == alone


def test_shipped_conditions_are_allowed_and_share_what_they_can() -> None:
    given = {"preset": "conditions"}
    study = compose_study(CONFIG, given)
    under = compose_conditions(CONFIG, given, study)
    assert list(under) == list(study.conditions)
    # Each really is another study than the default one.
    told = [one.model_dump_json() for one in under.values()]
    assert len(set(told)) == len(told)
    places = {experiment_of(name): one for name, one in under.items()}
    got = make_plans({"crossover": study, **places})
    owners = [trunk(got[place], 12).split("/")[2] for place in places]
    assert owners.count("crossover") == 6
    assert owners.count("shared") == 10


def comparison(difference: float, half: float) -> pd.DataFrame:
    rows = [
        {
            **{"arm": "crossover", "reference": reference, "metric": metric, "epoch": epoch},
            **{"runs": 4, "difference": difference if epoch == 2 else 9.0},
            **{"interval_low": difference - half, "interval_high": difference + half},
            "p_paired_t": 0.01 if half == half else None,
        }
        for reference in ("baseline", "clone_best")
        for metric in ("best_train_loss", "test_loss")
        for epoch in (1, 2)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def table() -> pd.DataFrame:
    return conditions_table(
        [
            Mapped("a", "first $x$", "one", comparison(0.1, 0.02)),
            Mapped("b", "second", "one", comparison(-0.1, 0.02)),
            Mapped("c", "third", "two", comparison(0.0, np.nan)),
        ]
    )


def test_table_holds_the_last_epoch_of_every_condition(table: pd.DataFrame) -> None:
    assert list(table.columns[:3]) == ["condition", "label", "group"]
    assert set(table["epoch"]) == {2}
    assert len(table) == 3 * 4
    # Two conditions are known: their p values of 0.01 are doubled.
    assert table["p_over_conditions"].dropna().unique().tolist() == [0.02]
    text = summary(table, "best_train_loss", 0.02, 0.95)
    lines = [line.split() for line in text.splitlines() if "runs)" in line]
    assert [line[-1] for line in lines] == ["hurts", "helps", "unknown"] * 2


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-0.3, -0.1, "helps"),
        (0.01, 0.3, "hurts"),
        (-0.01, 0.01, "no difference"),
        (0.005, 0.015, "no difference"),
        (-0.1, 0.01, "undecided"),
        (np.nan, np.nan, "unknown"),
    ],
)
def test_a_difference_points_where_its_interval_lies(low: float, high: float, word: str) -> None:
    def points(p: float) -> str:
        row: dict[Hashable, float] = {
            **{"interval_low": low, "interval_high": high},
            **{"difference": (low + high) / 2, "p_over_conditions": p},
        }
        return points_to(row, 0.02, 0.95)

    assert points(0.01 if low * high > 0 else 0.5) == word
    # What is certain of one condition need not be so of many.
    unsure = points(0.06)
    assert unsure == ("undecided" if word in ("helps", "hurts") else word)


def test_map_has_a_row_for_each_condition_and_a_mark_for_each_contrast(
    table: pd.DataFrame,
) -> None:
    labels = {"crossover": "bred", "baseline": "not bred"}
    figure = conditions_map(table, labels, ["best_train_loss", "test_loss"], 0.02, 0.95)
    assert isinstance(figure, Figure)
    left, _ = figure.axes
    assert [text.get_text() for text in left.get_yticklabels()] == ["first $x$", "second", "third"]
    marks = [line for line in left.lines if line.get_linestyle() == "None"]
    places = [float(np.asarray(line.get_xdata())[0]) for line in marks]
    assert places == [0.1, 0.1, -0.1, -0.1, 0, 0]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "bred against not bred",
        "bred against clone_best",
    ]


def test_map_of_conditions_without_a_pair_of_runs_is_drawn_and_told() -> None:
    empty = comparison(np.nan, np.nan).assign(runs=0, missing_runs="1 2", difference=np.nan)
    table = conditions_table([Mapped("a", "lost", "one", empty)])
    conditions_map(table, {}, ["test_loss"], 0.02, 0.95).draw_without_rendering()
    told = summary(table, "test_loss", 0.02, 0.95).splitlines()
    assert told[2] == "    lost  nothing to compare (0 runs, missing: 1 2)"


def test_a_missing_run_keeps_its_number(tmp_path: Path) -> None:
    path = tmp_path / "comparison.csv"
    written = comparison(0.1, 0.02).assign(missing_runs=["2", *[""] * 7], runs_needed=12)
    written.loc[0, "runs_needed"] = None
    written.astype({"runs_needed": "Int64"}).to_csv(path, index=False)
    again = conditions_table([Mapped("a", "few", "one", load_comparison(path))])
    assert "12.0" not in again.to_csv()
    first = conditions_table([Mapped("a", "few", "one", load_comparison(path).assign(epoch=2))])
    assert "(+8.0% to +12.0%; 4 runs, missing: 2)" in summary(first, "best_train_loss", 0.02, 0.95)
