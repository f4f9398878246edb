"""CPU time and core of a worker's thread, from the operating system."""

from __future__ import annotations

from typing import NamedTuple


class ThreadUse(NamedTuple):
    """What the system reports about a thread."""

    cpu_ns: int
    """CPU time so far."""
    queued_ns: int
    """How long it has waited for a core so far."""
    runnable: bool
    """Whether it runs or waits for a core."""
    core: int
    """Number of the core it last ran on."""


def thread_use(pid: int, native_id: int) -> ThreadUse | None:
    """Read a thread's figures; None where that is not possible.

    From Linux's /proc (proc(5): `schedstat` fields 1 and 2, `stat` fields 3 and 39), since psutil has CPU times of
    threads in ticks of 10 ms only, and no core.
    """
    try:
        with open(f"/proc/{pid}/task/{native_id}/schedstat", "rb") as file:
            cpu_ns, queued_ns, _ = map(int, file.read().split())
        with open(f"/proc/{pid}/task/{native_id}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return ThreadUse(cpu_ns, queued_ns, fields[0] == b"R", int(fields[36]))
    except (OSError, IndexError, ValueError):
        return None
