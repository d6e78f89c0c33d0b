"""What a result was made with: code, packages, machine, data."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

import psutil

from crossbreed.errors import CrossbreedError

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

# Files of a checkout that decide numbers or tell how they were made.
CODE = (
    *("Snakefile", "pyproject.toml", "workflow/Snakefile", "workflow/rules/*"),
    *("workflow/scripts/*/*", "workflow/report/*", "src/crossbreed/**/*", "config/**/*", "envs/*"),
)


def describe(repository: Path) -> dict[str, Any]:
    """Return the state of the code, the packages and the machine.

    Parameters
    ----------
    repository
        Folder of the project's checkout. Where it is no git checkout of its own, `git_commit` is
        None and `no_commit` says why.
    """
    return {
        **commit_of(repository),
        "code_sha256": code_digest(repository),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
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


def commit_of(repository: Path) -> dict[str, Any]:
    """Return `git_commit` and `git_changes` of a checkout, or why there is no commit.

    A folder inside another repository's is none of its own: that one's commit says nothing of it.
    """
    try:
        root = Path(_git(repository, "rev-parse", "--show-toplevel"))
        if not root.samefile(repository):
            raise CrossbreedError(f"{repository} is no git checkout, but lies in that of {root}")
        commit = _git(repository, "rev-parse", "HEAD")
        changes = _git(repository, "status", "--porcelain").splitlines()
    except CrossbreedError as error:
        return {"git_commit": None, "git_changes": None, "no_commit": str(error)}
    return {"git_commit": commit, "git_changes": changes}


def _git(repository: Path, *arguments: str) -> str:
    # Its code is being run, so a checkout may well belong to somebody else.
    owned = f"safe.directory={repository.resolve()}"
    # Set inside of git's hooks, these name another repository.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        return subprocess.run(
            ["git", "-c", owned, "-C", str(repository), *arguments],
            check=True,
            capture_output=True,
            text=True,
            env=environment | {"LC_ALL": "C"},
        ).stdout.strip()
    except OSError as error:
        raise CrossbreedError(f"git: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines() or [f"exit status {error.returncode}"]
        raise CrossbreedError(f"git: {reason[0].removeprefix('fatal: ')}") from error


def code_digest(repository: Path) -> str:
    """Return a SHA-256 of the names and contents of a checkout's code and configuration."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in CODE for path in repository.glob(pattern)}):
        name = path.relative_to(repository).as_posix()
        if path.is_file() and "__pycache__" not in name:
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    name = processor(information.read_text()) if information.is_file() else ""
    return name or platform.processor()


def processor(information: str) -> str:
    """Return what Linux calls the first processor; nothing where it has no name.

    Virtual machines may name processors of several generations alike, which add up the same numbers
    in another order; family, model and stepping tell them apart.

    Parameters
    ----------
    information
        The content of `/proc/cpuinfo`.
    """
    first = information.split("\n\n", 1)[0]
    fields: dict[str, str] = dict(re.findall(r"^(\S.*?)[ \t]*: *(.*)$", first, re.MULTILINE))
    if "model name" not in fields:
        return ""
    kind = {"family": "cpu family", "model": "model", "stepping": "stepping"}
    known = [f"{name} {fields[key]}" for name, key in kind.items() if key in fields]
    return fields["model name"] + (f" ({', '.join(known)})" if known else "")
