"""CPU time and core of a worker's thread, from the operating system."""

from __future__ import annotations

from typing import NamedTuple

from pconc_tui.monitor.last_second import LastSecond


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


class ThreadCpu:
    """CPU figures of one thread; they keep their last values when the thread has ended."""

    def __init__(self) -> None:
        self.cpu_ns: int | None = None
        """CPU time so far."""
        self.core: int | None = None
        """Number of the core it last ran on."""
        self.load: float | None = None
        """CPU time per wall time over the last second; 1.0 is one core."""
        self._recent_s = LastSecond()

    def sample(self, pid: int, native_id: int, now_ns: int) -> None:
        """Read the figures."""
        use = thread_use(pid, native_id)
        if use is None:
            return
        self.cpu_ns, self.core = use.cpu_ns, use.core
        self._recent_s.add(now_ns, use.cpu_ns / 1e9)
        self.load = self._recent_s.rate
