"""What a result was made with: code, packages, machine, data."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import psutil

PACKAGES = (
    "crossbreed",
    "deap",
    "hydra-core",
    "keras",
    "matplotlib",
    "numpy",
    "pandas",
    "safetensors",
    "scikit-learn",
    "scipy",
    "snakemake",
    "statsmodels",
    # One package on some systems, the other elsewhere.
    *("tensorflow", "tensorflow-cpu"),
    "torch",
)


def describe(repository: Path) -> dict[str, Any]:
    """Return the state of the code, the packages and the machine.

    Parameters
    ----------
    repository
        Folder of the project's checkout; where it is no git checkout, the commit is None.
    """
    return {
        "git_commit": _git(repository, "rev-parse", "HEAD"),
        "git_changes": (_git(repository, "status", "--porcelain") or "").splitlines(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        },
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _git(repository: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(repository), *arguments]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    told = processor(information.read_text()) if information.is_file() else ""
    return told or platform.processor()


def processor(information: str) -> str:
    """Return what Linux calls the first processor; nothing where it has no name.

    Virtual machines may name processors of several generations alike, which add up the same numbers
    in another order; family, model and stepping tell them apart.

    Parameters
    ----------
    information
        The content of `/proc/cpuinfo`.
    """
    first = information.split("\n\n", 1)[0].splitlines()
    pairs = (line.partition(":") for line in first)
    told = {key.strip(): value.strip() for key, _, value in pairs}
    if "model name" not in told:
        return ""
    kind = {"family": "cpu family", "model": "model", "stepping": "stepping"}
    known = [f"{name} {told[key]}" for name, key in kind.items() if key in told]
    return told["model name"] + (f" ({', '.join(known)})" if known else "")
