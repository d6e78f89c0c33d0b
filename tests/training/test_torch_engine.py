"""The torch engine against plain torch, and against itself cut, cloned and compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from torch import nn
from torch.nn.functional import cross_entropy

from crossbreed.config.schema import Study, Trainer
from crossbreed.crossover.training import train_epochs
from crossbreed.data.examples import Examples
from crossbreed.errors import CrossbreedError
from crossbreed.randomness import example_order
from crossbreed.training.checkpoint import load_population, save_population
from crossbreed.training.engines.torch_engine import TorchEngine
from crossbreed.training.models.dense import Dense
from crossbreed.training.models.initialisation import initial_population
from crossbreed.training.models.torch_models import architecture_of
from crossbreed.training.population import Population

NETWORKS = 3
NOTHING = Examples(np.zeros((0, 8, 8), np.uint8), np.zeros(0, np.int64))


@pytest.fixture(scope="module")
def trainer(study: Study) -> Trainer:
    return study.trainer.model_copy(update={"device": "cpu", "compile": False})


@pytest.fixture(scope="module")
def examples() -> Examples:
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (100, 8, 8), np.uint8)
    return Examples(images, draws.integers(0, 10, 100))


def module() -> Dense:
    return Dense((8, 8), 10, [16])


def population(networks: int = NETWORKS) -> Population:
    return initial_population(architecture_of(module()), networks, seed=1, run=1)


def train(
    trainer: Trainer, examples: Examples, start: Population, epochs: int
) -> tuple[Population, list[np.ndarray]]:
    engine = TorchEngine(module(), trainer, start, threads=1)
    stop = start.epoch + epochs
    records = list(
        train_epochs(
            engine,
            examples,
            NOTHING,
            networks=start.size,
            start=start.epoch,
            stop=stop,
            seed=1,
            run=1,
        )
    )
    return engine.population(stop), [record.metrics["train_loss"] for record in records]


@pytest.mark.parametrize(
    "changes",
    [{}, {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.1}],
    ids=["adam", "sgd with momentum"],
)
def test_trains_each_network_as_a_plain_torch_loop_does(
    trainer: Trainer, examples: Examples, changes: dict[str, object]
) -> None:
    trainer = trainer.model_copy(update=changes)
    trained, losses = train(trainer, examples, population(), epochs=2)
    for index in range(NETWORKS):
        network, expected_losses = plain_loop(trainer, examples, index, epochs=2)
        for name, parameter in network.named_parameters():
            assert_allclose(
                trained.weights[name][index], parameter.detach().numpy(), rtol=1e-4, atol=1e-6
            )
        assert_allclose([epoch[index] for epoch in losses], expected_losses, rtol=1e-5)


class KerasAdam:
    """Adam as Keras has it: the bias of both moments corrected in the step's length."""

    def __init__(self, network: nn.Module, trainer: Trainer) -> None:
        self._trainer = trainer
        self._state = [(p, torch.zeros_like(p), torch.zeros_like(p)) for p in network.parameters()]
        self._steps = 0

    @torch.no_grad()
    def step(self) -> None:
        trainer = self._trainer
        self._steps += 1
        length = (1 - trainer.beta_2**self._steps) ** 0.5 / (1 - trainer.beta_1**self._steps)
        for parameter, first, second in self._state:
            assert parameter.grad is not None
            first += (parameter.grad - first) * (1 - trainer.beta_1)
            second += (parameter.grad**2 - second) * (1 - trainer.beta_2)
            change = first / (second.sqrt() + trainer.epsilon)
            parameter.sub_(trainer.learning_rate * length * change)


def plain_loop(
    trainer: Trainer, examples: Examples, index: int, epochs: int
) -> tuple[nn.Module, list[float]]:
    """Train one network the way a tutorial does it, each step as its paper writes it."""
    network = module()
    start = population().weights
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(torch.from_numpy(start[name][index]))
    optimizer = (
        KerasAdam(network, trainer)
        if trainer.optimizer == "adam"
        else torch.optim.SGD(
            network.parameters(), lr=trainer.learning_rate, momentum=trainer.momentum
        )
    )
    losses = []
    for epoch in range(1, epochs + 1):
        order = example_order(1, 1, epoch, NETWORKS, len(examples))[index]
        total = 0.0
        for batch in np.split(order, range(trainer.batch_size, len(order), trainer.batch_size)):
            images = torch.from_numpy(examples.images[batch]).float() / 255
            network.zero_grad()
            loss = cross_entropy(network(images), torch.from_numpy(examples.labels[batch]))
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(order))
    return network, losses


def test_training_cut_in_two_gives_the_same_bytes(
    trainer: Trainer, examples: Examples, tmp_path: Path
) -> None:
    whole, _ = train(trainer, examples, population(), epochs=4)
    half, _ = train(trainer, examples, population(), epochs=2)
    save_population(tmp_path / "half.safetensors", half)
    resumed, _ = train(
        trainer, examples, load_population(tmp_path / "half.safetensors", 2), epochs=2
    )
    save_population(tmp_path / "whole.safetensors", whole)
    save_population(tmp_path / "resumed.safetensors", resumed)
    assert (tmp_path / "resumed.safetensors").read_bytes() == (
        tmp_path / "whole.safetensors"
    ).read_bytes()


def test_a_network_does_not_depend_on_the_others(trainer: Trainer, examples: Examples) -> None:
    many, _ = train(trainer, examples, population(NETWORKS), epochs=1)
    alone, _ = train(trainer, examples, population(1), epochs=1)
    # Not to the last bit: where an array starts in memory decides which of its elements the
    # optimiser's vector instructions take, and those round differently.
    for name, array in alone.weights.items():
        assert_allclose(array[0], many.weights[name][0], rtol=1e-5, atol=1e-7)


def test_evaluates_as_numpy_does(trainer: Trainer, examples: Examples) -> None:
    networks = population()
    losses, accuracies = TorchEngine(module(), trainer, networks, threads=1).evaluate(examples)
    for index in range(NETWORKS):
        weights = {name: array[index].astype(float) for name, array in networks.weights.items()}
        images = examples.images.reshape(len(examples), -1) / 255
        hidden = np.maximum(images @ weights["layers.0.weight"].T + weights["layers.0.bias"], 0)
        scores = hidden @ weights["layers.1.weight"].T + weights["layers.1.bias"]
        correct = scores[np.arange(len(examples)), examples.labels]
        assert_allclose(
            losses[index], np.mean(np.log(np.exp(scores).sum(axis=1)) - correct), rtol=1e-5
        )
        assert accuracies[index] == np.mean(scores.argmax(axis=1) == examples.labels)


def test_a_diverged_network_is_recorded_as_such(trainer: Trainer, examples: Examples) -> None:
    wild = trainer.model_copy(update={"optimizer": "sgd", "learning_rate": 1e30})
    _, losses = train(wild, examples, population(), epochs=1)
    assert not np.isfinite(losses[0]).any()


def test_initial_weights_are_glorot_uniform_and_independent_of_population_size() -> None:
    architecture = architecture_of(Dense((28, 28), 10, [128]))
    few, more, another_run = (
        initial_population(architecture, networks, seed=1, run=run).weights["layers.0.weight"]
        for networks, run in ((2, 1), (5, 1), (2, 2))
    )
    bound = np.sqrt(6 / (784 + 128))
    assert np.abs(few).max() <= bound
    assert_allclose(few.std(), bound / np.sqrt(3), rtol=0.01)
    assert not initial_population(architecture, 2, 1, 1).weights["layers.0.bias"].any()
    assert_array_equal(more[:2], few)
    assert not np.array_equal(another_run, few)


def test_refuses_a_population_of_another_architecture(trainer: Trainer) -> None:
    with pytest.raises(CrossbreedError, match="are not the model's"):
        TorchEngine(Dense((8, 8), 10, [4]), trainer, population(), threads=1)


def test_without_a_compiler_trains_uncompiled_and_says_so(tmp_path: Path) -> None:
    script = """
import logging, numpy as np
from pathlib import Path
from crossbreed.config.compose import compose_study
from crossbreed.training.engines.torch_engine import TorchEngine
from crossbreed.training.models.convolutional import Convolutional
from crossbreed.training.models.initialisation import initial_population
from crossbreed.training.models.torch_models import architecture_of
from crossbreed.data.examples import Examples
logging.basicConfig(format="%(message)s")
module = Convolutional(10, [4])
trainer = compose_study(Path("config"), {}).trainer
assert trainer.compile
engine = TorchEngine(module, trainer, initial_population(architecture_of(module), 2, 1, 1), 1)
examples = Examples(np.zeros((32, 8, 8), np.uint8), np.zeros(32, np.int64))
print(engine.train_epoch(examples, np.tile(np.arange(32), (2, 1))).round(4).tolist())
"""
    environment = {**os.environ, "CXX": "/nowhere/c++", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    finished = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert finished.stdout == "[2.3026, 2.3026]\n"
    assert finished.stderr.count("training uncompiled") == 1


def test_mixed_precision_trains_nearly_alike(trainer: Trainer, examples: Examples) -> None:
    start = population()
    exact, losses = train(trainer, examples, start, epochs=2)
    mixed, mixed_losses = train(
        trainer.model_copy(update={"precision": "bfloat16"}), examples, start, epochs=2
    )
    assert all(array.dtype == np.float32 for array in mixed.weights.values())
    # A product of bfloat16 keeps 8 bits.
    assert_allclose(mixed_losses, losses, rtol=2**-6)
    assert not np.array_equal(mixed_losses[-1], losses[-1])
    for name, array in exact.weights.items():
        moved = np.abs(array - start.weights[name]).mean()
        assert np.abs(mixed.weights[name] - array).mean() < 0.2 * moved
