"""The CPU quota that control groups set this program, and how often it was throttled (Linux's cgroups, v1 and v2); and
how many cores that leaves it.

A quota of 150 ms per period of 100 ms is 1.5 cores. Groups are nested, and the quotas of all of them apply: the
smallest counts. A group that has used up its quota is throttled until the period ends: none of its threads runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_V1, _V2 = "cgroup", "cgroup2"


class Throttling(NamedTuple):
    """Periods of the quota so far."""

    periods: int
    throttled: int
    """Of these, the periods in which the quota was used up."""

    def share_since(self, before: Throttling) -> float | None:
        """The share of the periods since `before`, 0 to 1, that were throttled; None: there was no period."""
        periods = self.periods - before.periods
        return (self.throttled - before.throttled) / periods if periods > 0 else None


class CpuQuota:
    """The control groups of this process that can limit its CPU time."""

    def __init__(self, root: Path = Path("/")) -> None:
        """`root`: the folder that has /proc and the mounted hierarchies."""
        try:
            self._groups = list(_groups(root))
        except (OSError, ValueError):
            self._groups = []

    @property
    def cores(self) -> float | None:
        """The smallest quota in cores; None: there is none."""
        return min((cores for group in self._groups if (cores := _quota_cores(group)) is not None), default=None)

    @property
    def throttling(self) -> Throttling:
        """The counts of the group that was throttled most often."""
        return max(
            (_throttling(group) for group in self._groups), key=lambda each: each.throttled, default=Throttling(0, 0)
        )


def usable_cores(quota: CpuQuota | None = None) -> float:
    """Number of cores that this program and its labs may use: by their affinity, and by the quota of control groups."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = (quota or CpuQuota()).cores
    return float(cores) if limit is None else min(float(cores), round(limit, 2))


def _groups(root: Path) -> Iterator[Path]:
    """The folders of this process's own group and of its ancestors, as far as they are mounted."""
    paths = {}
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            paths[_V2] = path
        elif "cpu" in controllers.split(","):
            paths[_V1] = path
    for line in (root / "proc/self/mountinfo").read_text().splitlines():
        # proc(5): the mounted part of the hierarchy and where it is mounted; after "-" its type and options.
        fields, _, kind = line.partition(" - ")
        mounted, mount_point = fields.split()[3:5]
        kind, _, options = kind.split(maxsplit=2)
        if kind not in paths or (kind == _V1 and "cpu" not in options.split(",")):
            continue
        # In a container, the path may be one of the host, which is not mounted here: then only the topmost is.
        own = PurePosixPath(paths[kind])
        top = root / mount_point.lstrip("/")
        inside = own.relative_to(mounted) if own.is_relative_to(mounted) else PurePosixPath(".")
        for part in (inside, *inside.parents):
            if (top / part).is_dir():
                yield top / part


def _quota_cores(group: Path) -> float | None:
    """The quota of one group in cores; None: it has none."""
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            quota, period = " ".join((group / name).read_text() for name in names).split()
            return int(quota) / int(period) if quota not in ("max", "-1") else None
        except (OSError, ValueError):
            continue
    return None


def _throttling(group: Path) -> Throttling:
    try:
        counts = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
    except (OSError, ValueError):
        return Throttling(0, 0)
    return Throttling(int(counts.get("nr_periods", 0)), int(counts.get("nr_throttled", 0)))
