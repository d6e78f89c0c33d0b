"""How fast populations train: against other ways, against the machine, by size and batch."""

from __future__ import annotations

import os
import resource
import statistics
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from benchmarks.contenders import (
    Given,
    functional,
    keras_fit,
    plain_loop,
    population,
)
from benchmarks.machine import measure, seconds_per_network_epoch
from benchmarks.side_by_side import Make, SideBySide, measured

OURS = "population"
# A network-epoch is 60,000 images.
IMAGES = 60_000
SIZES = (1, 2, 4, 8, 16, 32, 64)
BATCHES = (32, 128, 512)


def against_others(data: Path, cores: int, repeats: int) -> pd.DataFrame:
    """Compare ways to train 10 networks in batches of 32 on all cores, in turn.

    Keras has one process with all cores, the others a process for each core.

    Returns
    -------
    DataFrame
        contender, network_epochs_per_second (median), ratio (median over repeats of this project's
        rate, over the contender's in the same repeat), share_of_limit (see `machine`).
    """
    one, all_cores = Given(data), Given(data, threads=cores)
    contenders: dict[str, tuple[Make, Given, int]] = {
        OURS: (population, one, cores),
        "torch.func, compiled": (partial(functional, compiled=True), one, cores),
        "torch.func": (functional, one, cores),
        "plain torch loop": (plain_loop, one, cores),
        "Keras fit": (keras_fit, all_cores, 1),
    }
    limits = [measured(measure, one, cores)]
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    running = {name: SideBySide(*how) for name, how in contenders.items()}
    for _ in range(repeats):
        for name, contender in running.items():
            rates[name].append(_network_epochs(contender, 32))
        limits.append(measured(measure, one, cores))
    for contender in running.values():
        contender.close()
    at_best = statistics.median(
        sum(1 / seconds_per_network_epoch(limit, 32) for limit in together) for together in limits
    )
    rows = [
        {
            "contender": name,
            "network_epochs_per_second": statistics.median(found),
            "ratio": statistics.median(
                ours / other for ours, other in zip(rates[OURS], found, strict=True)
            ),
            "share_of_limit": statistics.median(found) / at_best,
        }
        for name, found in rates.items()
    ]
    flops, bandwidth = (
        statistics.median(getattr(limit, name) for together in limits for limit in together)
        for name in ("flops", "bandwidth")
    )
    table = pd.DataFrame(rows)
    table.attrs = {"gflops": flops / 1e9, "gigabytes": bandwidth / 1e9, "at_best": at_best}
    return table


def by_size(data: Path, repeats: int) -> pd.DataFrame:
    """Return, for each N, seconds per network-epoch on one thread, and the peak memory in MB."""
    rows = _compared({size: Given(data, networks=size) for size in SIZES}, repeats)
    memory = [measured(_peak_memory, Given(data, networks=size), 1)[0] for size in SIZES]
    return pd.DataFrame({"networks": SIZES, "seconds": rows, "peak_memory_mb": memory})


def by_batch(data: Path, repeats: int) -> pd.DataFrame:
    """Return, for each batch size, seconds per network-epoch of 10 networks on one thread."""
    rows = _compared({size: Given(data, batch_size=size) for size in BATCHES}, repeats)
    return pd.DataFrame({"batch_size": BATCHES, "seconds": rows})


def _compared(given: Mapping[int, Given], repeats: int) -> list[float]:
    """Return the median seconds per network-epoch of this project with each of some settings."""
    running = {key: SideBySide(population, one, 1) for key, one in given.items()}
    seconds: dict[int, list[float]] = {key: [] for key in given}
    for _ in range(repeats):
        for key, contender in running.items():
            rate = _network_epochs(contender, given[key].batch_size)
            seconds[key].append(1 / rate)
    for contender in running.values():
        contender.close()
    return [statistics.median(found) for found in seconds.values()]


def _network_epochs(contender: SideBySide, batch_size: int, seconds: float = 2.0) -> float:
    """Return network-epochs a second, from at least so many seconds of work."""
    most = IMAGES // batch_size
    if contender.steps is None:
        # All of an epoch for those that are slow to begin.
        contender.rate(10)
        rate = contender.rate(min(50, most))
        contender.steps = max(10, min(most, round(seconds * rate / contender.networks)))
    return contender.rate(contender.steps) * batch_size / IMAGES


def _peak_memory(given: Given) -> float:
    steps: Any = population(given)
    steps(50)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def usable_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0))
