"""What is installed, for pip and for conda, is what was resolved, and covers what is asked for."""

from __future__ import annotations

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


def holds(requirement: Requirement, platform: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(PLATFORMS[platform])


def lines(name: str) -> list[str]:
    text = (ENVIRONMENTS / f"{name}.txt").read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]


def pinned(name: str, platform: str) -> dict[str, str]:
    """Return the version of each package that a platform installs."""
    found: dict[str, str] = {}
    for requirement in map(Requirement, lines(name)):
        if holds(requirement, platform):
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


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", ["study", "development"])
def test_every_dependency_is_pinned_at_an_allowed_version(
    project: dict[str, list[str]], name: str, platform: str
) -> None:
    found = pinned(name, platform)
    for requirement in map(Requirement, project[name]):
        if holds(requirement, platform):
            version = found[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), requirement
    # Both would own the same folder.
    assert ("tensorflow-cpu" in found) != ("tensorflow" in found)


def test_development_is_the_study_and_more() -> None:
    study, development = set(lines("study")), set(lines("development"))
    assert study < development


def test_conda_installs_what_pip_does() -> None:
    given = yaml.safe_load((ENVIRONMENTS / "study.yaml").read_text())
    python, pip, packages = given["dependencies"]
    assert (python, pip) == ("python=3.11", "pip")
    assert packages["pip"] == lines("study")


def test_rules_name_the_conda_environment() -> None:
    rules = "".join(path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
    assert rules.count("\n    shell:\n") == rules.count("\n    conda:\n        ENVIRONMENT\n")
