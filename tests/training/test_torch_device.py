from __future__ import annotations

import time

import pytest
import torch

from crossbreed.errors import CrossbreedError
from crossbreed.training.torch_device import choose_device, clock


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_missing_gpu_is_named() -> None:
    assert choose_device("auto", "language.device").type == "cpu"
    with pytest.raises(CrossbreedError, match=r"language\.device = 'cuda': .* no GPU"):
        choose_device("cuda", "language.device")


def test_on_one_thread_of_a_processor_other_jobs_cost_nothing() -> None:
    now = clock(torch.device("cpu"), threads=1)
    began = now()
    time.sleep(0.3)  # as when others have the processor
    slept = now() - began
    assert 0 <= slept < 0.1
    while now() - began < slept + 0.05:  # computing does cost
        pass


@pytest.mark.parametrize(("device", "threads"), [("cpu", 2), ("cuda", 1)])
def test_elsewhere_the_time_that_goes_by_counts(device: str, threads: int) -> None:
    now = clock(torch.device(device), threads)
    began = now()
    time.sleep(0.1)
    assert now() - began >= 0.1
