from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crossbreed.jobs import gpu_claim
from crossbreed.jobs.gpu_claim import VISIBLE, visible_gpus

# Claims, says which GPU is left to it, and holds it until its input ends.
JOB = """
import os, sys
from crossbreed.jobs.gpu_claim import claim_gpu
claim_gpu(sys.argv[1])
print(os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
sys.stdin.read()
"""


@contextmanager
def job(tmp_path: Path, visible: str, device: str = "auto") -> Iterator[str]:
    """Run a job that claims a GPU; give what it was left."""
    process = subprocess.Popen(
        [sys.executable, "-c", JOB, device],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "", VISIBLE: visible, "TMPDIR": str(tmp_path)},
    )
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        assert process.wait(60) == 0
        process.stdout.close()


def test_jobs_get_different_gpus_evenly_and_one_is_free_again_when_its_job_has_ended(
    tmp_path: Path,
) -> None:
    with job(tmp_path, "2,GPU-b") as first:
        with job(tmp_path, "2,GPU-b") as second:
            assert (first, second) == ("2", "GPU-b")
            with job(tmp_path, "2,GPU-b") as third, job(tmp_path, "2,GPU-b") as fourth:
                assert (third, fourth) == ("2", "GPU-b")
        with job(tmp_path, "2,GPU-b") as fifth:
            assert fifth == "GPU-b"


def test_what_a_scheduler_gave_is_kept(tmp_path: Path) -> None:
    with job(tmp_path, "1") as first, job(tmp_path, "1") as second:
        assert (first, second) == ("1", "1")
    with job(tmp_path, "0,1", "cpu") as untouched, job(tmp_path, "") as none:
        assert (untouched, none) == ("0,1", "")
    assert list(tmp_path.iterdir()) == []


def test_without_the_variable_the_driver_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VISIBLE, raising=False)
    monkeypatch.setattr(gpu_claim, "_DRIVER", tmp_path)
    assert visible_gpus() == []
    for address in ("0000:17:00.0", "0000:65:00.0"):
        (tmp_path / address).mkdir()
    assert visible_gpus() == ["0", "1"]
    monkeypatch.setattr(gpu_claim, "_DRIVER", tmp_path / "absent")
    assert visible_gpus() == []
