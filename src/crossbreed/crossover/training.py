"""Train a population from one epoch to a later one."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import numpy as np

from crossbreed.config.arms import Metric
from crossbreed.crossover.curves import EpochRecord, Values
from crossbreed.data.examples import Examples
from crossbreed.randomness import example_order
from crossbreed.training.engines import Engine

log = logging.getLogger(__name__)


def train_epochs(
    engine: Engine,
    train: Examples,
    validation: Examples,
    *,
    networks: int,
    start: int,
    stop: int,
    seed: int,
    run: int,
) -> Iterator[EpochRecord]:
    """Train for the epochs after `start` up to and with `stop`, one with each step of the iterator.

    The order of examples depends on (seed, run, network, epoch) alone, so the result does not
    depend on where a longer training was cut.

    Parameters
    ----------
    engine
        Holds the population of `networks` at epoch `start`; after each step, at the epoch of the
        record.
    train, validation
        Examples; validation may be empty.
    networks, start, stop, seed, run
        How many networks; epochs trained before and after; key of the examples' order.
    """
    began = time.monotonic()
    training = 0.0  # seconds
    for epoch in range(start + 1, stop + 1):
        epoch_began = time.monotonic()
        losses = engine.train_epoch(train, example_order(seed, run, epoch, networks, len(train)))
        training += time.monotonic() - epoch_began
        unknown = np.full(networks, np.nan)
        held_out = engine.evaluate(validation) if len(validation) else (unknown, unknown)
        metrics: dict[Metric, Values] = {
            "train_loss": losses,
            "validation_loss": held_out[0],
            "validation_accuracy": held_out[1],
        }
        done = epoch - start
        left = (time.monotonic() - began) / done * (stop - epoch)
        finite = losses[np.isfinite(losses)]
        yield EpochRecord(epoch, metrics)
        # Only now: the epoch has been recorded, so a signal from here on saves it.
        log.info(
            "epoch %d of %d: training loss %s, %d of %d networks diverged, %.0f s left",
            epoch,
            stop,
            f"best {finite.min():.4f} mean {finite.mean():.4f}" if finite.size else "none finite",
            networks - finite.size,
            networks,
            left,
        )
    log.info("trained for %.1f s, and all in all %.1f s", training, time.monotonic() - began)
