"""How many processors a container leaves to a study."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snakemake.resources import Resource
from snakemake.utils import available_cpu_count


def limit_cores_to_quota(
    resources: Any,
    membership: Path = Path("/proc/self/cgroup"),
    mounted: Path = Path("/sys/fs/cgroup"),
) -> None:
    """Take no more processors than the quota allows where Snakemake was given `--cores all`.

    Snakemake counts those that its process may run on. A container of two processors on a machine
    of 64 may run on all of them, for a thirty-second part of the time. A quota of less than one, or
    of parts of one, counts as a whole one.

    Parameters
    ----------
    resources
        The `global_resources` of Snakemake's workflow.
    membership
        The file that names the control groups of this process.
    mounted
        Where control groups are mounted.
    """
    cores = resources["_cores"]
    # Another number was given, and meant.
    if cores.value == available_cpu_count() and membership.is_file():
        allowed = min(_quotas(membership.read_text(), mounted), default=math.inf)
        if allowed < cores.value:
            resources["_cores"] = Resource("_cores", math.ceil(allowed))


def _quotas(groups: str, mounted: Path) -> Iterator[float]:
    """Return the processors that each control group above a process allows, where it limits them.

    In a container the group's path may be that on the host; its own group is then the root.
    """
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        top = mounted / controllers
        group = top / path.strip("/")
        above = [folder for folder in (group, *group.parents) if folder.is_relative_to(top)]
        for folder in {top, *above}:
            if controllers == "":
                yield from _quota(folder / "cpu.max")
            elif "cpu" in controllers.split(","):
                yield from _quota(folder / "cpu.cfs_quota_us", folder / "cpu.cfs_period_us")


def _quota(*files: Path) -> list[float]:
    try:
        quota, period = " ".join(file.read_text() for file in files).split()
    except OSError:
        return []
    # Unlimited: max, before version 2 of control groups -1.
    return [] if quota in ("max", "-1") else [int(quota) / int(period)]
