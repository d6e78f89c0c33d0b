"""What is installed, for pip and for conda, is what was resolved, and covers what is asked for."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repository import REPOSITORY

ENVIRONMENTS = REPOSITORY / "envs"


PLATFORMS = {
    "Linux on x86-64": {"sys_platform": "linux", "platform_machine": "x86_64"},
    "Linux on ARM": {"sys_platform": "linux", "platform_machine": "aarch64"},
    "macOS on ARM": {"sys_platform": "darwin", "platform_machine": "arm64"},
}
VERSIONS = ("3.11", "3.12", "3.13")


def holds(requirement: Requirement, platform: str, python: str) -> bool:
    environment = PLATFORMS[platform] | {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "extra": "",
    }
    return requirement.marker is None or requirement.marker.evaluate(environment)


def lines(name: str) -> list[str]:
    """Return the requirements of a lock, without their hashes."""
    text = (ENVIRONMENTS / f"{name}.txt").read_text()
    return [line.rstrip(" \\") for line in text.splitlines() if line[0] not in " #"]


@pytest.mark.parametrize("name", ["study", "development", "uv"])
def test_every_package_has_hashes(name: str) -> None:
    text = (ENVIRONMENTS / f"{name}.txt").read_text().partition("\n")[2]
    packages = re.split(r"\n(?=\S)", text)
    assert len(packages) == len(lines(name))
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", package) for package in packages)


def pinned(name: str, platform: str, python: str) -> dict[str, str]:
    """Return the version of each package that a platform installs."""
    found: dict[str, str] = {}
    for requirement in map(Requirement, lines(name)):
        if holds(requirement, platform, python):
            assert requirement.name not in found
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            found[canonicalize_name(requirement.name)] = specifier.version
    return found


@pytest.fixture(scope="module")
def project() -> dict[str, list[str]]:
    given = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return {
        "study": given["dependencies"],
        "development": given["dependencies"] + given["optional-dependencies"]["development"],
    }


@pytest.mark.parametrize("python", VERSIONS)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", ["study", "development"])
def test_every_dependency_is_pinned_at_an_allowed_version(
    project: dict[str, list[str]], name: str, platform: str, python: str
) -> None:
    found = pinned(name, platform, python)
    for requirement in map(Requirement, project[name]):
        # Its build differs by machine: envs/install.py.
        if requirement.name == "torch":
            (specifier,) = requirement.specifier
            assert (specifier.operator, requirement.name in found) == ("==", False)
        elif holds(requirement, platform, python):
            version = found[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), requirement
    # Both would own the same folder.
    assert ("tensorflow-cpu" in found) != ("tensorflow" in found)


def test_development_is_the_study_and_more() -> None:
    for platform in PLATFORMS:
        study, development = (pinned(name, platform, "3.11") for name in ("study", "development"))
        assert study.items() < development.items()


def test_conda_installs_what_pip_does() -> None:
    given = yaml.safe_load((ENVIRONMENTS / "study.yaml").read_text())
    python, pip, packages = given["dependencies"]
    assert (python, pip) == ("python=3.11", "pip")
    *packages, torch = packages["pip"]
    assert packages == lines("study")
    assert Requirement(torch).name == "torch"


def test_rules_name_the_conda_environment() -> None:
    rules = "".join(path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
    assert rules.count("\n    shell:\n") == rules.count("\n    conda:\n        ENVIRONMENT\n")
