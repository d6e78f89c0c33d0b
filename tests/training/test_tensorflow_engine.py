"""Keras trains the same networks on the same examples to the same curves as torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from crossbreed.config.schema import EngineName, Study, Trainer
from crossbreed.crossover.curves import metrics_at
from crossbreed.data.examples import Examples, load_examples
from crossbreed.errors import CrossbreedError
from crossbreed.randomness import example_order
from crossbreed.training.checkpoint import load_population, save_population
from crossbreed.training.engines import architecture_of, create_engine
from crossbreed.training.models.architecture import Task
from crossbreed.training.models.initialisation import initial_population
from crossbreed.training.population import OptimizerState, Population
from repository import REPOSITORY
from train_job import TrainJob, make_examples, save_every

ENGINES: tuple[EngineName, ...] = ("torch", "tensorflow")
NETWORKS = 2
SCRIPT = REPOSITORY / "workflow/scripts/crossover/train.py"
TRAINERS: dict[str, dict[str, Any]] = {
    "adam with a large epsilon": {"optimizer": "adam", "epsilon": 1e-3},
    "sgd": {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.0},
    "sgd with momentum": {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.9},
}


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    path = tmp_path_factory.mktemp("data") / "examples.safetensors"
    make_examples(path, train=330)
    return load_examples(path, "train")[0]


@pytest.fixture(scope="module")
def adam(study: Study) -> Trainer:
    return study.trainer.model_copy(update={"device": "cpu", "compile": False})


def task(study: Study, trainer: Trainer) -> Task:
    return Task(study.model, trainer, (28, 28), classes=10, threads=1)


def start(study: Study, trainer: Trainer) -> Population:
    return initial_population(architecture_of("torch", task(study, trainer)), NETWORKS, 1, 1)


def train(
    engine: EngineName,
    how: tuple[Study, Trainer],
    examples: Examples,
    population: Population,
    epochs: int,
) -> tuple[Population, np.ndarray]:
    """Train and return the population and its losses, shape [epochs, N]."""
    made = create_engine(engine, task(*how), population)
    losses = []
    for epoch in range(population.epoch + 1, population.epoch + epochs + 1):
        order = example_order(1, 1, epoch, population.size, len(examples))
        losses.append(made.train_epoch(examples, order))
    return made.population(population.epoch + epochs), np.array(losses)


def test_architecture_and_first_weights_are_the_same(study: Study, adam: Trainer) -> None:
    ours, theirs = (architecture_of(engine, task(study, adam)) for engine in ENGINES)
    assert ours.shapes == theirs.shapes
    assert list(ours.parameters) == list(theirs.parameters)
    assert ours.hidden_layers == theirs.hidden_layers
    first, second = (
        initial_population(architecture, NETWORKS, seed=1, run=1) for architecture in (ours, theirs)
    )
    for name, array in first.weights.items():
        assert_array_equal(second.weights[name], array)


@pytest.mark.parametrize("changes", TRAINERS.values(), ids=TRAINERS)
def test_curves_weights_and_moments_agree(
    study: Study, adam: Trainer, examples: Examples, changes: dict[str, Any]
) -> None:
    trainer = adam.model_copy(update=changes)
    trained, losses = {}, {}
    for engine in ENGINES:
        trained[engine], losses[engine] = train(
            engine, (study, trainer), examples, start(study, trainer), epochs=3
        )
    assert_allclose(losses["tensorflow"], losses["torch"], rtol=1e-4)
    ours, theirs = trained["torch"], trained["tensorflow"]
    # 330 examples are ten batches of 32 and one of 10.
    assert ours.optimizer.step == theirs.optimizer.step == 33
    for name, array in ours.weights.items():
        assert distance(theirs.weights[name], array) < 2e-3
    if trainer.optimizer == "adam":
        for moment, arrays in ours.optimizer.moments.items():
            for name, array in arrays.items():
                assert distance(theirs.optimizer.moments[moment][name], array) < 2e-2


def distance(actual: np.ndarray, expected: np.ndarray) -> float:
    """Return a relative distance: rounding may switch a unit off for one example here or there."""
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


def test_evaluations_agree(study: Study, adam: Trainer, examples: Examples) -> None:
    population, _ = train("torch", (study, adam), examples, start(study, adam), epochs=1)
    (losses, accuracies), (keras_losses, keras_accuracies) = (
        create_engine(engine, task(study, adam), population).evaluate(examples)
        for engine in ENGINES
    )
    assert_allclose(keras_losses, losses, rtol=1e-5)
    assert_allclose(keras_accuracies, accuracies, atol=1e-6)


@pytest.mark.parametrize("name", ["adam with a large epsilon", "sgd with momentum"])
def test_training_cut_in_two_gives_the_same_bytes(
    study: Study, adam: Trainer, examples: Examples, tmp_path: Path, name: str
) -> None:
    how = (study, adam.model_copy(update=TRAINERS[name]))
    whole, _ = train("tensorflow", how, examples, start(*how), epochs=2)
    half, _ = train("tensorflow", how, examples, start(*how), epochs=1)
    save_population(tmp_path / "half.safetensors", half)
    half = load_population(tmp_path / "half.safetensors", 1)
    rest, _ = train("tensorflow", how, examples, half, epochs=1)
    for name, population in (("whole", whole), ("rest", rest)):
        save_population(tmp_path / name, population)
    assert (tmp_path / "rest").read_bytes() == (tmp_path / "whole").read_bytes()


def test_diverged_network_harms_no_other(study: Study, adam: Trainer, examples: Examples) -> None:
    both = start(study, adam)
    for array in both.weights.values():
        array[0] = np.nan
    order = example_order(1, 1, 1, 2, len(examples))
    engine = create_engine("tensorflow", task(study, adam), both)
    losses = engine.train_epoch(examples, order)
    assert np.isfinite(losses).tolist() == [False, True]
    sound = {name: array[1:] for name, array in both.weights.items()}
    alone = create_engine("tensorflow", task(study, adam), Population(sound, OptimizerState(), 0))
    assert alone.train_epoch(examples, order[1:])[0] == losses[1]


def test_gpu_that_is_not_there_is_refused(study: Study, adam: Trainer) -> None:
    cuda = adam.model_copy(update={"device": "cuda"})
    with pytest.raises(CrossbreedError, match="this job sees no GPU"):
        create_engine("tensorflow", task(study, cuda), start(study, adam))


@pytest.mark.slow
def test_compiled_training_agrees_and_is_the_same_every_time(tmp_path: Path, study: Study) -> None:
    data = tmp_path / "examples.safetensors"
    make_examples(data)
    jobs = []
    for name, compiling in (("plain", False), ("compiled", True), ("again", True)):
        trainer = study.trainer.model_copy(update={"compile": compiling})
        jobs.append(
            TrainJob(tmp_path / name, data, study, engine="tensorflow", trainer=trainer, stop=3)
        )
        assert "jit_compile" not in jobs[-1].run()
    assert jobs[1].outcome() == jobs[2].outcome()
    losses = [metrics_at(job.curve, 3, 3)["train_loss"] for job in jobs[:2]]
    assert_allclose(losses[1], losses[0], rtol=1e-3)


# Runs a script, and prints at its end which of the two frameworks it has imported.
NAMING_FRAMEWORKS = (
    "import atexit, runpy, sys; sys.argv = sys.argv[1:];"
    "atexit.register(lambda: print(sorted({'torch', 'tensorflow'} & set(sys.modules))));"
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


def run_naming_frameworks(job: TrainJob, *changes: str) -> tuple[str, str]:
    """Run a job to its end; return its log, and the frameworks that it imported."""
    script = job.command(*changes).index(str(SCRIPT))
    command = [sys.executable, "-c", NAMING_FRAMEWORKS, *job.command(*changes)[script:]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr, done.stdout


def test_job_is_quiet_and_goes_on_without_torch(tmp_path: Path, study: Study) -> None:
    data = tmp_path / "examples.safetensors"
    make_examples(data, train=1000)
    whole = TrainJob(tmp_path / "whole", data, study, engine="tensorflow", stop=4)
    log, imported = run_naming_frameworks(whole, save_every(None))
    assert imported == "['tensorflow']\n"
    lines = log.splitlines()
    assert len(lines) == 8, log
    assert "importing TensorFlow" in lines[0]
    assert "TensorFlow 2" in lines[1]
    assert all("training loss best" in line for line in lines[2:-2])
    assert "trained for" in lines[-2]
    job = TrainJob(tmp_path / "killed", data, study, engine="tensorflow", stop=4)
    process = job.start(save_every(None))
    job.wait_for("epoch 1 of 4")
    process.terminate()
    assert process.wait(60) == 143
    assert "going on from epoch" in job.run()
    assert job.outcome() == whole.outcome()


def test_torch_s_job_does_without_tensorflow(tmp_path: Path, study: Study) -> None:
    data = tmp_path / "examples.safetensors"
    make_examples(data, train=64)
    job = TrainJob(tmp_path / "job", data, study, stop=1)
    assert run_naming_frameworks(job)[1] == "['torch']\n"
