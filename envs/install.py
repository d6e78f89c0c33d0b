"""Install a lock file and torch into an environment: by uv, which takes seconds, else by pip.

    python envs/install.py PYTHON ENVIRONMENT LOCK

PYTHON is a Python with pip, ENVIRONMENT a folder made by its venv. Both installers take packages
from where pip is set up to look (`pip config list`, PIP_…), uv also from where uv is (UV_…).
"""

from __future__ import annotations

import ast
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Pip's settings that say where packages are and how to get there, by uv's names for them.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
# What would send packages elsewhere than into the environment, or others than those of the lock.
FOREIGN = (
    *("UV_BREAK_SYSTEM", "UV_CONSTRAINT", "UV_EXCLUDE", "UV_NO_VERIFY", "UV_OVERRIDE", "UV_PREFIX"),
    *("UV_PROJECT", "UV_PYTHON", "UV_RESOLUTION", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_TORCH"),
    "UV_WORKING",
)


def main(python: str, environment: Path, lock: str) -> None:
    """Install; end with the installer's status where it fails."""
    inside = str(environment / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--python", inside, "install"]
    pip += ["--no-user", "--quiet", "--no-warn-script-location"]
    install = pip
    uv = environment / "bin" / "uv"
    if run([*pip, "--requirement", str(HERE / "uv.txt")], quiet=True) and uv.is_file():
        os.environ.update(uv_settings(python))
        install = [str(uv), "pip", "install", "--python", inside, "--quiet"]
        # The one setting that uv takes from no variable.
        if pip_settings(python).get("no-index", "").lower() in {"1", "on", "t", "true", "y", "yes"}:
            install.append("--no-index")
    else:
        print("uv cannot be had here; pip installs, which takes some minutes", file=sys.stderr)
    by_uv = install is not pip
    if by_uv and not run([*install, "--requirement", lock]):
        print("uv cannot install here; pip does, which takes some minutes", file=sys.stderr)
        install, by_uv = pip, False
    if not by_uv and not run([*pip, "--requirement", lock]):
        sys.exit(1)
    if not install_torch(install, by_uv):
        sys.exit(1)


def install_torch(install: list[str], by_uv: bool) -> bool:
    """Install the build of torch that suits this machine: its CUDA takes gigabytes."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    (wanted,) = (name for name in project["dependencies"] if name.startswith("torch=="))
    if platform.system() == "Linux" and not has_driver():
        ways = [[f"{wanted}+cpu"], *([["--torch-backend", "cpu", wanted]] if by_uv else [])]
        if any(run([*install, *way], quiet=True) for way in ways):
            print("torch: the build for CPUs, since there is no NVIDIA driver")
            return True
        print(
            "torch: no NVIDIA driver, but the build for CPUs cannot be reached; taking the one "
            "with CUDA, some 6 GB (PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL may name another)"
        )
    return run([*install, wanted])


def has_driver() -> bool:
    """Return whether this machine has an NVIDIA driver."""
    return Path("/proc/driver/nvidia").is_dir() or shutil.which("nvidia-smi") is not None


def pip_settings(python: str) -> dict[str, str]:
    """Return what pip is set to when it installs; several values are separated by blanks."""
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    values: dict[str, str] = {}
    # Pip reads the settings of all commands, those of `install` and the environment, in this order.
    for section in ("global.", "install.", ":env:."):
        for line in listed.splitlines():
            key, _, value = line.partition("=")
            # Pip ignores what is set to nothing.
            if key.startswith(section) and (words := str(ast.literal_eval(value)).split()):
                values[key.removeprefix(section)] = " ".join(words)
    return values


def uv_settings(python: str) -> dict[str, str]:
    """Return pip's settings as uv's, unless the user has set those; take foreign ones off."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    given = pip_settings(python)
    values = {name: given[key] for key, name in SETTINGS.items() if key in given}
    if "UV_FIND_LINKS" in values:
        values["UV_FIND_LINKS"] = values["UV_FIND_LINKS"].replace(" ", ",")
    # To pip, all indexes are one.
    values["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in values.items() if name not in os.environ}


def run(command: list[str], quiet: bool = False) -> bool:
    """Run a command; return whether it went well."""
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, stdout=output, stderr=output, check=False).returncode == 0


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
