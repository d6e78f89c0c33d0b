"""What users' shells, notebooks and containers set decides nothing of a study."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from crossbreed.config.base import ConfigError
from crossbreed.figures import style
from crossbreed.jobs.environment import check_checkout, set_environment
from repository import REPOSITORY
from snakemake_call import ENVIRONMENT, snakemake

# What may be set, and would each stop a job or change what comes out of it.
FOREIGN = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": "/nowhere",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "HYDRA_FULL_ERROR": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "KERAS_BACKEND": "jax",
    "OMP_NUM_THREADS": "64",
    "MKL_CBWR": "COMPATIBLE",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NVIDIA_TF32_OVERRIDE": "1",
    "TORCHDYNAMO_DISABLE": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":16:8",
}
# What schedulers and users say of the machine.
KEPT = {
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TORCHINDUCTOR_CACHE_DIR": "/scratch/compiled",
}
JOB = """
import locale, site, sys, warnings
warnings.warn("seen")
import crossbreed, matplotlib, numpy
print(crossbreed.__file__, sys.flags.optimize, locale.getpreferredencoding(), site.ENABLE_USER_SITE)
"""


def test_a_job_has_an_environment_of_its_own() -> None:
    environment = FOREIGN | KEPT
    set_environment(REPOSITORY, environment)
    assert not FOREIGN.keys() & environment.keys()
    assert KEPT.items() <= environment.items()


def test_a_job_starts_whatever_is_set(tmp_path: Path) -> None:
    for package in ("crossbreed", "numpy"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise SystemExit('of another project')")
    environment = {**os.environ, **FOREIGN, "PYTHONPATH": str(tmp_path), "LC_ALL": "POSIX"}
    set_environment(REPOSITORY, environment)
    command = [sys.executable, "-c", JOB]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    library = REPOSITORY / "src/crossbreed/__init__.py"
    assert found.stdout == f"{library} 0 utf-8 False\n", found.stderr


def test_figures_look_alike_whatever_a_user_has_set_for_others() -> None:
    matplotlibrc: dict[Any, Any] = {
        **{"font.size": 30.0, "lines.linewidth": 9.0, "savefig.bbox": "tight", "axes.grid": True},
    }
    with mpl.rc_context(matplotlibrc):
        importlib.reload(style)
        assert not [name for name, value in matplotlibrc.items() if mpl.rcParams[name] == value]


def test_a_checkout_whose_path_would_be_taken_apart_is_refused_and_no_other() -> None:
    for name in ("a:b", "a{b}"):
        with pytest.raises(ConfigError, match="the path of the checkout must have no ':'"):
            check_checkout(Path("/tmp") / name / "crossbreed")
    check_checkout(Path("/tmp") / "a b'\"$HOME;ä%#[c]" / "crossbreed")


def test_snakemake_plans_by_the_library_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crossbreed.py").write_text("raise SystemExit('of another checkout')")
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(tmp_path))
    finished = snakemake(tmp_path, "--dry-run", "--config", "nonsense=1")
    assert "crossbreed: nonsense = 1: unknown key" in finished.stderr
