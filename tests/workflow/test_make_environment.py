"""`make env` where users want pip to go elsewhere, by a Python that notes what it is asked."""

from __future__ import annotations

import importlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from repository import REPOSITORY

# Says that it is of a version, and writes down calls of pip with its environment.
STUB = """#!/bin/bash
case "$1" in
  -c) echo {version} ;;
  -m) [ "$2" = venv ] || {{ echo "$@"; env; }} >> "$(dirname "$0")/asked"
      [ "$3" != config ] || printf '%b' '{configuration}' ;;
  *) exec {python} "$@" ;;
esac
"""


def make(
    folder: Path, version: str, configuration: str = "", **environment: str | None
) -> subprocess.CompletedProcess[str]:
    """Run `make env` in a folder with little else, by a Python of a version."""
    shutil.copy(REPOSITORY / "Makefile", folder)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    (folder / "envs").mkdir()
    shutil.copy(REPOSITORY / "envs/install.py", folder / "envs")
    (folder / "envs/study.txt").touch()
    (folder / ".venv").mkdir(exist_ok=True)
    stub = folder / "some python"
    stub.write_text(
        STUB.format(version=version, python=sys.executable, configuration=configuration)
    )
    stub.chmod(0o755)
    given = {**os.environ, "PYTHON": str(stub), **environment}
    return subprocess.run(
        ["make", "env"],
        cwd=folder,
        env={name: value for name, value in given.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("version", ["3.10", "3.14"])
def test_a_python_without_the_packages_is_refused_at_once(tmp_path: Path, version: str) -> None:
    finished = make(tmp_path, version)
    message, _ = finished.stderr.splitlines()
    assert message == (
        f"PYTHON={tmp_path}/some python: its version is {version}, allowed are 3.11 3.12 3.13; "
        "name one that is here: make env PYTHON=/path/to/python3.12"
    )
    assert finished.returncode == 2
    assert not (tmp_path / "asked").exists()


def test_a_python_that_is_not_there_is_refused(tmp_path: Path) -> None:
    finished = make(tmp_path, "3.11", PYTHON="/nowhere/python3")
    assert "PYTHON=/nowhere/python3: its version is not known" in finished.stderr
    assert finished.returncode == 2


def test_the_allowed_versions_are_those_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = SpecifierSet(project["requires-python"])
    (line,) = re.findall(r"^PYTHONS := (.*)$", (REPOSITORY / "Makefile").read_text(), re.M)
    versions = [f"3.{minor}" for minor in range(30)]
    assert line.split() == [version for version in versions if wanted.contains(f"{version}.1")]


def test_packages_come_into_the_environment(tmp_path: Path) -> None:
    elsewhere = {
        **{"PIP_USER": "1", "PIP_TARGET": "/elsewhere", "PIP_PREFIX": "/elsewhere"},
        **{"PIP_ROOT": "/elsewhere", "PIP_DRY_RUN": "1"},
    }
    finished = make(tmp_path, "3.12", PIP_INDEX_URL="https://example.org", **elsewhere)
    assert finished.returncode == 0, finished.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    calls = [line for line in asked if line.startswith("-m pip ")]
    # uv, what is locked, torch, this project.
    assert len(calls) == 4
    assert "uv cannot be had here; pip installs" in finished.stderr
    assert all("--python .venv/bin/python install --no-user " in call for call in calls)
    assert not [line for line in asked if line.split("=")[0] in elsewhere]
    assert asked.count("PIP_INDEX_URL=https://example.org") == 4


def write_uv(folder: Path, refused: str = "nothing") -> Path:
    """Write an uv that notes what it is asked, and fails where an argument contains a text."""
    uv = folder / ".venv/bin/uv"
    uv.parent.mkdir(parents=True)
    uv.write_text(
        f'#!/bin/bash\n{{ echo "uv $@"; env; }} >> "{folder}/uv asked"\n[[ "$*" != *{refused}* ]]\n'
    )
    uv.chmod(0o755)
    return uv


def test_uv_looks_where_pip_does(tmp_path: Path) -> None:
    write_uv(tmp_path)
    configuration = (
        r"global.index-url=\x27https://example.org/simple\x27\n"
        r"global.extra-index-url=\x27\\nhttps://a.example\\nhttps://b.example\x27\n"
        r"install.find-links=\x27/wheels /more\x27\n"
        r":env:.find-links=\x27/mine\x27\n"
        r"global.cert=\x27/ca.pem\x27\nglobal.proxy=\x27http://proxy\x27\nglobal.timeout=\x2730\x27\n"
    )
    users = {
        **{"UV_INSECURE_HOST": "mine.example", "UV_TARGET": "/elsewhere", "UV_SYSTEM_PYTHON": "1"},
        **{"SSL_CERT_FILE": None, "ALL_PROXY": None},
    }
    finished = make(tmp_path, "3.12", configuration, **users)
    assert finished.returncode == 0, finished.stderr
    asked = (tmp_path / "uv asked").read_text().splitlines()
    calls = [line for line in asked if line.startswith("uv ")]
    lock = "uv pip install --python .venv/bin/python --quiet --requirement envs/study.txt"
    assert calls[0] == lock
    assert all("torch==" in call for call in calls[1:])
    expected = {
        "UV_DEFAULT_INDEX=https://example.org/simple",
        "UV_INDEX=https://a.example https://b.example",
        "UV_FIND_LINKS=/mine",
        "UV_INDEX_STRATEGY=unsafe-best-match",
        "UV_INSECURE_HOST=mine.example",
        "UV_HTTP_TIMEOUT=30",
        "SSL_CERT_FILE=/ca.pem",
        "ALL_PROXY=http://proxy",
    }
    assert expected <= set(asked)
    assert not [line for line in asked if line.startswith(("UV_TARGET=", "UV_SYSTEM_PYTHON="))]


@pytest.mark.parametrize(("given", "options"), [("yes", "--no-index "), ("0", "")])
def test_without_an_index_uv_asks_none_either(tmp_path: Path, given: str, options: str) -> None:
    write_uv(tmp_path)
    finished = make(tmp_path, "3.12", rf"install.no-index=\x27{given}\x27\n")
    assert finished.returncode == 0, finished.stderr
    asked = (tmp_path / "uv asked").read_text().splitlines()
    start = f"uv pip install --python .venv/bin/python --quiet {options}"
    calls = [line.removeprefix(start) for line in asked if line.startswith("uv ")]
    assert calls[0] == "--requirement envs/study.txt"
    assert calls[1].startswith("torch==")


def test_what_is_set_to_nothing_sets_nothing(tmp_path: Path) -> None:
    write_uv(tmp_path)
    configuration = (
        r"global.extra-index-url=\x27https://a.example\x27\n:env:.extra-index-url=\x27\x27\n"
    )
    finished = make(tmp_path, "3.12", configuration)
    assert finished.returncode == 0, finished.stderr
    assert "UV_INDEX=https://a.example" in (tmp_path / "uv asked").read_text().splitlines()


@pytest.mark.parametrize(
    ("driver", "refused", "last", "said"),
    [
        (False, "nothing", "torch==2.13.0+cpu", "torch: the build for CPUs"),
        (False, "2.13.0+cpu", "--torch-backend cpu torch==2.13.0", "torch: the build for CPUs"),
        (
            False,
            "cpu",
            "torch==2.13.0",
            "torch: no NVIDIA driver, but the build for CPUs cannot be",
        ),
        (True, "nothing", "torch==2.13.0", ""),
    ],
)
def test_the_build_of_torch_suits_the_machine(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    driver: bool,
    refused: str,
    last: str,
    said: str,
) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "envs")
    install = importlib.import_module("install")
    monkeypatch.setattr(install, "has_driver", lambda: driver)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    assert install.install_torch([str(write_uv(tmp_path, refused))], by_uv=True)
    asked = (tmp_path / "uv asked").read_text().splitlines()
    assert [line for line in asked if line.startswith("uv ")][-1] == f"uv {last}"
    output = capsys.readouterr().out
    assert output.startswith(said)
    assert output.count("\n") == bool(said)


@pytest.mark.parametrize("home", [None, "/nowhere"])
def test_a_user_without_name_or_home_is_given_one(tmp_path: Path, home: str | None) -> None:
    finished = make(tmp_path, "3.11", HOME=home, LOGNAME=None, XDG_CACHE_HOME=None)
    assert finished.returncode == 0, finished.stderr
    name = subprocess.run(["id", "-un"], capture_output=True, text=True, check=False).stdout.strip()
    cache = f"{tmp_path}/.cache"
    given = {f"HOME={cache}", f"XDG_CACHE_HOME={cache}", f"LOGNAME={name}"}
    assert given <= {*(tmp_path / "asked").read_text().splitlines()}


def test_a_home_that_there_is_stays(tmp_path: Path) -> None:
    home = tmp_path / "my home"
    home.mkdir()
    assert make(tmp_path, "3.11", HOME=str(home), LOGNAME="me").returncode == 0
    assert {f"HOME={home}", "LOGNAME=me"} <= {*(tmp_path / "asked").read_text().splitlines()}
