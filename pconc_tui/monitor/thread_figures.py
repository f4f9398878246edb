"""Figures of one thread of a watched program, read a few times a second: CPU time, core, times of the last second."""

from __future__ import annotations

from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.thread_cpu import thread_use
from pconc_tui.timeline.spans import Times


class ThreadFigures:
    """The last ones stay when the thread has ended."""

    def __init__(self, pid: int, tid: int, cpu_before_ns: int | None) -> None:
        """`cpu_before_ns`: its CPU time when its lane began, in ns; None: as it is now."""
        self.recent: Times | None = None
        """Its times in the last second; None: not known yet."""
        self.recent_held_s: float | None = None
        """For how long it held the GIL in it."""
        self.cpu: float | None = None
        """CPU time per wall time over the last second."""
        self._use = thread_use(pid, tid) if cpu_before_ns is None else None
        self._first_cpu_ns = self._use.cpu_ns if self._use is not None else cpu_before_ns
        self._last_second = LastSecond()
        self._last_cpu = LastSecond()

    @property
    def core(self) -> int | None:
        """The core that it was on."""
        return None if self._use is None else self._use.core

    @property
    def cpu_s(self) -> float | None:
        """CPU seconds since its lane began, when it was last read; None: it never was."""
        if self._use is None or self._first_cpu_ns is None:
            return None
        return (self._use.cpu_ns - self._first_cpu_ns) / 1e9

    def read(self, pid: int, tid: int, read_ns: int) -> bool:
        """Read its CPU time and core, at `read_ns`; returns whether it was still there, or never could be read."""
        use = thread_use(pid, tid)
        if use is None:
            return self._use is None
        self._first_cpu_ns = use.cpu_ns if self._first_cpu_ns is None else self._first_cpu_ns
        self._last_cpu.add(read_ns, use.cpu_ns)
        rate = self._last_cpu.rate
        self.cpu = None if rate is None else max(0.0, rate / 1e9)
        self._use = use
        return True

    def add(self, started_ns: int, now_ns: int, times: Times, held_ns: int) -> None:
        """Its times up to `now_ns`, and for how long it held the GIL; it began at `started_ns`."""
        states = (
            times.running,
            times.gil_wait,
            times.core_wait,
            times.io,
            times.lock_wait,
            times.unknown,
            times.released,
            times.blocked_with_gil,
        )
        if not self._last_second:
            self._last_second.add(started_ns, *[0.0] * (len(states) + 1))
        self._last_second.add(now_ns, *states, held_ns)
        growth = self._last_second.growth()
        if growth is not None:
            *recent, held = (max(0.0, each) for each in growth)
            self.recent, self.recent_held_s = Times(*recent), held / 1e9

    def forget_recent(self) -> None:
        """It ended before the last second."""
        self.recent = self.recent_held_s = None
