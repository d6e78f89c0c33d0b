"""The convolutional network, in both engines, merged with and without matched channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from crossbreed.breeding.alignment import match_units, permute_units
from crossbreed.config.schema import ConvolutionalModel, EngineName, Study
from crossbreed.data.examples import Examples
from crossbreed.errors import CrossbreedError
from crossbreed.randomness import example_order
from crossbreed.training.engines import architecture_of, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.convolutional import Convolutional
from crossbreed.training.models.initialisation import initial_population
from crossbreed.training.population import Population
from snakemake_call import snakemake

NETWORKS = 2
MODEL = ConvolutionalModel(name="convolutional", channels=[3, 4])


@pytest.fixture(scope="module")
def examples() -> Examples:
    draws = np.random.default_rng(0)
    return Examples(draws.integers(0, 256, (100, 9, 8), np.uint8), draws.integers(0, 10, 100))


def task(study: Study, compiled: bool = False, model: ConvolutionalModel = MODEL) -> Task:
    trainer = study.trainer.model_copy(update={"device": "cpu", "compile": compiled})
    return Task(model, trainer, (9, 8), classes=10, threads=1)


def train(name: EngineName, task: Task, examples: Examples) -> tuple[Population, np.ndarray]:
    start = initial_population(architecture_of("torch", task), NETWORKS, 1, 1)
    engine = create_engine(name, task, start)
    losses = [
        engine.train_epoch(examples, example_order(1, 1, epoch, NETWORKS, len(examples)))
        for epoch in (1, 2, 3)
    ]
    return engine.population(3), np.array(losses)


def test_both_engines_train_it_alike(study: Study, examples: Examples) -> None:
    ours, theirs = (architecture_of(engine, task(study)) for engine in ("torch", "tensorflow"))
    assert ours.shapes == theirs.shapes
    assert ours.hidden_layers == theirs.hidden_layers
    (trained, losses), (by_keras, keras_losses) = (
        train(engine, task(study), examples) for engine in ("torch", "tensorflow")
    )
    assert_allclose(keras_losses, losses, rtol=1e-4)
    for name, array in trained.weights.items():
        assert_allclose(by_keras.weights[name], array, atol=2e-4)
    assert (losses[-1] < losses[0]).all()


def test_compiled_training_agrees_with_uncompiled_and_with_itself(
    study: Study, examples: Examples
) -> None:
    compiled, compiled_losses = train("torch", task(study, compiled=True), examples)
    _, losses = train("torch", task(study), examples)
    assert_allclose(compiled_losses, losses, rtol=1e-3)
    again, _ = train("torch", task(study, compiled=True), examples)
    for name, array in compiled.weights.items():
        assert_array_equal(array, again.weights[name])


def test_channels_in_another_order_compute_the_same_and_are_matched() -> None:
    torch.manual_seed(0)
    module = Convolutional(5, [6, 7])
    network = {name: p.detach().numpy() for name, p in module.named_parameters()}
    layers = module.hidden_layers()
    draws = np.random.default_rng(1)
    orders = [draws.permutation(count) for count in (6, 7)]
    shuffled = permute_units(network, list(zip(layers, orders, strict=True)))
    images = torch.rand(3, 12, 12)
    scores = module(images)
    reordered = Convolutional(5, [6, 7])
    reordered.load_state_dict({name: torch.from_numpy(array) for name, array in shuffled.items()})
    assert_allclose(reordered(images).detach().numpy(), scores.detach().numpy(), atol=1e-6)
    matches = match_units(network, shuffled, layers)
    for order, match in zip(orders, matches, strict=True):
        assert_array_equal(order[match], np.arange(len(order)))


def test_too_many_halvings_are_refused(study: Study) -> None:
    deep = ConvolutionalModel(name="convolutional", channels=[2] * 5)
    for engine in ("torch", "tensorflow"):
        with pytest.raises(CrossbreedError, match=r"model\.channels = .* at most 4 convolutions"):
            architecture_of(engine, task(study, model=deep))


def test_a_study_runs_with_it(tmp_path: Path, mirror: Path) -> None:
    best = "results/ci/crossover/run-01/best.csv"
    finished = snakemake(
        *(tmp_path, best, "--config", "preset=ci", f"data={{mirror: {mirror}}}"),
        *("model={name: convolutional, channels: [3, 4]}", "arms=[baseline, crossover_aligned]"),
        *("runs=1", "dataset={train: 200, validation: 50, test: 50}"),
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    losses = pd.read_csv(tmp_path / best).pivot(index="epoch", columns="arm", values="test_loss")
    assert list(losses) == ["baseline", "crossover_aligned"]
    assert np.isfinite(losses).all(axis=None)
