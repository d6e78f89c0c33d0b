"""A study is composed from files and the user's changes, the more particular winning."""

from __future__ import annotations

import copy

import pytest
import yaml

from crossbreed.config.compose import compose_study
from crossbreed.config.gender import IntegerGene
from crossbreed.config.schema import DenseModel, Study
from repository import CONFIG
from user_changes import PRESETS, arms, event


@pytest.fixture(scope="module")
def paper() -> Study:
    return compose_study(CONFIG, {"preset": "paper"})


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_is_valid_and_comes_back_when_fed_to_itself(preset: str) -> None:
    study = compose_study(CONFIG, {"preset": preset})
    assert study.preset == preset
    assert compose_study(CONFIG, study.model_dump(mode="json")) == study


def test_paper_preset_is_the_posters(paper: Study) -> None:
    assert (paper.runs, paper.population.size, paper.epochs) == (10, 10, 100)
    assert (paper.dataset.train, paper.dataset.validation, paper.dataset.test) == (None, 0, None)
    assert (paper.dataset.available.train, paper.dataset.available.test) == (60_000, 10_000)
    assert paper.model == DenseModel(name="dense", hidden_widths=[128])
    trainer = paper.trainer
    assert (trainer.optimizer, trainer.learning_rate, trainer.batch_size) == ("adam", 0.001, 32)
    assert paper.arm["crossover"].model_dump()["events"] == [
        {
            "at": 0.5,
            "select": {"rule": "top", "count": 2, "metric": "train_loss"},
            "merge": {"rule": "inner_mean", "trim": 0.25, "align_units": False},
            "offspring": {"count": None, "optimizer": "reset", "mutation": 0.0},
        }
    ]


def test_preset_wins_over_the_shared_file_and_the_user_over_the_preset() -> None:
    shared = yaml.safe_load((CONFIG / "config.yaml").read_text())
    study = compose_study(CONFIG, {"preset": "paper", "runs": 3, "population": {"size": 4}})
    assert shared["epochs"] != 100
    assert (study.epochs, study.runs, study.population.size) == (100, 3, 4)
    assert study.seed == shared["seed"]


def test_group_is_chosen_by_name_and_preset_wins_over_its_file() -> None:
    user = {"preset": "ci", "trainer": "sgd", "dataset": "fashion_mnist"}
    before = copy.deepcopy(user)
    study = compose_study(CONFIG, user)
    trainer = study.trainer
    assert (trainer.optimizer, trainer.learning_rate, trainer.momentum) == ("sgd", 0.01, 0.9)
    assert not trainer.compile
    assert user == before


def test_nested_mapping_changes_only_its_keys(paper: Study) -> None:
    study = compose_study(CONFIG, {"preset": "paper", "trainer": {"learning_rate": 0.5}})
    changed = paper.trainer.model_copy(update={"learning_rate": 0.5})
    assert study == paper.model_copy(update={"trainer": changed})


def test_null_on_the_command_line_is_no_text() -> None:
    # As Snakemake reads `table: null` there.
    user = {"preset": "ci", "gender": {"table": "null"}, "mode": {"male": {"search": "null"}}}
    study = compose_study(CONFIG, user)
    assert study.gender.table is None
    assert study.mode["male"].search is None


def test_space_is_chosen_by_name_and_its_genes_may_change_their_form() -> None:
    widths = {"low": 64, "high": 128, "step": 32}
    gender = {"table": None, "space": {"width": widths}}
    study = compose_study(CONFIG, {"preset": "ci", "space": "nanogpt_cpu_grid", "gender": gender})
    # What the preset says of the space still counts.
    assert study.gender.space.layers == [1, 2]
    assert study.gender.space.heads == [1]
    assert study.gender.space.width == IntegerGene(**widths)
    user = {"preset": "paper", "gender": {"space": {"dropout": [0.0, 0.2]}}}
    space = compose_study(CONFIG, user).gender.space
    assert space.dropout == [0.0, 0.2]
    assert space.layers == IntegerGene(low=3, high=9)


def test_raw_overrides_are_in_hydras_syntax() -> None:
    raw = ["preset=paper", "trainer=sgd", "trainer.batch_size=64", "arms=[baseline,crossover]"]
    study = compose_study(CONFIG, {"overrides": raw, "seed": 7})
    assert (study.preset, study.runs, study.seed) == ("paper", 10, 7)
    assert (study.trainer.optimizer, study.trainer.batch_size) == ("sgd", 64)
    assert list(study.arm) == study.arms == ["baseline", "crossover"]


def test_arm_given_inline_takes_the_defaults_of_events() -> None:
    halving = [event(at=0.25, offspring={"count": 5}), event(at=0.75, merge={"rule": "copy"})]
    study = compose_study(CONFIG, {"preset": "paper", **arms(halving=halving)})
    assert list(study.arm) == ["baseline", "halving"]
    first, second = study.arm["halving"].events
    assert (first.at, first.offspring.count, second.offspring.count) == (0.25, 5, None)
    assert first.select.model_dump() == {"rule": "top", "count": 2, "metric": "train_loss"}
    assert second.offspring.model_dump() == {"count": None, "optimizer": "reset", "mutation": 0.0}


def test_arm_of_a_file_is_changed_by_its_key() -> None:
    user = {"preset": "paper", "arm": {"crossover": {"events": [event(at=0.1)]}}}
    crossover = compose_study(CONFIG, user).arm["crossover"]
    assert crossover.label == "crossover (inner mean of the best two)"
    assert [event.merge.rule for event in crossover.events] == ["mean"]


def test_changed_study_comes_back_when_fed_to_itself() -> None:
    title = r"100 %, {a: 'b'} $${\rm x}$ ${seed} #1"
    user = {"trainer": "sgd", "figures": {"title": title}, **arms(mine=[event(at=1 / 3)])}
    study = compose_study(CONFIG, user)
    assert study.figures.title == title
    assert compose_study(CONFIG, study.model_dump(mode="json")) == study
