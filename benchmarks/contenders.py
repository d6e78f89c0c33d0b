"""Ways to train the poster's network, each of which makes steps on demand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from crossbreed.config.compose import compose_study
from crossbreed.config.schema import DenseModel, Trainer
from crossbreed.data.examples import Examples
from crossbreed.data.idx import read_idx
from crossbreed.data.sources import fetch_files
from crossbreed.randomness import example_order
from crossbreed.training.models.architecture import Task

CONFIG = Path(__file__).resolve().parents[1] / "config"
MODEL = DenseModel(name="dense", hidden_widths=[128])
PARAMETERS = 784 * 128 + 128 + 128 * 10 + 10

# Makes so many steps of every network it trains.
Steps = Callable[[int], None]


class Setting(NamedTuple):
    """What a contender trains, and with how many threads.

    Parameters
    ----------
    data
        Folder with the files of Fashion-MNIST.
    networks, batch_size, threads
        Of its process.
    """

    data: Path
    networks: int = 10
    batch_size: int = 32
    threads: int = 1


def fetch(data: Path) -> None:
    """Fetch the images unless they are there."""
    dataset = compose_study(CONFIG, {}).dataset
    files = [getattr(dataset.files, kind) for kind in type(dataset.files).model_fields]
    if not all((data / file.name).is_file() for file in files):
        data.mkdir(parents=True, exist_ok=True)
        fetch_files(files, dataset.sources, None, data)


def load(data: Path) -> Examples:
    """Return the 60,000 training images."""
    files = compose_study(CONFIG, {}).dataset.files
    return Examples(
        read_idx(data / files.train_images.name),
        read_idx(data / files.train_labels.name).astype(np.int64),
    )


def trainer(setting: Setting) -> Trainer:
    """Return Adam as the study has it."""
    return compose_study(CONFIG, {}).trainer.model_copy(
        update={"device": "cpu", "compile": False, "batch_size": setting.batch_size}
    )


def population(setting: Setting) -> Steps:
    """Return this project's engine: a population by batched matrix products."""
    from crossbreed.training.engines import architecture_of, create_engine
    from crossbreed.training.models.initialisation import initial_population

    task = Task(MODEL, trainer(setting), (28, 28), 10, setting.threads)
    start = initial_population(architecture_of("torch", task), setting.networks, 1, 1)
    engine = create_engine("torch", task, start)
    examples, order = _stream(setting)

    def steps(count: int) -> None:
        engine.train_epoch(examples, order(count))

    return steps


def functional(setting: Setting, compiled: bool = False) -> Steps:
    """Return torch.func over the stacked module, whatever it is; compiled or not."""
    import torch
    from torch.func import functional_call, grad_and_value, vmap
    from torch.nn.functional import cross_entropy

    from crossbreed.training.engines.torch_optimizers import Optimizer
    from crossbreed.training.models.dense import Dense
    from crossbreed.training.models.initialisation import initial_population
    from crossbreed.training.models.torch_models import architecture_of
    from crossbreed.training.torch_device import prepare_processor

    prepare_processor(setting.threads)
    module = Dense((28, 28), 10, MODEL.hidden_widths)
    first = initial_population(architecture_of(module), setting.networks, 1, 1)
    weights = {name: torch.from_numpy(array) for name, array in first.weights.items()}
    optimizer = Optimizer(trainer(setting), weights, first.optimizer)

    def loss(
        weights: dict[str, torch.Tensor], images: torch.Tensor, labels: torch.Tensor
    ) -> torch.Tensor:
        return cross_entropy(functional_call(module, weights, (images.float() / 255,)), labels)

    gradients_of = vmap(grad_and_value(loss))
    if compiled:
        gradients_of = torch.compile(gradients_of, dynamic=False)
    examples, order = _stream(setting)
    images, labels = torch.from_numpy(examples.images), torch.from_numpy(examples.labels)

    def steps(count: int) -> None:
        chosen = torch.from_numpy(order(count))
        for start in range(0, chosen.shape[1], setting.batch_size):
            batch = chosen[:, start : start + setting.batch_size]
            gradients, _ = gradients_of(weights, images[batch], labels[batch])
            optimizer.step(weights, gradients)

    return steps


def plain_loop(setting: Setting) -> Steps:
    """Return a loop as a tutorial has it: one module, its optimiser, `backward`, `step`."""
    import torch
    from torch import nn

    torch.set_num_threads(setting.threads)
    torch.set_flush_denormal(True)
    networks = []
    for _ in range(setting.networks):
        module = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
        networks.append((module, torch.optim.Adam(module.parameters(), eps=1e-7)))
    loss_of = nn.CrossEntropyLoss()
    examples, order = _stream(setting)
    images, labels = torch.from_numpy(examples.images), torch.from_numpy(examples.labels)

    def steps(count: int) -> None:
        chosen = torch.from_numpy(order(count))
        for (module, optimizer), row in zip(networks, chosen, strict=True):
            for start in range(0, len(row), setting.batch_size):
                batch = row[start : start + setting.batch_size]
                optimizer.zero_grad()
                loss = loss_of(module(images[batch].float() / 255), labels[batch])
                loss.backward()
                optimizer.step()

    return steps


def keras_fit(setting: Setting) -> Steps:
    """Return Keras's `fit`, one network after the other, images as floats in memory."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(setting.threads)
    examples = load(setting.data)
    images = examples.images.astype(np.float32) / 255
    models = []
    for _ in range(setting.networks):
        layers = [
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10),
        ]
        model = keras.Sequential([keras.Input((28, 28)), *layers])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(), loss)
        models.append(model)

    def steps(count: int) -> None:
        size = count * setting.batch_size
        for model in models:
            model.fit(images[:size], examples.labels[:size], setting.batch_size, verbose=0)

    return steps


def _stream(setting: Setting) -> tuple[Examples, Callable[[int], np.ndarray]]:
    """Return all examples, and a function that returns the next ones of every network."""
    examples = load(setting.data)
    order = example_order(1, 1, 1, setting.networks, len(examples))
    place = 0

    def following(count: int) -> np.ndarray:
        nonlocal place
        size = count * setting.batch_size
        place = place if place + size <= order.shape[1] else 0
        taken = order[:, place : place + size]
        place += size
        return taken

    return examples, following
