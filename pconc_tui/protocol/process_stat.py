"""Parent and CPU times of a process, from the operating system. Linux only; the lab and the monitor read them alike."""

from __future__ import annotations

import os
import time
from typing import NamedTuple, Optional

_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


class ProcessStat(NamedTuple):
    """What the system reports about a process."""

    parent: int
    """Its parent's process id."""
    started: int
    """When it was started, in ticks since the system's start: with its id, this identifies it."""
    cpu_ns: int
    """CPU time of all its threads, ended ones included."""
    reaped_ns: int
    """CPU time of the children that it has waited for, and of theirs, in whole ticks (10 ms)."""


def process_stat(pid: int) -> Optional[ProcessStat]:
    """Read a process; None: it has ended and been waited for, or there is no /proc.

    Its clock (clock_getcpuclockid(3)) is exact; proc(5) has whole ticks only: fields 4 ppid, 16 cutime, 17 cstime, 22.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        cpu_ns = time.clock_gettime_ns(~pid << 3 | 2)
    except OSError:
        return None
    return ProcessStat(int(fields[1]), int(fields[19]), cpu_ns, (int(fields[13]) + int(fields[14])) * _TICK_NS)
