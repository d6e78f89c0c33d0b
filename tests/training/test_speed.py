"""A guard against slowness: ratios within one run, far from what is usual (see docs)."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benchmarks.contenders import Setting, Steps, plain_loop, population

from crossbreed.training.torch_device import prepare_processor


def seconds(steps: Steps, count: int) -> float:
    began = time.perf_counter()
    steps(count)
    return time.perf_counter() - began


def test_a_population_trains_faster_than_a_plain_loop(mirror: Path) -> None:
    setting = Setting(mirror, networks=10)
    ours, theirs = population(setting), plain_loop(setting)
    prepare_processor(1)
    for steps in (ours, theirs):
        steps(20)
    ratios = [seconds(theirs, 40) / seconds(ours, 40) for _ in range(7)]
    print(f"times as fast as a plain loop: {statistics.median(ratios):.2f}")
    # 2.2 to 2.5 on a quiet machine.
    assert statistics.median(ratios) > 1.4
