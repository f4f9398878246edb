"""Usable cores under the CPU quota of control groups, and throttling, from files as Linux shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pconc_tui.monitor.cpu_quota import CpuQuota, Throttling

V1 = "31 30 0:26 {mounted} /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct"
V2 = "31 30 0:26 {mounted} /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate"


class Machine:
    """A folder with the files of one machine."""

    def __init__(self, root: Path, own_groups: str, mount: str, mounted: str = "/") -> None:
        self.root = root
        self._write("proc/self/cgroup", own_groups + "\n")
        self._write("proc/self/mountinfo", mount.format(mounted=mounted) + "\n")
        self._hierarchy = mount.split()[4].lstrip("/")

    def group(self, path: str, **files: str) -> None:
        """Add a group; `cpu_max` is its file `cpu.max`."""
        for name, text in files.items():
            self._write(f"{self._hierarchy}/{path}/{name.replace('_', '.', 1)}", text + "\n")

    def _write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    @property
    def quota(self) -> CpuQuota:
        return CpuQuota(self.root)


def test_a_quota_of_v2_is_a_number_of_cores(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "0::/app", V2)
    machine.group("app", cpu_max="150000 100000")
    assert machine.quota.cores == 1.5


def test_a_quota_of_v1_is_a_number_of_cores(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "4:memory:/other\n3:cpu,cpuacct:/app", V1)
    machine.group("app", cpu_cfs_quota_us="50000", cpu_cfs_period_us="100000")
    assert machine.quota.cores == 0.5


@pytest.mark.parametrize(
    ("outer", "inner", "cores"), [("200000", "max", 2), ("200000", "150000", 1.5), ("max", "max", None)]
)
def test_the_smallest_quota_of_nested_groups_counts(
    tmp_path: Path, outer: str, inner: str, cores: float | None
) -> None:
    machine = Machine(tmp_path, "0::/outer/inner", V2)
    machine.group("outer", cpu_max=f"{outer} 100000")
    machine.group("outer/inner", cpu_max=f"{inner} 100000")
    assert machine.quota.cores == cores


def test_in_a_container_only_the_mounted_part_is_read(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "3:cpu,cpuacct:/docker/abc", V1, mounted="/docker/abc")
    machine.group("", cpu_cfs_quota_us="250000", cpu_cfs_period_us="100000")
    assert machine.quota.cores == 2.5


def test_a_group_of_the_host_that_is_not_mounted_leaves_the_topmost(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "0::/../../host.slice", V2)
    machine.group("", cpu_max="300000 100000")
    assert machine.quota.cores == 3


def test_without_a_quota_or_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert CpuQuota(tmp_path).cores is None
    machine = Machine(tmp_path, "3:cpu,cpuacct:/", V1)
    machine.group("", cpu_cfs_quota_us="-1", cpu_cfs_period_us="100000")
    assert machine.quota.cores is None
    assert machine.quota.throttling == Throttling(0, 0)


def test_throttling_is_that_of_the_group_that_was_throttled_most_often(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "0::/outer/inner", V2)
    machine.group("outer", cpu_stat="usage_usec 9\nnr_periods 100\nnr_throttled 40\nthrottled_usec 7")
    machine.group("outer/inner", cpu_stat="usage_usec 9\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0")
    assert machine.quota.throttling == Throttling(100, 40)
    assert Throttling(120, 50).share_since(machine.quota.throttling) == 0.5
