"""A study is composed from files and the user's changes; what is wrong is named, one line each."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study

CONFIG = Path(__file__).parents[1] / "config"
PRESETS = sorted(path.stem for path in (CONFIG / "preset").glob("*.yaml"))
ARMS = "baseline, clone_best, crossover, crossover_aligned, crossover_random, reset_only"


def event(at: float = 0.5, **changes: Any) -> dict[str, Any]:
    """Return a valid event, but for the changes: the mean of the best two."""
    select, merge = {"rule": "top", "count": 2}, {"rule": "mean"}
    return {"at": at, "select": select, "merge": merge} | changes


def arms(**events: list[Any]) -> dict[str, Any]:
    """Return the user's changes that define some arms, given by their events, and run them."""
    defined = {name: {"label": name, "events": listed} for name, listed in events.items()}
    return {"arms": ["baseline", *events], "arm": defined}


def selecting(**select: Any) -> list[Any]:
    return [event(select=select)]


def merging(count: int = 2, **merge: Any) -> list[Any]:
    return [event(select={"rule": "top", "count": count}, merge=merge)]


def refusal(user: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        compose_study(CONFIG, user)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_is_valid_and_comes_back_when_fed_to_itself(preset: str) -> None:
    study = compose_study(CONFIG, {"preset": preset})
    assert study.preset == preset
    assert compose_study(CONFIG, study.model_dump(mode="json")) == study


def test_paper_preset_is_the_posters() -> None:
    study = compose_study(CONFIG, {"preset": "paper"})
    assert (study.runs, study.population.size, study.epochs) == (10, 10, 100)
    assert (study.dataset.train, study.dataset.validation, study.dataset.test) == (None, 0, None)
    assert (study.dataset.available.train, study.dataset.available.test) == (60_000, 10_000)
    assert study.model.hidden_widths == [128]
    trainer = study.trainer
    assert (trainer.optimizer, trainer.learning_rate, trainer.batch_size) == ("adam", 0.001, 32)
    assert study.arm["crossover"].model_dump()["events"] == [
        {
            "at": 0.5,
            "select": {"rule": "top", "count": 2, "metric": "train_loss"},
            "merge": {"rule": "inner_mean", "trim": 0.25, "align_units": False},
            "offspring": {"count": None, "optimizer": "reset", "mutation": 0.0},
        }
    ]


def test_preset_wins_over_the_shared_file_and_the_user_over_the_preset() -> None:
    shared = yaml.safe_load((CONFIG / "config.yaml").read_text())
    paper = compose_study(CONFIG, {"preset": "paper", "runs": 3, "population": {"size": 4}})
    assert shared["epochs"] != 100
    assert (paper.epochs, paper.runs, paper.population.size) == (100, 3, 4)
    assert paper.seed == shared["seed"]


def test_group_is_chosen_by_name_and_preset_wins_over_its_file() -> None:
    user = {"preset": "ci", "trainer": "sgd", "dataset": "fashion_mnist"}
    before = copy.deepcopy(user)
    study = compose_study(CONFIG, user)
    trainer = study.trainer
    assert (trainer.optimizer, trainer.learning_rate, trainer.momentum) == ("sgd", 0.01, 0.9)
    assert not trainer.compile
    assert user == before


def test_nested_mapping_changes_only_its_keys() -> None:
    study = compose_study(CONFIG, {"preset": "paper", "trainer": {"learning_rate": 0.5}})
    unchanged = compose_study(CONFIG, {"preset": "paper"})
    assert study.trainer.learning_rate == 0.5
    trainer = study.trainer.model_copy(update={"learning_rate": 0.001})
    assert study.model_copy(update={"trainer": trainer}) == unchanged


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
    assert [one.merge.rule for one in crossover.events] == ["mean"]


def test_changed_study_comes_back_when_fed_to_itself() -> None:
    title = "100 %, {a: 'b'} \"c\" $x$ #1"
    user = {"trainer": "sgd", "figures": {"title": title}, **arms(mine=[event(at=1 / 3)])}
    study = compose_study(CONFIG, user)
    assert study.figures.title == title
    assert compose_study(CONFIG, study.model_dump(mode="json")) == study


def test_title_like_an_interpolation_comes_back_too() -> None:
    study = compose_study(CONFIG, {"figures": {"title": r"loss $\${\rm x}$"}})
    assert study.figures.title == r"loss $${\rm x}$"
    assert compose_study(CONFIG, study.model_dump(mode="json")) == study


# Each: the user's changes to the preset `paper` (N = 10, K = 100, 60,000 images, none held out);
# then, for each wrong key with its value, a piece of what the message says is allowed.
REFUSED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "unknown keys",
        {"nonsense": 1, "trainer": {"lr": 0.1}, "dataset": {"files": {"test_labels": {"md5": "x"}}}}
        | {"arm": {"reset_only": {"colour": "red"}}, "trainer.epsilon": 2},
        {
            "nonsense = 1": "unknown key",
            "trainer.lr = 0.1": "unknown key",
            "dataset.files.test_labels.md5 = 'x'": "unknown key",
            "arm.reset_only.colour = 'red'": "unknown key",
            "trainer.epsilon = 2": "unknown key",
        },
    ),
    (
        "unknown keys of an event",
        arms(mine=[event(when=1), *selecting(rule="top", tall=2), *merging(rule="mean", trim=0)]),
        {
            "arm.mine.events.0.when = 1": "unknown key",
            "arm.mine.events.1.select.tall = 2": "unknown key",
            "arm.mine.events.2.merge.trim = 0": "unknown key",
        },
    ),
    (
        "missing keys",
        {"arm": {"a": {"label": "a"}, "b": {"label": "b", "events": [event(merge={})]}}},
        {"arm.a.events": "must be given", "arm.b.events.0.merge.rule": "must be given"},
    ),
    (
        "wrong types",
        {"runs": "many", "epochs": None, "population": 3, "trainer": {"learning_rate": "fast"}}
        | {"model": {"hidden_widths": 128}, "arms": ["baseline", 1], "preset": "paper"}
        | {"evaluation": {"at": ["end"]}, "figures": {"title": ["a"]}, "arm": {"mine": None}},
        {
            "runs = 'many'": "integer",
            "epochs = None": "integer",
            "population = 3": "mapping",
            "trainer.learning_rate = 'fast'": "number",
            "model.hidden_widths = 128": "list",
            "arms.1 = 1": "string",
            "evaluation.at.0 = 'end'": "number",
            "figures.title = ['a']": "string",
            "arm.mine = None": "mapping",
        },
    ),
    (
        "out of range",
        {"runs": 0, "epochs": -4, "segment_epochs": -3, "seed": -1, "population": {"size": 2.5}}
        | {"statistics": {"confidence": 95}, "model": {"hidden_widths": [128, 0]}}
        | {"trainer": {"learning_rate": 0, "optimizer": "rmsprop"}, "engine": "abacus"},
        {
            "runs = 0": "greater than or equal to 1",
            "epochs = -4": "greater than or equal to 2",
            "segment_epochs = -3": "greater than or equal to 1",
            "seed = -1": "greater than or equal to 0",
            "population.size = 2.5": "integer",
            "statistics.confidence = 95": "less than 1",
            "model.hidden_widths.1 = 0": "greater than or equal to 1",
            "trainer.learning_rate = 0": "greater than 0",
            "trainer.optimizer = 'rmsprop'": "'adam' or 'sgd'",
            "engine = 'abacus'": "'torch'",
        },
    ),
]
