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
from crossbreed.config.schema import Study

CONFIG = Path(__file__).parents[1] / "config"
PRESETS = sorted(path.stem for path in (CONFIG / "preset").glob("*.yaml"))
ARMS = ", ".join(sorted(path.stem for path in (CONFIG / "arm").glob("*.yaml")))


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


def each(allowed: str, *keys: str) -> dict[str, str]:
    return dict.fromkeys(keys, allowed)


def refusal(user: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        compose_study(CONFIG, user)
    return str(caught.value).splitlines()


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
    assert paper.model.hidden_widths == [128]
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
    title = r"100 %, {a: 'b'} $${\rm x}$ ${seed} #1"
    user = {"trainer": "sgd", "figures": {"title": title}, **arms(mine=[event(at=1 / 3)])}
    study = compose_study(CONFIG, user)
    assert study.figures.title == title
    assert compose_study(CONFIG, study.model_dump(mode="json")) == study


# By kind: the user's changes to the preset `paper` (N = 10, K = 100, 60,000 images, none held
# out); then each wrong key with its value, and a piece of what the message says is allowed.
REFUSED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "unknown keys": (
        {"nonsense": 1, "trainer": {"lr": 0.1}, "dataset": {"files": {"test_labels": {"md5": "x"}}}}
        | {"arm": {"reset_only": {"colour": "red"}}, "trainer.epsilon": 2},
        each("unknown key", "nonsense = 1", "trainer.lr = 0.1", "trainer.epsilon = 2")
        | each(
            "unknown key", "dataset.files.test_labels.md5 = 'x'", "arm.reset_only.colour = 'red'"
        ),
    ),
    "unknown and missing keys of arms": (
        arms(
            a=[event(when=1), *selecting(rule="top", tall=2), *merging(rule="mean", trim=0)],
            b=[event(merge={}), {"at": 0.75}],
        ),
        each("unknown key", "arm.a.events.0.when = 1", "arm.a.events.1.select.tall = 2")
        | each("unknown key", "arm.a.events.2.merge.trim = 0")
        | each("must be given", "arm.b.events.0.merge.rule", "arm.b.events.1.select")
        | each("must be given", "arm.b.events.1.merge"),
    ),
    "wrong types": (
        {"runs": "many", "epochs": None, "population": 3, "trainer": {"learning_rate": "fast"}}
        | {"model": {"hidden_widths": 128}, "arms": ["baseline", 1], "arm": {"mine": None}}
        | {"evaluation": {"at": ["end"]}, "figures": {"title": ["a"]}},
        {"runs = 'many'": "integer", "epochs = None": "integer", "population = 3": "mapping"}
        | {"trainer.learning_rate = 'fast'": "number", "model.hidden_widths = 128": "list"}
        | {"arms.1 = 1": "string", "arm.mine = None": "mapping"}
        | {"evaluation.at.0 = 'end'": "number", "figures.title = ['a']": "string"},
    ),
    "numbers out of range": (
        {"runs": 0, "epochs": -4, "segment_epochs": -3, "seed": -1, "population": {"size": 2.5}}
        | {"statistics": {"confidence": 95}, "trainer": {"learning_rate": 0}},
        {"runs = 0": "equal to 1", "epochs = -4": "equal to 2", "segment_epochs = -3": "equal to 1"}
        | {"seed = -1": "equal to 0", "population.size = 2.5": "integer"}
        | {"statistics.confidence = 95": "less than 1", "trainer.learning_rate = 0": "than 0"},
    ),
    "words that are none of the choices": (
        {"trainer": {"optimizer": "rmsprop"}}
        | {"engine": "abacus", **arms(a=selecting(rule="best"), b=merging(rule="average"))},
        {"trainer.optimizer = 'rmsprop'": "'adam' or 'sgd'", "engine = 'abacus'": "'torch'"}
        | {"arm.a.events.0.select.rule = 'best'": "'all', 'top', 'random'"}
        | {"arm.b.events.0.merge.rule = 'average'": "'copy', 'mean', 'inner_mean'"},
    ),
    "truth values for numbers": (
        {"runs": True, "population": {"size": True}, "trainer": {"learning_rate": True}}
        | {"evaluation": {"at": [True]}, "dataset": {"validation": False}},
        each("a number", "runs = True", "population.size = True", "trainer.learning_rate = True")
        | each("a number", "evaluation.at.0 = True", "dataset.validation = False"),
    ),
    "truth values for numbers of an event": (
        arms(mine=[event(offspring={"mutation": True}), *merging(rule="inner_mean", trim=False)]),
        each("a number", "arm.mine.events.0.offspring.mutation = True")
        | each("a number", "arm.mine.events.1.merge.trim = False"),
    ),
    "numbers that are not finite": (
        {"trainer": {"learning_rate": math.nan, "epsilon": math.inf}}
        | {"evaluation": {"at": [-math.inf, 1.0]}, **arms(mine=[event(at=math.nan)])},
        {"trainer.learning_rate = nan": "finite", "trainer.epsilon = inf": "finite"}
        | {"evaluation.at.0 = -inf": "finite", "arm.mine.events.0.at = nan": "finite"},
    ),
    "empty lists": (
        {"arms": [], "evaluation": {"at": []}, "dataset": {"sources": []}},
        each("at least 1", "arms = []", "evaluation.at = []", "dataset.sources = []"),
    ),
    "events not within training": (
        arms(mine=[event(at=at) for at in (0, 1, -0.1, 1.5)]),
        {"arm.mine.events.0.at = 0": "greater than 0", "arm.mine.events.1.at = 1": "less than 1"}
        | {"arm.mine.events.2.at = -0.1": "than 0", "arm.mine.events.3.at = 1.5": "than 1"},
    ),
    "events at epochs 0, K, the same, an earlier": (
        arms(a=[event(at=0.004)], b=[event(at=0.996)], c=[event(at=at) for at in (0.5, 0.501, 0.3)])
        | {"evaluation": {"at": [0.001, 1.0]}},
        {"arm.a.events.0.at = 0.004": "is epoch 0; must be after epoch 0 and before the last, 100"}
        | {"arm.b.events.0.at = 0.996": "is epoch 100; must be after epoch 0 and before the last"}
        | {"arm.c.events.1.at = 0.501": "is epoch 50; must be after epoch 50"}
        | {"arm.c.events.2.at = 0.3": "is epoch 30; must be after epoch 50"}
        | {"evaluation.at = [0.001, 1.0]": "epochs [0, 100]; they must differ and not be 0"},
    ),
    "names of arms": (
        {"arms": ["baseline", "a/b", "..", "Crossover", "none", "infinity"]},
        {"arms.1 = 'a/b'": "^[a-z]", "arms.2 = '..'": "^[a-z]", "arms.3 = 'Crossover'": "^[a-z]"}
        | {"arms.4 = 'none'": "must not be a word", "arms.5 = 'infinity'": "must not be a word"},
    ),
    "arms unknown, reserved, named twice": (
        {"arms": ["crossover", "nobody", "trunk", "crossover"]},
        {"arms.1 = 'nobody'": f"one of {ARMS}", "arms.2 = 'trunk'": "choose another"}
        | {"arms.3 = 'crossover'": "twice", "statistics.reference = 'baseline'": "arms, crossover"},
    ),
    "parents that an event cannot have or merge": (
        arms(
            a=selecting(rule="top", count=11),
            b=selecting(rule="tournament", count=2, size=11),
            c=selecting(rule="species", species=6, count=2),
            d=[event(offspring={"count": 2}), event(0.75, select={"rule": "top", "count": 3})],
            e=merging(count=3, rule="spherical"),
            f=[event(select={"rule": "all"}, merge={"rule": "spherical"})],
        ),
        {"arm.a.events.0.select.count = 11": "at most the population's 10 networks"}
        | {"arm.b.events.0.select.size = 11": "at most the population's 10 networks"}
        | {"arm.c.events.0.select.count = 2": "times 6 species, at most the population's 10"}
        | {"arm.d.events.1.select.count = 3": "at most the population's 2 networks"}
        | {"arm.e.events.0.merge.rule = 'spherical'": "exactly 2 parents, not 3"}
        | {"arm.f.events.0.merge.rule = 'spherical'": "exactly 2 parents, not 10"},
    ),
    "metrics of validation without validation": (
        arms(a=selecting(rule="top", metric="validation_accuracy")),
        {"arm.a.events.0.select.metric = 'validation_accuracy'": "needs dataset.validation > 0"},
    ),
    "more images than there are": (
        {"dataset": {"train": 60_000, "validation": 1, "test": 10_001}},
        {"dataset.train = 60000": "at most 59999", "dataset.test = 10001": "at most 10000"},
    ),
    "all held out": ({"dataset": {"validation": 60_000}}, {"dataset.validation = 60000": "less"}),
    "large batch": ({"dataset": {"train": 31}}, {"trainer.batch_size = 32": "at most the 31 "}),
    "end not evaluated": ({"evaluation": {"at": [0.5]}}, {"evaluation.at = [0.5]": "include 1.0"}),
    "end named twice": ({"evaluation": {"at": [1.0, 1]}}, {"evaluation.at = [1.0, 1]": "twice"}),
    "no such mirror": ({"data": {"mirror": "/no"}}, {"data.mirror = '/no'": "an existing folder"}),
    "sign for a missing value": (
        {"runs": "???", "figures": {"title": "???"}},
        {"runs = '???'": "must be", "figures.title = '???'": "must"},
    ),
    "preset": ({"preset": "napkin"}, {"preset = 'napkin'": ", ".join(PRESETS)}),
    "no preset": ({"preset": None}, {"preset = None": ", ".join(PRESETS)}),
    "file of a group": ({"trainer": "rmsprop"}, {"trainer = 'rmsprop'": "one of adam, sgd"}),
    "overrides not a list": ({"overrides": "runs=3"}, {"overrides = 'runs=3'": "list of strings"}),
    "raw override of no text": ({"overrides": [3]}, {"overrides = [3]": "list of strings"}),
    "raw unknown key": ({"overrides": ["+trainer.lr=3"]}, {"trainer.lr = 3": "unknown key"}),
}


@pytest.mark.parametrize(("user", "expected"), REFUSED.values(), ids=REFUSED)
def test_each_problem_is_one_line_with_key_value_and_what_is_allowed(
    user: dict[str, Any], expected: dict[str, str]
) -> None:
    lines = refusal({"preset": "paper", **user})
    assert len(lines) == len(expected)
    for named, allowed in expected.items():
        (line,) = (line for line in lines if line.startswith(f"{named}: "))
        assert allowed in line.removeprefix(named)


@pytest.mark.parametrize(
    ("override", "named", "told"),
    [
        ("runs", "runs", "missing EQUAL"),
        ("runs=[3", "runs=[3", "override"),
        ("turns=3", "turns", "Could not override"),
        ("trainer=rmsprop", "rmsprop", "sgd"),
        ("figures.title=${turns}", "figures.title", "turns"),
    ],
)
def test_bad_raw_override_is_named_in_one_line(override: str, named: str, told: str) -> None:
    (line,) = refusal({"overrides": [override]})
    assert named in line
    assert told in line
