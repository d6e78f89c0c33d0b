from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from safetensors import safe_open
from safetensors.numpy import save_file

from crossbreed.breeding.event import Metrics, breed
from crossbreed.checkpoint import FORMAT, load_population, save_population
from crossbreed.config.arms import Breeding
from crossbreed.errors import CrossbreedError
from crossbreed.files import whole_file, write_csv, write_json, write_text
from crossbreed.population import Array, HiddenLayer, OptimizerState, Population, Weights

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


def assert_same(found: Population, expected: Population) -> None:
    assert found.epoch == expected.epoch
    assert found.optimizer.step == expected.optimizer.step
    assert found.hidden_layers == expected.hidden_layers
    kinds = {"weights": expected.weights, **expected.optimizer.moments}
    loaded = {"weights": found.weights, **found.optimizer.moments}
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
        Population(weights(1), OptimizerState(), 0, LAYERS),
        Population(weights(1), OptimizerState(7), 1),
    ],
    ids=["with moments", "fresh", "no hidden layers"],
)
def test_round_trip(tmp_path: Path, population: Population) -> None:
    save_population(tmp_path / "p.safetensors", population)
    assert_same(load_population(tmp_path / "p.safetensors"), population)


def test_round_trip_keeps_values_that_are_not_finite(tmp_path: Path) -> None:
    diverged = {"w": np.array([[np.nan, np.inf], [-np.inf, 1e-45]], np.float32)}
    save_population(tmp_path / "p.safetensors", Population(diverged, OptimizerState(), 3))
    assert_array_equal(load_population(tmp_path / "p.safetensors").weights["w"], diverged["w"])


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(np.arange(12, dtype=np.float32).reshape(3, 4)),
        np.arange(24, dtype=np.float32).reshape(3, 8)[:, ::2],
    ],
    ids=["columns first", "every other column"],
)
def test_round_trip_of_an_array_in_another_memory_order(tmp_path: Path, array: Array) -> None:
    population = Population({"w": array}, OptimizerState(2, {"first": {"w": array}}), 3)
    save_population(tmp_path / "p.safetensors", population)
    assert_same(load_population(tmp_path / "p.safetensors"), population)


@pytest.mark.parametrize(
    "rule", ["copy", "mean", "inner_mean", "loss_weighted_mean", "spherical", "unit_crossover"]
)
def test_round_trip_of_the_offspring_of_every_rule(tmp_path: Path, rule: str) -> None:
    event = Breeding.model_validate(
        {
            "select": {"rule": "top", "count": 2},
            "merge": {"rule": rule},
            "offspring": {"optimizer": "keep"},
        }
    )
    metrics: Metrics = {"train_loss": np.array([0.4, 0.3, 0.2, 0.1])}
    offspring = breed(trained(), metrics, event, seed=1, run=1).population
    save_population(tmp_path / "p.safetensors", offspring)
    assert_same(load_population(tmp_path / "p.safetensors"), offspring)


def test_file_is_plain_safetensors_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    save_population(path, trained())
    with safe_open(path, framework="numpy") as stored:
        kinds = ("weights", "optimizer/first", "optimizer/second")
        assert set(stored.keys()) == {f"{kind}/{name}" for kind in kinds for name in weights(1)}
        assert_array_equal(stored.get_tensor("weights/0.bias"), weights(1)["0.bias"])
        assert_array_equal(stored.get_tensor("optimizer/second/1.bias"), weights(3)["1.bias"])
        description = json.loads(stored.metadata()["population"])
    assert description == {
        "format": "crossbreed population 1",
        "epoch": 56,
        "optimizer_step": 1234,
        "hidden_layers": [{"0.weight": 0, "0.bias": 0, "1.weight": 1}],
    }


def test_same_population_gives_the_same_bytes(tmp_path: Path) -> None:
    save_population(tmp_path / "a.safetensors", trained())
    save_population(tmp_path / "b.safetensors", load_population(tmp_path / "a.safetensors"))
    same = trained()
    backwards = dict(reversed(same.weights.items()))
    layers = (HiddenLayer({"1.weight": 1, "0.bias": 0, "0.weight": 0}),)
    reordered = Population(backwards, same.optimizer, same.epoch, layers)
    save_population(tmp_path / "c.safetensors", reordered)
    first, second, third = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "abc")
    assert first == second == third


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from test_checkpoint import *;"
        "save_population(Path(sys.argv[1]), trained())"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")],
        check=True,
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONHASHSEED": "12345"},  # sets and the like are ordered by it
    )
    save_population(tmp_path / "here", trained())
    assert (tmp_path / "there").read_bytes() == (tmp_path / "here").read_bytes()


def write_foreign(path: Path, metadata: dict[str, str] | None) -> None:
    save_file({"weights/w": np.ones((2, 2), np.float32)}, path, metadata)


def described(**changes: object) -> dict[str, str]:
    known = {"format": FORMAT, "epoch": 1, "optimizer_step": 0, "hidden_layers": []}
    return {"population": json.dumps(known | changes)}


FOREIGN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("epoch,network\n" * 50),
    "zeros": lambda path: path.write_bytes(bytes(1000)),
    "no metadata": lambda path: write_foreign(path, None),
    "other metadata": lambda path: write_foreign(path, {"format": "pt"}),
    "later format": lambda path: write_foreign(path, described(format="crossbreed population 9")),
    "metadata is no JSON": lambda path: write_foreign(path, {"population": "{"}),
    "metadata is a list": lambda path: write_foreign(path, {"population": "[]"}),
    "no weights": lambda path: save_file({}, path, described()),
    "networks disagree": lambda path: save_file(
        {"weights/a": np.ones((2, 1), np.float32), "weights/b": np.ones((3, 1), np.float32)},
        path,
        described(),
    ),
    "moments of another shape": lambda path: save_file(
        {"weights/a": np.ones((2, 1), np.float32), "optimizer/m/a": np.ones((2, 2), np.float32)},
        path,
        described(),
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_checkpoint_is_an_error_that_names_the_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.safetensors"
    FOREIGN[kind](path)
    with pytest.raises(CrossbreedError, match=re.escape(str(path))):
        load_population(path)


def test_missing_checkpoint_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    with pytest.raises(CrossbreedError, match=f"{re.escape(str(path))} does not exist"):
        load_population(path)


def test_checkpoint_cut_anywhere_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    save_population(path, trained())
    whole = path.read_bytes()
    for length in range(0, len(whole), 3):
        path.write_bytes(whole[:length])
        with pytest.raises(CrossbreedError, match=re.escape(str(path))):
            load_population(path)


def refusal(path: Path) -> str:
    try:
        load_population(path)
    except CrossbreedError as error:
        return str(error)
    return ""


def test_checkpoint_with_a_damaged_header_raises_nothing_but_our_error(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    save_population(path, Population({"w": np.ones((2, 2), np.float32)}, OptimizerState(), 1))
    whole = path.read_bytes()
    refused = 0
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0b100
        path.write_bytes(damaged)
        message = refusal(path)
        assert message == "" or str(path) in message
        refused += message != ""
    # What is not refused is a changed number or name, which only a digest could tell.
    assert refused > len(whole) / 2


@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt, SystemExit])
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
    assert {found.name: found.read_text() for found in tmp_path.iterdir()} == {"table.csv": "old"}


def test_interrupted_first_write_leaves_nothing(tmp_path: Path) -> None:
    def write_half() -> None:
        with whole_file(tmp_path / "table.csv") as temporary:
            temporary.write_text("ne")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_json_that_others_could_not_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "p.json", {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_temporary_file_lies_beside_the_target_and_keeps_its_suffix(tmp_path: Path) -> None:
    with whole_file(tmp_path / "deep" / "curves.svg") as temporary:
        assert temporary.parent == tmp_path / "deep"
        assert temporary.suffix == ".svg"
        assert not (tmp_path / "deep" / "curves.svg").exists()
        temporary.write_text("<svg/>")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["curves.svg"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_file_mode_follows_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        save_population(tmp_path / "p.safetensors", trained())
        assert os.umask(umask) == umask, "writing must leave the umask as it was"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "p.safetensors").stat().st_mode) == mode


def test_text_and_json_are_written_as_they_are(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "größer\n")
    assert (tmp_path / "a.txt").read_bytes() == "größer\n".encode()
    write_json(tmp_path / "a.json", {"b": 1, "a": [0.1]})
    assert (tmp_path / "a.json").read_text() == '{\n  "b": 1,\n  "a": [\n    0.1\n  ]\n}\n'


def test_table_keeps_every_digit(tmp_path: Path) -> None:
    values = [0.1, 1 / 3, 1e-300, 2.0**53 + 2]
    write_csv(tmp_path / "a.csv", pd.DataFrame({"epoch": [1, 2, 3, 4], "loss": values}))
    lines = (tmp_path / "a.csv").read_bytes().decode().split("\n")
    assert lines[0] == "epoch,loss"
    assert lines[-1] == ""
    assert [float(line.split(",")[1]) for line in lines[1:-1]] == values
