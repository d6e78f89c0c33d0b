"""The loss between two networks, on networks whose answer is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from crossbreed.breeding.alignment import permute_units
from crossbreed.config.schema import ConvolutionalModel, DenseModel, Model, Study
from crossbreed.crossover.barrier import ALIGNED, PLAIN, REPAIRED, line, loss_along_line
from crossbreed.crossover.figures.barrier import loss_barrier
from crossbreed.crossover.jobs import MeasureBarrier
from crossbreed.crossover.results.barriers import barriers
from crossbreed.data.examples import Examples, load_examples
from crossbreed.training.checkpoint import save_population
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population
from crossbreed.training.models.repair import repair
from crossbreed.training.models.torch_models import architecture_of, build
from crossbreed.training.population import Population, Weights, network
from job_command import run
from train_job import make_examples

DENSE = DenseModel(name="dense", hidden_widths=[12, 9])
CONVOLUTIONAL = ConvolutionalModel(name="convolutional", channels=[5, 4])
FRACTIONS = np.linspace(0, 1, 5)
Floats = NDArray[np.float64]


def task_for(study: Study, model: Model) -> Task:
    trainer = study.trainer.model_copy(update={"device": "cpu", "compile": False})
    return Task(model, trainer, (28, 28), 10, 1)


def two_networks(task: Task) -> Population:
    population = initial_population(architecture_of(build(task)), 2, seed=3, run=1)
    random = np.random.default_rng(1)
    for name, array in population.weights.items():
        if name.endswith("bias"):
            array += random.normal(0, 0.3, array.shape).astype(np.float32)
    return population


@pytest.fixture
def few(all_images: dict[str, Examples]) -> Examples:
    """Return real images, few of them."""
    images = all_images["train"]
    return Examples(images.images[:300], images.labels[:300])


def preactivations(weights: Weights, images: NDArray[np.uint8], depth: int) -> NDArray[np.float64]:
    """Put images through a dense network by hand, up to a hidden layer's sums."""
    values = images.reshape(len(images), -1) / 255.0
    for layer in range(depth + 1):
        if layer:
            values = np.maximum(values, 0)
        weight, bias = (
            weights[f"layers.{layer}.{part}"].astype(np.float64) for part in ("weight", "bias")
        )
        values = values @ weight.T + bias
    return values


@pytest.mark.parametrize("model", [DENSE, CONVOLUTIONAL])
def test_the_ends_of_every_path_are_the_networks_themselves(
    study: Study, few: Examples, model: Model
) -> None:
    task = task_for(study, model)
    both = two_networks(task)
    table = loss_along_line(
        *(network(both.weights, 0), network(both.weights, 1), both.hidden_layers), task, few, few, 3
    )
    assert table["path"].unique().tolist() == [PLAIN, ALIGNED, REPAIRED]
    ends = table[table["fraction"].isin([0, 1])].groupby("fraction")["train_loss"]
    # Units in another order are summed in another order.
    assert (ends.max() - ends.min() < 1e-5).all()
    assert table["train_loss"].tolist() == table["test_loss"].tolist()


def test_a_network_and_itself_in_another_order_have_a_barrier_that_matching_removes(
    study: Study, few: Examples
) -> None:
    task = task_for(study, DENSE)
    both = two_networks(task)
    random = np.random.default_rng(2)
    orders = [
        (layer, random.permutation(width))
        for layer, width in zip(both.hidden_layers, DENSE.hidden_widths, strict=True)
    ]
    first = network(both.weights, 0)
    # Right and sure of its answers, so that it has something to lose on the way.
    first["layers.2.weight"] *= 20
    right = Examples(few.images, preactivations(first, few.images, 2).argmax(1))
    table = loss_along_line(
        first, permute_units(first, orders), both.hidden_layers, task, right, right, 5
    )
    hills = barriers(table.assign(run=1)).droplevel("run")
    assert hills[ALIGNED] < 1e-4 < 0.05 < hills[PLAIN]
    assert hills[REPAIRED] < 1e-4


def test_barrier_is_the_largest_excess_over_the_straight_line() -> None:
    table = pd.DataFrame(
        {
            "run": 1,
            "path": PLAIN,
            "fraction": [0.0, 0.25, 0.5, 0.75, 1.0],
            "train_loss": [1.0, 2.0, 4.0, 5.0, 3.0],
            "test_loss": [1.0, 1.0, 1.0, 1.0, 1.0],
        }
    )
    # The straight line is 1, 1.5, 2, 2.5, 3.
    assert barriers(table).tolist() == [2.5]
    assert barriers(table, "test_loss").tolist() == [0]


def test_repair_restores_mean_and_spread_of_every_hidden_unit(study: Study, few: Examples) -> None:
    task = task_for(study, DENSE)
    both = two_networks(task)
    ends = network(both.weights, 0), network(both.weights, 1)
    path = line(*ends, FRACTIONS)
    got = repair(path, FRACTIONS, both.hidden_layers, task, few)
    for depth in (0, 1):
        first, last = (preactivations(end, few.images, depth) for end in ends)
        for point, fraction in enumerate(FRACTIONS):
            ours = preactivations(network(got, point), few.images, depth)
            for of in (np.mean, np.std):
                wanted = (1 - fraction) * of(first, axis=0) + fraction * of(last, axis=0)
                np.testing.assert_allclose(of(ours, axis=0), wanted, rtol=1e-3, atol=1e-4)
    for name in ("layers.2.weight", "layers.2.bias"):
        np.testing.assert_array_equal(got[name], path[name])


def test_figure_shows_every_path_or_says_that_there_is_none() -> None:
    table = pd.DataFrame(
        [
            (run, path, fraction, 1.0 + fraction, 2.0)
            for run in (1, 2)
            for path in (PLAIN, ALIGNED, REPAIRED)
            for fraction in (0.0, 0.5, 1.0)
        ],
        columns=["run", "path", "fraction", "train_loss", "test_loss"],
    )
    drawn = loss_barrier(table, 0.95, "words")
    assert len(drawn.legends[0].get_texts()) == 3
    nothing = loss_barrier(table.assign(train_loss=np.nan), 0.95, "words")
    assert any("no event" in text.get_text() for text in nothing.texts)


def test_a_loss_that_is_not_known_is_not_passed_over() -> None:
    table = pd.DataFrame(
        {
            "run": 1,
            "path": PLAIN,
            "fraction": [0.0, 0.5, 1.0],
            "train_loss": [1.0, np.nan, 1.0],
            "test_loss": [1.0, 9.0, 1.0],
        }
    )
    assert barriers(table).isna().all()
    assert barriers(table, "test_loss").tolist() == [8]
    assert barriers(table.dropna().iloc[:0]).empty


def channels_by_hand(values: Floats, weight: Floats, bias: Floats) -> Floats:
    """Convolve images [n, channels, height, width] with 3 x 3 weights, zeros around."""
    height, width = values.shape[2:]
    padded = np.pad(values, ((0, 0), (0, 0), (1, 1), (1, 1)))
    total = np.zeros((len(values), len(weight), height, width))
    for row in range(3):
        for column in range(3):
            seen = padded[:, :, row : row + height, column : column + width]
            total += np.einsum("nchw,oc->nohw", seen, weight[:, :, row, column])
    return total + bias[:, None, None]


def test_repair_restores_both_convolutions_computed_by_hand(study: Study) -> None:
    task = task_for(study, CONVOLUTIONAL)._replace(image_shape=(8, 6))
    random = np.random.default_rng(4)
    # More than one batch.
    images = random.integers(0, 256, (2_100, 8, 6), np.uint8)
    examples = Examples(images, random.integers(0, 10, len(images)))
    both = two_networks(task)
    path = line(network(both.weights, 0), network(both.weights, 1), FRACTIONS)
    got = repair(path, FRACTIONS, both.hidden_layers, task, examples)

    def both_layers(networks: Weights, point: int) -> list[Floats]:
        one = {name: array[point].astype(np.float64) for name, array in networks.items()}
        first = channels_by_hand(
            images[:, None] / 255, one["layers.0.weight"], one["layers.0.bias"]
        )
        halved = np.maximum(first, 0).reshape(len(images), -1, 4, 2, 3, 2).max((3, 5))
        return [first, channels_by_hand(halved, one["layers.1.weight"], one["layers.1.bias"])]

    starts, finishes = both_layers(path, 0), both_layers(path, 4)
    for point in (1, 2, 3):
        for first, ours, last in zip(starts, both_layers(got, point), finishes, strict=True):
            for of in (np.mean, np.std):
                wanted = (1 - FRACTIONS[point]) * of(first, axis=(0, 2, 3))
                wanted += FRACTIONS[point] * of(last, axis=(0, 2, 3))
                np.testing.assert_allclose(of(ours, axis=(0, 2, 3)), wanted, atol=1e-5)


@pytest.mark.parametrize("constant", [1.0, 2.2, 4.7])
def test_rounding_is_no_spread_to_rescale(study: Study, constant: float) -> None:
    task = task_for(study, DENSE)._replace(image_shape=(4, 4))
    random = np.random.default_rng(5)
    images = random.integers(0, 256, (2_300, 4, 4), np.uint8)
    both = two_networks(task)
    weights = both.weights
    # Unit 3 is the same for all images. Unit 2 of the next layer sees it, and unit 0, which
    # cancels half way.
    weights["layers.0.weight"][:, 3] = 0
    weights["layers.0.bias"][:, 3] = constant
    weights["layers.0.weight"][1, 0] = weights["layers.0.weight"][0, 0]
    weights["layers.0.bias"][:, 0] = 1
    weights["layers.1.weight"][:, 2] = 0
    weights["layers.1.weight"][:, 2, 3] = 0.7
    weights["layers.1.weight"][:, 2, 0] = (0.5, -0.5)
    path = line(network(both.weights, 0), network(both.weights, 1), FRACTIONS)
    examples = Examples(images, np.zeros(len(images), np.int64))
    got = repair(path, FRACTIONS, both.hidden_layers, task, examples)
    assert got["layers.1.weight"][2, 2, 3] == np.float32(0.7)


@pytest.mark.parametrize(
    ("families", "stopped", "said"),
    [
        ([[3, 1], [3, 1]], None, "torch"),
        ([[3], [1]], None, "no two parents: each of the offspring has one"),
        ([], "too few are left", "no two parents: too few are left"),
    ],
    ids=["two parents", "one parent", "stopped"],
)
def test_script_measures_the_first_two_parents(
    study: Study, tmp_path: Path, families: list[list[int]], stopped: str | None, said: str
) -> None:
    task = task_for(study, DENSE)
    population = replace(
        initial_population(architecture_of(build(task)), 3, seed=3, run=1), epoch=4
    )
    save_population(tmp_path / "population.safetensors", population)
    make_examples(tmp_path / "examples.safetensors", train=200)
    event = {"epoch": 4, "parents": families, "stopped": stopped}
    (tmp_path / "parents.json").write_text(json.dumps(event), encoding="utf-8")
    job = MeasureBarrier(
        model=DENSE,
        trainer=task.trainer,
        **{"classes": 10, "run": 2, "epoch": 4, "points": 3, "threads": 1},
        examples=tmp_path / "examples.safetensors",
        source=tmp_path / "population.safetensors",
        parents=tmp_path / "parents.json",
        target=tmp_path / "barrier.csv",
    )
    finished = run(job)
    assert finished.returncode == 0, finished.stderr
    assert said in finished.stderr
    table = pd.read_csv(tmp_path / "barrier.csv")
    assert (table["run"] == 2).all()
    if len(families) < 1 or len(families[0]) < 2:
        assert table["train_loss"].isna().all()
        return
    (training, test) = load_examples(tmp_path / "examples.safetensors", "train", "test")
    wanted = loss_along_line(
        network(population.weights, 2),
        network(population.weights, 0),
        population.hidden_layers,
        task,
        training,
        test,
        3,
    )
    pd.testing.assert_frame_equal(table.drop(columns="run"), wanted, check_exact=False)
