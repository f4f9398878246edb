"""Parent and CPU times of processes, from the operating system. Linux only; the lab and the monitor read them alike."""

from __future__ import annotations

import os
import time
from typing import Dict, List, NamedTuple, Optional

_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def thread_cpu_ns(pid: int, native_id: int) -> Optional[int]:
    """CPU time of a thread in ns; of a main thread also after it has ended, until its process has been waited for.

    None where that is not possible (Linux's proc(5), `schedstat` field 1).
    """
    try:
        with open(f"/proc/{pid}/task/{native_id}/schedstat", "rb") as file:
            return int(file.read().split()[0])
    except (OSError, IndexError, ValueError):
        return None


def started_since(pid: int, native_id: int, boot_ns: int) -> bool:
    """Whether a thread was started at this time (CLOCK_BOOTTIME) or later, or up to a tick (10 ms) before.

    False as well if it has ended (Linux's proc(5), `stat` field 22).
    """
    try:
        with open(f"/proc/{pid}/task/{native_id}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19]) >= boot_ns // _TICK_NS
    except OSError:
        return False


class ProcessStat(NamedTuple):
    """What the system reports about a process."""

    parent: int
    """Its parent's process id."""
    group: int
    """Its process group."""
    running: bool
    """False: it has ended, but its parent has not waited for it."""
    started: int
    """When it was started, in ticks since the system's start: with its id, this identifies it."""
    cpu_ns: int
    """CPU time of all its threads, ended ones included."""
    reaped_ns: int
    """CPU time of the children that it has waited for, and of theirs, in whole ticks (10 ms)."""


def process_stat(pid: int) -> Optional[ProcessStat]:
    """Read a process; None: it has ended and been waited for, or there is no /proc.

    Its clock (clock_getcpuclockid(3)) is exact; proc(5) has whole ticks only: fields 3 state, 4 ppid, 5
    pgrp, 16 cutime, 17 cstime, 20 num_threads, 22 starttime. A process whose main thread has ended looks like
    one that has ended, but for its number of threads.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        cpu_ns = time.clock_gettime_ns(~pid << 3 | 2)
    except OSError:
        return None
    reaped_ns = (int(fields[13]) + int(fields[14])) * _TICK_NS
    running = fields[0] not in b"ZX" or int(fields[17]) > 1
    return ProcessStat(int(fields[1]), int(fields[2]), running, int(fields[19]), cpu_ns, reaped_ns)


def descendants(pid: int) -> Dict[int, ProcessStat]:
    """The processes below this one by process id, parents before their children; empty where there is no /proc."""
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return {}
    stats = {each: stat for each in pids if (stat := process_stat(each)) is not None}
    children: Dict[int, List[int]] = {}
    for each, stat in stats.items():
        children.setdefault(stat.parent, []).append(each)
    found = list(children.get(pid, ()))
    for each in found:
        found.extend(children.get(each, ()))
    return {each: stats[each] for each in found}
