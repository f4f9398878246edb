"""Cores, and what is left of permissions; rings themselves are tested by recording."""

from __future__ import annotations

import errno

from pconc_tui.kernel.perf_event import KERNEL_SAMPLED, explained
from pconc_tui.kernel.recorder import MOST_BYTES, MOST_RING_BYTES, ring_bytes
from pconc_tui.kernel.rings import parse_cpus


def test_cores_are_listed_as_ranges() -> None:
    assert parse_cpus("0\n") == (0,)
    assert parse_cpus("0-3,8,10-11\n") == (0, 1, 2, 3, 8, 10, 11)


def test_rings_are_smaller_on_machines_with_many_cores() -> None:
    assert ring_bytes(2, registers=True) == MOST_RING_BYTES
    for cores in (33, 64, 100, 255):
        size = ring_bytes(cores, registers=True)
        assert size & (size - 1) == 0
        assert size * cores <= MOST_BYTES


def test_the_level_in_force_is_named_with_the_command_that_changes_it() -> None:
    found = explained(KERNEL_SAMPLED, errno.EACCES, 2, "x86_64")
    assert found.reason.startswith("kernel.perf_event_paranoid is 2")
    assert "sudo sysctl kernel.perf_event_paranoid=1" in found.how
    assert not found.registers
    assert "no scheduling records" in explained(None, errno.EACCES, 4, "x86_64").reason


def test_a_containers_filter_is_told_from_a_level() -> None:
    found = explained(None, errno.EPERM, 1, "x86_64")
    assert "container" in found.reason
    assert any("PERFMON" in each for each in found.how)


def test_what_no_permission_helps_has_no_advice() -> None:
    for machine in ("x86_64", "riscv64"):
        found = explained(None, errno.ENOSYS, None, machine)
        assert found.reason
        assert not found.how
