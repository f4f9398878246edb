"""What the operating system tells: cores, their loads, and CPU time and core of a thread."""

from __future__ import annotations

import os
import time
from typing import NamedTuple

import psutil


class ThreadUse(NamedTuple):
    """What a thread has used so far."""

    cpu_ns: int
    core: int
    """The core it last ran on."""


def usable_cores() -> int:
    """How many cores this program and its labs may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def core_loads() -> tuple[float, ...]:
    """How busy each core was since the last call, 0 to 1; by psutil."""
    return tuple(percent / 100 for percent in psutil.cpu_percent(percpu=True))


class Memory(NamedTuple):
    """Bytes that a process holds."""

    rss: int
    pss: int | None
    """With what it shares divided among those that share it; None: the system does not tell."""


def memory(pid: int) -> Memory | None:
    """From Linux's /proc (proc(5): `smaps_rollup`), else by psutil; None where the process is ending."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in file.readlines()[1:]}
        return Memory(sizes[b"Rss:"], sizes[b"Pss:"]) if sizes else None
    except PermissionError:
        pass
    except OSError:
        if os.path.exists("/proc/self/smaps_rollup"):
            return None
    try:
        return Memory(psutil.Process(pid).memory_info().rss, None)
    except psutil.Error:
        return None


def own_cpu_ns() -> int:
    """CPU time of this process."""
    return time.process_time_ns()


def thread_use(pid: int, native_id: int) -> ThreadUse | None:
    """From Linux's /proc (proc(5): `schedstat` field 1 in ns, `stat` field 39); None where it can't be told."""
    try:
        with open(f"/proc/{pid}/task/{native_id}/schedstat", "rb") as file:
            cpu_ns = int(file.read().split()[0])
        with open(f"/proc/{pid}/task/{native_id}/stat", "rb") as file:
            core = int(file.read().rpartition(b")")[2].split()[36])
    except (OSError, IndexError, ValueError):
        return None
    return ThreadUse(cpu_ns, core)
