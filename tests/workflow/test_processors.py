"""A container's quota of processors, as the two versions of Linux's control groups say it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from snakemake.resources import Resource

from crossbreed.scheduling.processors import limit_cores_to_quota

HOST = 64
DOCKER = "4:cpu,cpuacct:/docker/0a1b\n3:memory:/docker/0a1b\n0::/\n"
V1 = "cpu,cpuacct"


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossbreed.scheduling.processors.available_cpu_count", lambda: HOST)


def cores(
    folder: Path, membership: str, files: Mapping[str, str], given: int | None = HOST
) -> object:
    """Return the processors that Snakemake takes of those given, under some control groups."""
    for name, content in files.items():
        path = folder / "mounted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    (folder / "membership").write_text(membership)
    resources = {"_cores": Resource("_cores", given)}
    limit_cores_to_quota(resources, folder / "membership", folder / "mounted")
    return resources["_cores"].value


@pytest.mark.parametrize(
    ("membership", "files", "allowed"),
    [
        ("0::/\n", {"cpu.max": "200000 100000"}, 2),
        ("0::/\n", {"cpu.max": "250000 100000"}, 3),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000", "a/cpu.max": "400000 100000"}, 4),
        ("0::/a/b\n", {"a/b/cpu.max": "300000 100000", "a/cpu.max": "400000 100000"}, 3),
        (DOCKER, {f"{V1}/cpu.cfs_quota_us": "50000", f"{V1}/cpu.cfs_period_us": "25000"}, 2),
        (
            DOCKER,
            {
                f"{V1}/docker/cpu.cfs_quota_us": "500000",
                f"{V1}/docker/cpu.cfs_period_us": "100000",
                f"{V1}/docker/0a1b/cpu.cfs_quota_us": "-1",
                f"{V1}/docker/0a1b/cpu.cfs_period_us": "100000",
            },
            5,
        ),
        # All where there is none.
        ("0::/\n", {}, HOST),
        ("0::/\n", {"cpu.max": "max 100000"}, HOST),
        ("0::/\n", {"cpu.max": "12800000 100000"}, HOST),
    ],
)
def test_no_more_than_the_quota(
    tmp_path: Path, membership: str, files: Mapping[str, str], allowed: int
) -> None:
    assert cores(tmp_path, membership, files) == allowed


@pytest.mark.parametrize("given", [8, None])
def test_another_number_was_meant(tmp_path: Path, given: int | None) -> None:
    assert cores(tmp_path, "0::/\n", {"cpu.max": "200000 100000"}, given) == given


def test_other_systems_have_no_control_groups(tmp_path: Path) -> None:
    resources = {"_cores": Resource("_cores", HOST)}
    limit_cores_to_quota(resources, tmp_path / "absent", tmp_path)
    assert resources["_cores"].value == HOST
