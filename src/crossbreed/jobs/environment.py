"""The environment of jobs, the same whatever the user's shell, notebook or container sets.

Each process that runs jobs, on whichever machine, sets it for itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from crossbreed.config.base import ConfigError

# What shells, notebooks and containers set, by how its name begins, and what would change numbers,
# figures or whether a job starts. The number of threads Snakemake sets anew for each job.
_FOREIGN = (
    *("ATEN_", "BLIS_", "CUBLAS_", "CUDNN_", "DNNL_", "GOMP_", "HYDRA_", "KERAS_", "KMP_"),
    *("MATPLOTLIBRC", "MKL_", "MPLBACKEND", "NPY_", "NVIDIA_TF32_OVERRIDE", "OMP_", "ONEDNN_"),
    *("OPENBLAS_", "PYTHON", "PYTORCH_", "TF_", "TORCH", "XLA_"),
)
# Of these, what only says where Python is, and whether and where code is kept.
_HARMLESS = {
    *("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPYCACHEPREFIX", "TORCHINDUCTOR_CACHE_DIR"),
}


def check_checkout(root: Path) -> None:
    """Refuse a checkout whose path Python or Snakemake would take apart.

    Parameters
    ----------
    root
        Folder of the checkout.

    Raises
    ------
    ConfigError
        If it has a colon, which separates folders in PATH and PYTHONPATH, or braces, Snakemake's
        wildcards.
    """
    if set(str(root)) & set(":{}"):
        raise ConfigError(
            f"{root}: the path of the checkout must have no ':', '{{' or '}}'; move it"
        )


def set_environment(root: Path, environment: MutableMapping[str, str]) -> None:
    """Set what jobs need, and take off what is foreign to the study.

    Parameters
    ----------
    root
        Folder of the checkout.
    environment
        That of this process, which its jobs inherit.
    """
    for name in list(environment):
        if name.startswith(_FOREIGN) and name not in _HARMLESS:
            del environment[name]
    # The packages of the environment alone, and UTF-8 whatever the language of the system.
    environment.update(PYTHONPATH=str(root / "src"), PYTHONNOUSERSITE="1", PYTHONUTF8="1")
    # Keras keeps what users choose for it in a file of their home.
    environment["KERAS_HOME"] = str(Path.cwd() / ".cache" / "keras")
    # All jobs of a study share what a compiler has made, also those on other machines.
    environment.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path.cwd() / ".cache" / "compiled"))
    # The Python that runs Snakemake, whether or not its environment is activated.
    environment["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), *filter(None, [environment.get("PATH")])]
    )
