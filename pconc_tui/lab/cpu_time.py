"""CPU time of a worker's process and of the processes that its code started, read in that process.

It has three parts: the worker's own thread, the process's other threads (*helper threads*), and its descendants (*child
processes*). Example: a function starts three threads, which compute for 0.4 s each, waits for them and then runs a
command that takes 0.2 s of CPU. Its own thread has used 0.001 s, helper threads 1.2 s, child processes 0.2 s.
"""

from __future__ import annotations

import os
import resource
import time
from typing import NamedTuple

from pconc_tui.protocol.process_stat import descendants


class CpuTime(NamedTuple):
    """CPU time so far, in ns."""

    process: int
    """Of all threads of this process, ended ones included."""
    thread: int
    """Of the calling thread."""
    children: int
    """Of all descendants: those that have been waited for, with theirs, and those that live or wait to be reaped."""

    def since(self, before: CpuTime) -> CpuTime:
        """The growth since `before`; of children at least 0: what it reads of living ones may be ahead by some ms."""
        return CpuTime(
            self.process - before.process, self.thread - before.thread, max(0, self.children - before.children)
        )


def read() -> CpuTime:
    """Read the CPU times of this process; about 5 µs, and a few ms where it has children that live."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    reaped = round((used.ru_utime + used.ru_stime) * 1e9)
    stats = descendants(os.getpid()).values() if _has_children() else ()
    living = sum(stat.cpu_ns + stat.reaped_ns for stat in stats)
    thread = time.thread_time_ns()  # Before the process's clock, which so is never behind it.
    return CpuTime(time.process_time_ns(), thread, reaped + living)


def _has_children() -> bool:
    """Whether this process has children, without waiting for them."""
    if not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except OSError:
        return False
    return True
