"""What `pconc-tui doctor` reads of a machine, from files as Linux shows them, and of this one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pconc_tui.kernel.perf_event import KERNEL, KERNEL_SAMPLED, Access
from pconc_tui.monitor.machine_checks import CAP_SYS_PTRACE, Check, checks, scheduling_records

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def machine(root: Path, files: dict[str, str], capabilities: int = 0) -> dict[str, Check]:
    """The checks of a machine with these files below /proc/sys/kernel, by their names."""
    given = {
        "proc/self/stat": "1",
        "proc/self/status": f"Name:\tx\nCapEff:\t{capabilities:016x}\n",
        "proc/thread-self/schedstat": "1 2 3",
        "proc/self/cgroup": "0::/\n",
        "proc/self/mountinfo": "",
        **{f"proc/sys/kernel/{name}": text for name, text in files.items()},
    }
    for name, text in given.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return {each.name: each for each in checks(root)}


def test_what_the_kernel_lets_be_recorded_comes_with_what_to_do() -> None:
    assert scheduling_records(Access(KERNEL)) == Check("scheduling records", "all")
    for source, found in ((KERNEL_SAMPLED, "times only"), (None, "none")):
        check = scheduling_records(Access(source, "the level is 2", ("lower it", "be root")))
        assert not check.ok
        assert check.found.startswith(found)
        assert "the level is 2" in check.found
        assert check.advice == "lower it; or: be root"


def test_a_capability_lifts_the_limit_of_reading_other_processes(tmp_path: Path) -> None:
    files = {"yama/ptrace_scope": "1"}
    assert not machine(tmp_path, files)["other processes"].ok
    assert machine(tmp_path, files, 1 << CAP_SYS_PTRACE)["other processes"].ok
    assert machine(tmp_path, {"yama/ptrace_scope": "0"})["other processes"].ok


def test_without_proc_it_says_so(tmp_path: Path) -> None:
    by_name = {each.name: each for each in checks(tmp_path)}
    assert not by_name["system"].ok
    assert not by_name["clocks of threads"].ok
