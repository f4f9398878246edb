"""What `pconc-tui doctor` reads of a machine, from files as Linux shows them, and of this one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pconc_tui.monitor.machine_checks import CAP_PERFMON, CAP_SYS_PTRACE, Check, checks, has_capability

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


def test_the_level_of_perf_decides_what_can_be_recorded(tmp_path: Path) -> None:
    for level, ok, found in ((1, True, "all"), (2, False, "times, but not"), (4, False, "none")):
        check = machine(tmp_path, {"perf_event_paranoid": str(level)})["scheduling records"]
        assert (check.ok, check.found.startswith(found)) == (ok, True)
        assert ("perf_event_paranoid=1" in check.advice) is not ok


def test_a_capability_lifts_the_limits(tmp_path: Path) -> None:
    files = {"perf_event_paranoid": "4", "yama/ptrace_scope": "1"}
    assert not machine(tmp_path, files)["scheduling records"].ok
    assert not machine(tmp_path, files)["other processes"].ok
    lifted = machine(tmp_path, files, 1 << CAP_PERFMON | 1 << CAP_SYS_PTRACE)
    assert lifted["scheduling records"].ok
    assert lifted["other processes"].ok
    assert has_capability(CAP_PERFMON, tmp_path)


def test_without_proc_it_says_so(tmp_path: Path) -> None:
    by_name = {each.name: each for each in checks(tmp_path)}
    assert not by_name["system"].ok
    assert not by_name["clocks of threads"].ok
