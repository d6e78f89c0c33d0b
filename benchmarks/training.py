"""How fast populations train: against other ways, against the machine, by size and batch."""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from benchmarks.contenders import (
    PARAMETERS,
    Setting,
    Steps,
    functional,
    keras_fit,
    plain_loop,
    population,
)

# A network-epoch is 60,000 images.
IMAGES = 60_000
SIZES = (1, 2, 4, 8, 16, 32, 64)
BATCHES = (32, 128, 512)
# Operations of one network's step with batches of 32, products of matrices alone: forward, as many
# for the gradients of the weights, and those for that of the hidden layer; the images need none.
STEP_FLOPS = 2.0 * 32 * (2 * (784 * 128 + 128 * 10) + 128 * 10)
# Adam reads weight, gradient and two moments and writes all but the gradient, which was written
# before: 8 numbers of 4 bytes for each parameter.
STEP_BYTES = 8.0 * 4 * PARAMETERS

Measure = Callable[[Setting], Any]
_barrier: Any = None


def usable_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0))


def against_others(data: Path, repeats: int) -> pd.DataFrame:
    """Compare ways to train 10 networks in batches of 32 on all cores, in turn.

    Keras has one process with all cores, the others a process for each core.

    Returns
    -------
    DataFrame
        contender, network_epochs_per_second (median), times_as_fast (median over repeats of this
        project's rate over the contender's in the same repeat), share_of_limit: of what the cores
        could do at that moment, all at work, if products of matrices and bytes of Adam followed
        each other. Its `attrs`: gflops and gigabytes a second of a core, network-epochs `at_best`.
    """
    cores = usable_cores()
    contenders: dict[str, tuple[Callable[[Setting], Steps], Setting, int]] = {
        "this project": (population, Setting(data), cores),
        "torch.func, compiled": (partial(functional, compiled=True), Setting(data), cores),
        "torch.func": (functional, Setting(data), cores),
        "plain torch loop": (plain_loop, Setting(data), cores),
        "Keras fit": (keras_fit, Setting(data, threads=cores), 1),
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    limits = []
    for _ in range(repeats):
        limits.append(_at_once(_limits, Setting(data), cores))
        for name, (make, setting, processes) in contenders.items():
            rates[name].append(sum(_at_once(partial(_rate, make), setting, processes)))
    at_best = statistics.median(
        sum(
            32 / IMAGES / (STEP_FLOPS / flops + STEP_BYTES / bandwidth)
            for flops, bandwidth in together
        )
        for together in limits
    )
    ours = rates["this project"]
    rows = [
        {
            "contender": name,
            "network_epochs_per_second": statistics.median(theirs),
            "times_as_fast": statistics.median(a / b for a, b in zip(ours, theirs, strict=True)),
            "share_of_limit": statistics.median(theirs) / at_best,
        }
        for name, theirs in rates.items()
    ]
    table = pd.DataFrame(rows)
    flops, bandwidth = (
        statistics.median(limit[place] for together in limits for limit in together)
        for place in (0, 1)
    )
    table.attrs = {"gflops": flops / 1e9, "gigabytes": bandwidth / 1e9, "at_best": at_best}
    return table


def by_size(data: Path, repeats: int) -> pd.DataFrame:
    """Return, for each N, seconds per network-epoch on one thread, and the peak memory in MB."""
    settings = {size: Setting(data, networks=size) for size in SIZES}
    seconds = _seconds(settings, repeats)
    memory = [_at_once(_peak_memory, setting, 1)[0] for setting in settings.values()]
    return pd.DataFrame({"networks": SIZES, "seconds": seconds, "peak_memory_mb": memory})


def by_batch(data: Path, repeats: int) -> pd.DataFrame:
    """Return, for each batch size, seconds per network-epoch of 10 networks on one thread."""
    settings = {size: Setting(data, batch_size=size) for size in BATCHES}
    return pd.DataFrame({"batch_size": BATCHES, "seconds": _seconds(settings, repeats)})


def _seconds(settings: Mapping[int, Setting], repeats: int) -> list[float]:
    """Return the median seconds per network-epoch of this project, settings taken in turn."""
    seconds: dict[int, list[float]] = {key: [] for key in settings}
    for _ in range(repeats):
        for key, setting in settings.items():
            seconds[key].append(1 / _at_once(partial(_rate, population), setting, 1)[0])
    return [statistics.median(repeated) for repeated in seconds.values()]


def _at_once(measure: Measure, setting: Setting, processes: int) -> list[Any]:
    """Return what a function measures in each of some processes that run at once."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(processes)
    with spawn.Pool(processes, initializer=_share, initargs=(barrier,)) as pool:
        return pool.map(measure, [setting] * processes, chunksize=1)


def _share(barrier: Any) -> None:
    global _barrier
    _barrier = barrier


def _rate(make: Callable[[Setting], Steps], setting: Setting) -> float:
    """Return network-epochs a second of a contender, from some two seconds of work."""
    steps, most = make(setting), IMAGES // setting.batch_size
    steps(20)
    began = time.perf_counter()
    steps(50)
    # All of an epoch for those that are slow to begin.
    count = max(10, min(most, round(50 * 2 / (time.perf_counter() - began))))
    _barrier.wait()
    began = time.perf_counter()
    steps(count)
    elapsed = time.perf_counter() - began
    return count * setting.networks * setting.batch_size / IMAGES / elapsed


def _limits(setting: Setting) -> tuple[float, float]:
    """Return what a process can do at best, each from half a second of work.

    Operations a second in large products of matrices, float32; bytes a second, read and written,
    when memory of the size of a population's optimiser state is changed in place.
    """
    import torch

    torch.set_num_threads(setting.threads)
    torch.set_flush_denormal(True)
    size = 1024
    left, right, product = (torch.rand(size, size) for _ in range(3))
    state = torch.rand(setting.networks * PARAMETERS * 3)
    _barrier.wait()
    flops = 2 * size**3 * _per_second(lambda: torch.mm(left, right, out=product))
    return flops, 2 * 4 * state.numel() * _per_second(lambda: state.mul_(0.999))


def _per_second(work: Callable[[], object]) -> float:
    work()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < 0.5:
        work()
        done += 1
    return done / (time.perf_counter() - began)


def _peak_memory(setting: Setting) -> float:
    steps: Any = population(setting)
    steps(50)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
