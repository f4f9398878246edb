"""What this machine allows: cores, clocks of threads, memory of other processes, scheduling records. Linux's /proc.

Each check reads the system and says what was found, and what to do where that limits this program.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pconc_tui.kernel.perf_event import Access, access
from pconc_tui.monitor.cpu_quota import CpuQuota, usable_cores
from pconc_tui.text.numbers import cores

CAP_SYS_PTRACE = 19
"""The number of the capability, by capability.h."""


@dataclass(frozen=True)
class Check:
    """One thing that was checked."""

    name: str
    found: str
    """What there is, in a few words."""
    ok: bool = True
    """Whether nothing is limited by it."""
    advice: str = ""
    """What to do about it; empty: nothing."""


def checks(root: Path = Path("/")) -> Iterator[Check]:
    """All checks of the machine. `root`: the folder that has /proc and the mounted control groups."""
    yield _system(root)
    yield _cores(root)
    yield _clocks(root)
    yield scheduling_records(access())
    yield _other_processes(root)


def has_capability(number: int, root: Path = Path("/")) -> bool:
    """Whether this process has a capability."""
    try:
        status = (root / "proc/self/status").read_text()
    except OSError:
        return False
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> number & 1)


def _system(root: Path) -> Check:
    name = f"{os.uname().sysname} {os.uname().release} {os.uname().machine}"
    if sys.platform != "linux":
        return Check("system", name, False, "only Linux has what sampled lanes, CPU figures and `watch` read")
    if not (root / "proc/self/stat").exists():
        return Check("system", f"{name}, no /proc", False, "mount /proc: nothing can be measured without it")
    return Check("system", name)


def _cores(root: Path) -> Check:
    quota = CpuQuota(root)
    usable, all_cores = usable_cores(quota), os.cpu_count() or 1
    found = f"{cores(usable)} usable of {all_cores}"
    if quota.cores is None:
        found += ", no quota"
        advice = "" if usable == all_cores else "the affinity leaves some out: see taskset(1)"
    else:
        found += f", a quota of {quota.cores:g}"
        advice = "" if quota.cores >= all_cores else "a control group limits the CPU time: threads are throttled"
    return Check("cores", found, not advice, advice)


def _clocks(root: Path) -> Check:
    try:
        clocks = (root / "proc/thread-self/schedstat").read_text().split()
    except OSError as error:
        return Check("clocks of threads", f"/proc/PID/schedstat: {error.strerror}", False, "lanes can't be sampled")
    if clocks[2] == "0":
        advice = "the kernel keeps no clocks of threads (CONFIG_SCHED_INFO): lanes can't be sampled"
        return Check("clocks of threads", "all zero", False, advice)
    return Check("clocks of threads", "in ns")


def scheduling_records(allowed: Access) -> Check:
    """What the kernel lets this process record."""
    name = "scheduling records"
    if allowed.reason:
        limited = "times only, what threads wait for is sampled" if allowed.source else "none: lanes are sampled"
        return Check(name, f"{limited}; {allowed.reason}", False, "; or: ".join(allowed.how))
    return Check(name, "all")


def _hides_processes(root: Path) -> bool:
    """Whether /proc has only the processes of this user."""
    try:
        mounted = (root / "proc/self/mountinfo").read_text()
    except OSError:
        return False
    rows = [line for line in mounted.splitlines() if line.split()[4:5] == ["/proc"]]
    return any("hidepid=" in row and "hidepid=off" not in row for row in rows)


def _other_processes(root: Path) -> Check:
    name = "other processes"
    if has_capability(CAP_SYS_PTRACE, root):
        return Check(name, "those of all users can be read, with CAP_SYS_PTRACE")
    if _hides_processes(root):
        advice = "to watch another user's program: run with sudo, or as that user"
        return Check(name, "those of this user can be read, /proc hides the others (hidepid)", False, advice)
    try:
        scope = int((root / "proc/sys/kernel/yama/ptrace_scope").read_text())
    except (OSError, ValueError):
        return Check(name, "those of this user can be read")
    found = f"kernel.yama.ptrace_scope = {scope}"
    if scope == 0:
        return Check(name, f"those of this user can be read ({found})")
    which = "only those that this program starts can be read" if scope == 1 else "none can be read"
    advice = "to watch a program that already runs: sudo sysctl kernel.yama.ptrace_scope=0, or run with sudo"
    return Check(name, f"{which} ({found})", False, advice)
