"""What a machine can do at best: products of matrices, and bytes to and from memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.contenders import PARAMETERS, Given


class Limits(NamedTuple):
    """Of one process with the threads it is given, others at work beside it.

    Parameters
    ----------
    flops
        Operations a second in large products of matrices, float32.
    bandwidth
        Bytes a second, read and written, when memory of the size of a population's optimiser state
        is changed in place.
    """

    flops: float
    bandwidth: float


def measure(given: Given) -> Limits:
    """Measure both for half a second each."""
    import torch

    torch.set_num_threads(given.threads)
    torch.set_flush_denormal(True)
    size = 1024
    left, right, product = (torch.rand(size, size) for _ in range(3))
    flops = 2 * size**3 * _rate(lambda: torch.mm(left, right, out=product))
    state = torch.rand(given.networks * PARAMETERS * 3)
    # Reads and writes all of it.
    bandwidth = 2 * 4 * state.numel() * _rate(lambda: state.mul_(0.999))
    return Limits(flops, bandwidth)


def step_flops(batch_size: int) -> float:
    """Return the operations of one network's step, products of matrices alone.

    Forward 2 B (784 128 + 128 10), as many for the gradients of the weights, and 2 B 128 10 for
    that of the hidden layer; the images need none.
    """
    weights = 784 * 128 + 128 * 10
    return 2.0 * batch_size * (2 * weights + 128 * 10)


def step_bytes() -> float:
    """Return the bytes that one network's step must move.

    Adam reads weight, gradient and two moments and writes all but the gradient, which was written
    before: 8 numbers of 4 bytes for each parameter.
    """
    return 8.0 * 4 * PARAMETERS


def seconds_per_network_epoch(limits: Limits, batch_size: int) -> float:
    """Return the least that a network-epoch of 60,000 images can take: products, then memory."""
    steps = 60_000 / batch_size
    return steps * (step_flops(batch_size) / limits.flops + step_bytes() / limits.bandwidth)


def _rate(work: Callable[[], object], seconds: float = 0.5) -> float:
    """Return how often a second work can be done."""
    work()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        work()
        done += 1
    return done / (time.perf_counter() - began)
