"""What an observed process's threads are asked besides the records: their CPU clocks, and what they are blocked in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from time import perf_counter_ns

from pconc_tui.kernel.outside import BlockedSample, ClockSample, blocked_in
from pconc_tui.kernel.records import IN, Record, Switch
from pconc_tui.sampler.thread_files import FUTEX
from pconc_tui.sampler.wake_ups import WakeUps

CLOCK_SLICES = 60
"""A thread's clock is read when it has got a core so often since."""


class ThreadSamples:
    """The threads of one process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._slices: dict[int, int] = {}
        """How often each thread got a core since its clock was read."""
        self._off: set[int] = set()
        """Threads that have no core, by the last records."""
        self._wake_ups: dict[int, WakeUps] = {}
        self._clocks: dict[int, int] = {}
        """Their files /proc/PID/task/TID/schedstat, kept open."""
        self._calls: dict[int, int] = {}
        """Their files /proc/PID/task/TID/syscall, kept open."""

    def read(self, records: Iterable[Record]) -> Iterator[ClockSample]:
        """The samples that these new records call for."""
        for record in records:
            if type(record) is Switch:
                tid = record.tid
                wake_ups = self._wake_ups.get(tid)
                if wake_ups is None:
                    wake_ups = self._wake_ups[tid] = WakeUps()
                wake_ups.add(record)
                if record.way == IN:
                    self._slices[tid] = self._slices.get(tid, CLOCK_SLICES) + 1
                    self._off.discard(tid)
                else:
                    self._off.add(tid)
        for tid, wake_ups in self._wake_ups.items():
            is_due = self._slices.get(tid, 0) >= CLOCK_SLICES and tid in self._off
            if (is_due or wake_ups.is_due) and (clocks := self._read_clocks(tid)) is not None:
                cpu_ns, queued_ns = clocks
                wake_ups.read(queued_ns)
                if is_due:
                    self._slices[tid] = 0
                    yield ClockSample(perf_counter_ns(), tid, cpu_ns)

    def left_out(self, tid: int, moments: int) -> None:
        """The next records lack so many moments in which this thread had a core."""
        if tid in self._wake_ups:
            self._wake_ups[tid].left_out += moments
        self._slices[tid] = self._slices.get(tid, CLOCK_SLICES) + moments

    def waited_ns(self, tid: int, time_ns: int) -> int:
        """How long this thread had waited for a core after a wake-up when it began to run at this time."""
        wake_ups = self._wake_ups.get(tid)
        return 0 if wake_ups is None else wake_ups.waited_ns(time_ns)

    def blocked(self, tid: int) -> Iterator[BlockedSample]:
        """What a thread is blocked in now; nothing: it is not."""
        if tid not in self._calls:
            with suppress(OSError):
                self._calls[tid] = os.open(f"/proc/{self._pid}/task/{tid}/syscall", os.O_RDONLY)
        with suppress(OSError, ValueError, KeyError):
            before_ns = perf_counter_ns()
            futex = blocked_in(os.pread(self._calls[tid], 256, 0), FUTEX)
            if futex is not None:
                yield BlockedSample(before_ns, tid, futex)

    def forget(self, tid: int) -> None:
        """The thread has ended."""
        self._slices.pop(tid, None)
        self._off.discard(tid)
        self._wake_ups.pop(tid, None)
        for files in (self._calls, self._clocks):
            if tid in files:
                os.close(files.pop(tid))

    def close(self) -> None:
        """Close the threads' files."""
        for files in (self._calls, self._clocks):
            for fd in files.values():
                os.close(fd)
            files.clear()

    def _read_clocks(self, tid: int) -> tuple[int, int] | None:
        """The CPU clock and the queue clock of a thread; None: it has ended."""
        try:
            if tid not in self._clocks:
                self._clocks[tid] = os.open(f"/proc/{self._pid}/task/{tid}/schedstat", os.O_RDONLY)
            cpu, queued, _ = os.pread(self._clocks[tid], 64, 0).split()
            return int(cpu), int(queued)
        except (OSError, ValueError):
            return None
