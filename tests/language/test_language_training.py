"""Training of language models, whole and cut, against AdamW written down in numpy."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from crossbreed.config.base import ConfigError
from crossbreed.config.compose import compose_study
from crossbreed.config.schema import SaveEvery
from crossbreed.jobs.progress import Progress
from crossbreed.language.architecture import Weights, initial_weights
from crossbreed.language.evaluation import split_loss
from crossbreed.language.schedule import learning_rate
from crossbreed.language.state import TRAINING_FORM, TrainingState, pack_state, unpack_state
from crossbreed.language.text import Split, blocks, training_offsets
from crossbreed.language.training import LanguageTask, final_loss, init_state, train_until
from crossbreed.language.transformer import load_model
from crossbreed.storage.arrays import save_arrays
from language_models import VERSES, task, text_of
from repository import REPOSITORY

TEXT = text_of(VERSES)
POINTS = 10


def train(
    what: LanguageTask, state: TrainingState | None = None, point: int = POINTS
) -> list[TrainingState]:
    return list(train_until(what, TEXT, state or init_state(what, TEXT), point, keep_best=True))


def content(state: TrainingState, folder: Path) -> bytes:
    path = folder / "state.safetensors"
    save_arrays(path, "a state", *pack_state(state))
    return path.read_bytes()


def test_training_learns_the_text() -> None:
    first, last = init_state(task(), TEXT), train(task(tokens=4 * 8 * 300))[-1]
    assert first.curve.validation_loss[0] == pytest.approx(np.log(len(TEXT.characters)), abs=0.05)
    # The letters' frequencies alone give 2.97.
    assert last.curve.validation_loss[-1] < 1.8
    assert last.curve.train_loss[-1] < last.curve.train_loss[1]
    whole = final_loss(task(), TEXT, last.weights, "validation")
    assert whole.mean == pytest.approx(last.curve.validation_loss[-1], abs=0.25)


def test_curve_has_all_points_and_the_estimates_that_were_asked_for() -> None:
    states = train(task())
    assert [state.point for state in states] == list(range(1, POINTS + 1))
    curve = states[-1].curve
    assert curve.tokens.tolist() == [64 * point for point in range(POINTS + 1)]
    assert curve.tokens.dtype == np.int64
    assert np.isfinite(curve.train_loss).tolist() == [False] + [True] * POINTS
    assert np.isfinite(curve.validation_loss).tolist() == [True, False] * 5 + [True]
    for state in states:
        np.testing.assert_array_equal(state.curve.train_loss, curve.until(state.point).train_loss)
    assert states[-1].iteration == 20
    seconds = [state.seconds for state in states]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def losses_by_hand(what: LanguageTask, weights: Weights, iteration: int) -> torch.Tensor:
    model = load_model(what.transformer, weights, torch.device("cpu"))
    size = what.transformer.batch_size
    offsets = training_offsets(what.seed, iteration * size, size, len(TEXT.train), 8)
    inputs, targets = map(torch.from_numpy, blocks(TEXT.train, offsets, 8))
    return cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def test_train_loss_is_the_mean_of_the_batches_since_the_point_before() -> None:
    what = task(points=20, evaluations=2)
    fine = train(what, point=20)
    coarse = train(task(evaluations=2))[-1]
    by_iteration = fine[-1].curve.train_loss[1:]
    np.testing.assert_allclose(
        coarse.curve.train_loss[1:], by_iteration.reshape(10, 2).mean(1), rtol=1e-12
    )
    for iteration in (1, 7):
        with torch.no_grad():
            expected = losses_by_hand(what, fine[iteration - 1].weights, iteration)
        assert by_iteration[iteration] == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize("clip", [1e9, 0.1])
def test_steps_are_those_of_adamw_and_only_matrices_decay(clip: float) -> None:
    decay, epsilon, betas = 0.3, 1e-3, (0.8, 0.95)
    what = task(
        **{"points": 20, "evaluations": 1, "weight_decay": decay, "epsilon": epsilon},
        **{"beta_1": betas[0], "beta_2": betas[1], "gradient_clip": clip},
    )
    begun = init_state(what, TEXT)
    states = [begun, *train_until(what, TEXT, begun, 3, keep_best=False)]
    names = list(begun.weights)
    weights = {name: begun.weights[name].astype(float) for name in names}
    first = {name: np.zeros_like(weights[name]) for name in names}
    second = {name: np.zeros_like(weights[name]) for name in names}
    for iteration in range(3):
        model = load_model(what.transformer, states[iteration].weights, torch.device("cpu"))
        size = what.transformer.batch_size
        offsets = training_offsets(what.seed, iteration * size, size, len(TEXT.train), 8)
        inputs, targets = map(torch.from_numpy, blocks(TEXT.train, offsets, 8))
        parameters = dict(model.named_parameters())
        loss = cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        derivatives = torch.autograd.grad(loss, list(parameters.values()))
        gradients = {
            name: derivative.numpy().astype(float)
            for name, derivative in zip(parameters, derivatives, strict=True)
        }
        norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
        assert (norm > clip) == (clip < 1)
        rate = learning_rate(what.transformer, what.training, iteration)
        for name, gradient in gradients.items():
            gradient *= min(1.0, clip / norm)
            first[name] = betas[0] * first[name] + (1 - betas[0]) * gradient
            second[name] = betas[1] * second[name] + (1 - betas[1]) * gradient**2
            mean = first[name] / (1 - betas[0] ** (iteration + 1))
            square = second[name] / (1 - betas[1] ** (iteration + 1))
            if not name.endswith("norm.weight"):
                weights[name] *= 1 - rate * decay
            weights[name] -= rate * mean / (np.sqrt(square) + epsilon)
        after = states[iteration + 1]
        for name in names:
            np.testing.assert_allclose(after.weights[name], weights[name], atol=2e-6)
            np.testing.assert_allclose(after.first_moments[name], first[name], atol=1e-7)
            np.testing.assert_allclose(after.second_moments[name], second[name], atol=1e-8)


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_training_cut_anywhere_ends_in_the_same_bytes(tmp_path: Path, dropout: float) -> None:
    what = task(dropout=dropout)
    whole = train(what)
    bytes_of = [content(state, tmp_path) for state in whole]
    for cut in (1, 4, 9):
        torch.manual_seed(cut)  # as another process would have it
        rest = train(what, whole[cut - 1])
        assert [content(state, tmp_path) for state in rest] == bytes_of[cut:]
    assert len(set(bytes_of)) == POINTS


def test_progress_on_disk_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    what = task(dropout=0.2)
    target, every = tmp_path / "job" / "trained", SaveEvery(seconds=None, epochs=2)
    state = init_state(what, TEXT)
    for stop in (5, 8, POINTS):
        with Progress(target, {"seed": 1}, every, TRAINING_FORM, 0) as progress:
            saved = progress.load()
            assert (saved.point if saved else 0) == state.point
            for reached in train_until(what, TEXT, saved or state, stop, keep_best=True):
                progress.record(reached)
            progress.save()
        state = reached
    assert content(state, tmp_path) == content(train(what)[-1], tmp_path)
    with Progress(target, {"seed": 1}, every, TRAINING_FORM, 0) as progress:
        saved = progress.load()
    assert saved is not None
    assert saved.seconds == state.seconds


def test_dropout_and_seed_matter() -> None:
    trained = [train(what)[-1] for what in (task(), task(dropout=0.2), task(seed=2))]
    finals = [state.curve.train_loss[-1] for state in trained]
    assert len(set(finals)) == 3
    assert trained[1].curve.validation_loss[0] == trained[0].curve.validation_loss[0]


@pytest.mark.parametrize("part", ["train", "validation"])
def test_final_loss_reads_as_many_blocks_as_are_configured(part: Split) -> None:
    trained = train(task(), point=2)[-1].weights
    model = load_model(task().transformer, trained, torch.device("cpu"))
    for blocks_read in (None, 4, 10**6):
        got = final_loss(task(final_blocks=blocks_read), TEXT, trained, part)
        assert got == split_loss(model, TEXT.split(part), 5, blocks_read)
        assert (got.error > 0) == (blocks_read == 4)
    # The seed of a training has no part in it.
    assert final_loss(task(seed=2, final_blocks=4), TEXT, trained, part) == final_loss(
        task(final_blocks=4), TEXT, trained, part
    )


def test_a_standard_error_needs_two_blocks() -> None:
    wanted = r"^language\.final_blocks = 1: must be greater than or equal to 2$"
    with pytest.raises(ConfigError, match=wanted):
        compose_study(REPOSITORY / "config", {"preset": "ci", "language": {"final_blocks": 1}})


def test_best_weights_are_those_of_the_lowest_estimate() -> None:
    # So high a rate that the loss goes up and down, on each processor in its own way.
    for rate in (1.0, 0.9, 0.8, 0.7, 0.6):
        what = task(
            **{"learning_rate": rate, "final_learning_rate": rate, "warmup": 0},
            **{"tokens": 60 * 4 * 8, "evaluations": 10},
        )
        begun = init_state(what, TEXT)
        states = [begun, *train(what, begun)]
        lowest = int(np.nanargmin(states[-1].curve.validation_loss))
        if 0 < lowest < POINTS:
            break
    assert 0 < lowest < POINTS
    best = states[-1].best
    assert best is not None
    for name, array in states[lowest].weights.items():
        np.testing.assert_array_equal(best[name], array)


def test_best_weights_of_a_training_that_diverges_are_the_first() -> None:
    best = train(task(learning_rate=1e9), point=2)[-1].best
    assert best is not None
    start = initial_weights(task().transformer, 8, len(TEXT.characters), 1)
    for name, array in start.items():
        np.testing.assert_array_equal(best[name], array)


def test_diverged_training_ends_with_a_curve_of_full_length(tmp_path: Path) -> None:
    what = task(learning_rate=1e9)
    states = train(what, point=6)
    last = states[-1]
    assert last.diverged
    assert not any(state.diverged for state in states[:-1])
    assert last.point == 6
    assert len(last.curve) == 7
    assert last.curve.tokens.tolist() == [64 * point for point in range(7)]
    assert not np.isfinite(last.curve.train_loss[-1])
    assert last.iteration < 12
    # What is asked of it later: no more training, a longer curve; and it can be saved.
    arrays, description = pack_state(last)
    later = train(what, unpack_state(arrays, description))
    assert [state.point for state in later] == [POINTS]
    assert later[0].iteration == last.iteration
    assert content(later[0], tmp_path) == content(train(what)[-1], tmp_path)
    assert train(what, later[0]) == []


def broken(_: object, **__: object) -> Callable[..., torch.Tensor]:
    def compiled(*_: torch.Tensor) -> torch.Tensor:
        torch.rand(7)  # what a compiler did before it failed must not matter
        raise RuntimeError("no C++ compiler\nmany more lines")

    return compiled


def test_training_goes_on_uncompiled_where_compiling_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("torch.compile", broken)
    with caplog.at_level(logging.WARNING):
        uncompiled = train(task(compile=True, dropout=0.2))[-1]
    assert caplog.messages == ["training uncompiled, which is slower: no C++ compiler"]
    assert content(uncompiled, tmp_path) == content(train(task(dropout=0.2))[-1], tmp_path)


@pytest.mark.parametrize("compiled", [False, True])
def test_mixed_precision_trains_nearly_alike(compiled: bool) -> None:
    exact = train(task(compile=compiled))[-1]
    mixed = train(task(compile=compiled, precision="bfloat16"))[-1]
    assert all(array.dtype == np.float32 for array in mixed.weights.values())
    # A product of bfloat16 keeps 8 bits; training on adds to that.
    np.testing.assert_allclose(mixed.curve.train_loss[1:], exact.curve.train_loss[1:], rtol=2**-5)
    assert mixed.curve.train_loss[-1] != exact.curve.train_loss[-1]


@pytest.mark.slow
def test_nanogpts_setting_for_the_cpu_reaches_its_loss(text_folder: Path) -> None:
    """nanoGPT gives 1.88, the lowest of estimates from 20 batches, after 2,000 iterations."""
    path = text_folder / "tinyshakespeare.txt"
    if not path.is_file():
        pytest.skip("nanoGPT's loss is that of tinyshakespeare, which could not be fetched")
    longer = {"tokens": 1_536_000, "points": 100, "evaluation_batches": 20}
    study = compose_study(REPOSITORY / "config", {"preset": "paper_cpu", "language": longer})
    text = text_of(path.read_text())
    training = study.language
    what = LanguageTask(study.gender.baseline, training, study.seed, threads=2)
    *_, last = train_until(what, text, init_state(what, text), training.points, keep_best=True)
    print(f"{last.seconds:.1f} s of training")
    for tokens, *losses in zip(
        last.curve.tokens, last.curve.train_loss, last.curve.validation_loss, strict=True
    ):
        print(tokens, *(f"{loss:.4f}" for loss in losses))
    assert last.best is not None
    everything = training.model_copy(update={"final_blocks": None})
    whole = final_loss(what._replace(training=everything), text, last.best, "validation").mean
    print(f"whole validation part: {whole:.4f}")
    assert last.curve.best_validation_loss <= 1.90
    # A network of torch's own layers, trained by torch's own AdamW, gives 1.91.
    assert whole <= 1.93
