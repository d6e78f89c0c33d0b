from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from safetensors import safe_open

from crossbreed.errors import CrossbreedError
from crossbreed.storage.files import whole_file, write_csv, write_json
from crossbreed.training.checkpoint import load_population, save_population
from crossbreed.training.population import (
    HiddenLayer,
    OptimizerState,
    Population,
    Weights,
    without_networks,
)

LAYERS = (HiddenLayer({"0.weight": 0, "0.bias": 0, "1.weight": 1}),)


def weights(seed: int) -> Weights:
    draws = np.random.default_rng(seed)
    shapes = {"0.weight": (5, 3), "0.bias": (5,), "1.weight": (2, 5), "1.bias": (2,), "gain": ()}
    return {
        name: draws.normal(size=(4, *shape)).astype(np.float32) for name, shape in shapes.items()
    }


def trained() -> Population:
    moments = {"first": weights(2), "second": weights(3)}
    return Population(weights(1), OptimizerState(1234, moments), 56, LAYERS)


def assert_same(actual: Population, expected: Population) -> None:
    assert actual.epoch == expected.epoch
    assert actual.optimizer.step == expected.optimizer.step
    assert actual.hidden_layers == expected.hidden_layers
    kinds = {"weights": expected.weights, **expected.optimizer.moments}
    loaded = {"weights": actual.weights, **actual.optimizer.moments}
    assert loaded.keys() == kinds.keys()
    for kind, arrays in kinds.items():
        assert loaded[kind].keys() == arrays.keys()
        for name, array in arrays.items():
            assert loaded[kind][name].dtype == np.float32
            assert_array_equal(loaded[kind][name], array)


@pytest.mark.parametrize(
    "population",
    [
        trained(),
        Population(weights(1), OptimizerState(), 0),
        without_networks(trained()),
        Population(
            {"w": np.array([[np.nan, np.inf], [-np.inf, 1e-45]], np.float32)}, OptimizerState(), 3
        ),
    ],
    ids=["with moments", "fresh, no hidden layers", "no networks", "not finite"],
)
def test_round_trip(tmp_path: Path, population: Population) -> None:
    save_population(tmp_path / "p.safetensors", population)
    assert_same(load_population(tmp_path / "p.safetensors", population.epoch), population)


def test_round_trip_of_an_array_in_another_memory_order(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(12, dtype=np.float32).reshape(3, 4))
    population = Population({"w": array}, OptimizerState(2, {"first": {"w": array}}), 3)
    save_population(tmp_path / "p.safetensors", population)
    assert_same(load_population(tmp_path / "p.safetensors", 3), population)


def test_file_is_plain_safetensors_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    save_population(path, trained())
    with safe_open(path, framework="numpy") as stored:
        kinds = ("weights", "optimizer/first", "optimizer/second")
        assert set(stored.keys()) == {f"{kind}/{name}" for kind in kinds for name in weights(1)}
        assert_array_equal(stored.get_tensor("weights/0.bias"), weights(1)["0.bias"])
        assert_array_equal(stored.get_tensor("optimizer/second/1.bias"), weights(3)["1.bias"])
        content = json.loads(stored.metadata()["crossbreed"])
    assert content["kind"] == "crossbreed population 2"
    assert content["description"] == {
        "epoch": 56,
        "optimizer_step": 1234,
        "hidden_layers": [{"0.weight": 0, "0.bias": 0, "1.weight": 1}],
    }


def test_same_population_gives_the_same_bytes(tmp_path: Path) -> None:
    save_population(tmp_path / "a.safetensors", trained())
    save_population(tmp_path / "b.safetensors", load_population(tmp_path / "a.safetensors", 56))
    same = trained()
    backwards = dict(reversed(same.weights.items()))
    layers = (HiddenLayer({"1.weight": 1, "0.bias": 0, "0.weight": 0}),)
    reordered = Population(backwards, same.optimizer, same.epoch, layers)
    save_population(tmp_path / "c.safetensors", reordered)
    first, second, third = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "abc")
    assert first == second == third


def test_population_of_another_epoch_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    save_population(path, trained())
    with pytest.raises(CrossbreedError, match=rf"{re.escape(str(path))} holds epoch 56, not 55; "):
        load_population(path, 55)


def test_population_of_other_shapes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    save_population(path, trained())
    shapes = {name: array.shape[1:] for name, array in trained().weights.items()}
    assert load_population(path, 56, shapes).size == 4
    for wrong in (shapes | {"0.bias": (6,)}, shapes | {"another": (1,)}):
        with pytest.raises(CrossbreedError, match=rf"{re.escape(str(path))} holds networks of the"):
            load_population(path, 56, wrong)


@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt])
def test_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")

    def write_half() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("ne")
            assert path.read_text() == "old"
            raise interruption

    with pytest.raises(interruption):
        write_half()
    assert {left.name: left.read_text() for left in tmp_path.iterdir()} == {"table.csv": "old"}


def test_json_that_others_could_not_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "p.json", {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_file_mode_follows_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        save_population(tmp_path / "p.safetensors", trained())
        assert os.umask(umask) == umask, "writing must leave the umask as it was"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "p.safetensors").stat().st_mode) == mode


def test_table_keeps_every_digit(tmp_path: Path) -> None:
    values = [0.1, 1 / 3, 1e-300, 2.0**53 + 2]
    write_csv(tmp_path / "a.csv", pd.DataFrame({"epoch": [1, 2, 3, 4], "loss": values}))
    lines = (tmp_path / "a.csv").read_bytes().decode().split("\n")
    assert lines[0] == "epoch,loss"
    assert lines[-1] == ""
    assert [float(line.split(",")[1]) for line in lines[1:-1]] == values
