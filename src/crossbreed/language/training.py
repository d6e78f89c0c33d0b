"""Train a language model from one point of its learning curve to a later one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from crossbreed.config.language import LanguageTraining, Transformer
from crossbreed.language.architecture import (
    Weights,
    initial_weights,
    point_iterations,
    point_tokens,
)
from crossbreed.language.curve import LearningCurve
from crossbreed.language.evaluation import SplitLoss, mean_loss, split_loss
from crossbreed.language.optimisation import Optimisation
from crossbreed.language.state import TrainingState
from crossbreed.language.text import Split, Text, blocks, evaluation_offsets, training_offsets
from crossbreed.language.transformer import LanguageModel, load_model
from crossbreed.training.torch_device import choose_device, clock, prepare_processor

log = logging.getLogger(__name__)


class LanguageTask(NamedTuple):
    """Which network is trained, and how."""

    transformer: Transformer
    training: LanguageTraining
    seed: int
    threads: int


def init_state(task: LanguageTask, text: Text) -> TrainingState:
    """Return a network at point 0, with its first estimate of the validation loss.

    Raises
    ------
    CrossbreedError
        If the text is too short for a block, or CUDA is asked for and absent.
    """
    text.check(task.training.block_size)
    weights = initial_weights(
        task.transformer, task.training.block_size, len(text.characters), task.seed
    )
    loss = _estimate(task, text, load_model(task.transformer, weights, _prepare(task)), 0)
    zeros = {name: np.zeros_like(array) for name, array in weights.items()}
    return TrainingState(
        weights=weights,
        first_moments=zeros,
        second_moments=zeros,
        iteration=0,
        point=0,
        curve=LearningCurve(np.array([0]), np.array([np.nan]), np.array([loss])),
        best=None,
        seconds=0.0,
        diverged=False,
    )


def train_until(
    task: LanguageTask, text: Text, state: TrainingState, point: int, *, keep_best: bool
) -> Iterator[TrainingState]:
    """Train up to and with a point of the learning curve, one point with each step of the iterator.

    Examples, dropout and estimates depend on the seed and on their place in the training alone, so
    the result does not depend on where a longer training was cut.

    If a loss is not finite, the training ends: the next state, the last, is that at `point`, its
    curve NaN after the point at which it came out.

    Parameters
    ----------
    task
        The network, how it is trained, the seed and the CPU threads.
    text
        What it is trained on.
    state
        Where the training goes on from.
    point
        Where it is to end; at most the number of points.
    keep_best
        Whether states hold the weights with the lowest estimate so far; to be decided at point 0.

    Yields
    ------
    TrainingState
        At each point, one that further training does not change.

    Raises
    ------
    CrossbreedError
        If the state's weights are not the architecture's, or CUDA is asked for and absent.
    """
    if keep_best and state.best is None:
        state = replace(state, best=state.weights)
    ends = point_iterations(task.training, task.transformer.batch_size)
    device = _prepare(task)
    if state.point >= point:
        return
    optimisation = Optimisation(task.transformer, task.training, task.seed, state, device)
    while state.point < point and not state.diverged:
        losses, seconds = _iterate(task, text, optimisation, state.iteration, ends[state.point + 1])
        state = _next(task, text, state, optimisation, losses, state.seconds + seconds)
        if state.diverged:
            break
        yield state
        # Only now: what the log tells has been taken note of, so a signal now saves it.
        _log_point(task, state)
    if state.diverged:
        missing = np.full(point - state.point, np.nan)
        yield replace(state, point=point, curve=_extended(task, state.curve, missing, missing))
        log.warning("the training has diverged after %d iterations", state.iteration)


def final_loss(task: LanguageTask, text: Text, weights: Weights, split: Split) -> SplitLoss:
    """Return the mean loss of a network over a part of the text, or over a sample of its blocks.

    Every character of a block is predicted once, from those before it in its block, dropout off.
    Which blocks are read depends on the configuration alone: `language.final_blocks`.

    Raises
    ------
    CrossbreedError
        If the weights are not the architecture's, or CUDA is asked for and absent.
    """
    model = load_model(task.transformer, weights, _prepare(task))
    training = task.training
    return split_loss(
        model, text.split(split), training.evaluation_batch_size, training.final_blocks
    )


def _prepare(task: LanguageTask) -> torch.device:
    prepare_processor(task.threads)
    return choose_device(task.training.device, "language.device")


def _iterate(
    task: LanguageTask, text: Text, optimisation: Optimisation, start: int, stop: int
) -> tuple[NDArray[np.float64], float]:
    """Make the iterations from `start` to before `stop`; return their losses and the seconds."""
    size, block = task.transformer.batch_size, task.training.block_size
    now = clock(choose_device(task.training.device, "language.device"), task.threads)
    began = now()
    for iteration in range(start, stop):
        offsets = training_offsets(task.seed, iteration * size, size, len(text.train), block)
        optimisation.step(iteration, *blocks(text.train, offsets, block))
    losses = optimisation.take_losses()  # which waits for the device
    return losses, now() - began


def _next(
    task: LanguageTask,
    text: Text,
    state: TrainingState,
    optimisation: Optimisation,
    losses: NDArray[np.float64],
    seconds: float,
) -> TrainingState:
    """Return the state at the next point."""
    point = state.point + 1
    weights, first, second = optimisation.arrays()
    train_loss = float(losses.mean())
    validation_loss = float("nan")
    diverged = not np.isfinite(train_loss)
    evaluation, left = divmod(point, task.training.points // task.training.evaluations)
    if not left:
        validation_loss = _estimate(task, text, optimisation.model, evaluation)
        diverged = diverged or not np.isfinite(validation_loss)
    best = state.best
    lowest = state.curve.best_validation_loss
    # Nothing is lower than NaN: the lowest of none.
    if best is not None and np.isfinite(validation_loss) and not validation_loss >= lowest:
        best = weights
    return TrainingState(
        weights=weights,
        first_moments=first,
        second_moments=second,
        iteration=state.iteration + len(losses),
        point=point,
        curve=_extended(task, state.curve, train_loss, validation_loss),
        best=best,
        seconds=seconds,
        diverged=diverged,
    )


def _extended(
    task: LanguageTask,
    curve: LearningCurve,
    train_loss: float | NDArray[np.float64],
    validation_loss: float | NDArray[np.float64],
) -> LearningCurve:
    """Return a curve with the losses at the points that follow."""
    train_losses = np.append(curve.train_loss, train_loss)
    return LearningCurve(
        point_tokens(task.training, task.transformer.batch_size)[: len(train_losses)],
        train_losses,
        np.append(curve.validation_loss, validation_loss),
    )


def _estimate(task: LanguageTask, text: Text, model: LanguageModel, evaluation: int) -> float:
    training = task.training
    shape = training.evaluation_batches, training.evaluation_batch_size
    offsets = evaluation_offsets(
        task.seed, evaluation, shape, len(text.validation), training.block_size
    )
    return mean_loss(model, (blocks(text.validation, row, training.block_size) for row in offsets))


def _log_point(task: LanguageTask, state: TrainingState) -> None:
    estimate = state.curve.validation_loss[-1]
    log.info(
        "point %d of %d: training loss %.4f%s, %.0f s of training",
        *(state.point, task.training.points, state.curve.train_loss[-1]),
        "" if np.isnan(estimate) else f", validation loss {estimate:.4f}",
        state.seconds,
    )
