"""What an observed process's threads are asked besides the records: their CPU clocks, and what they are blocked in."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from time import perf_counter_ns

from pconc_tui.kernel.outside import BlockedSample, ClockSample, blocked_in
from pconc_tui.kernel.records import BLOCKED, IN, Record, Switch
from pconc_tui.sampler.thread_files import FUTEX

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
        self._blocked: set[int] = set()
        """Threads of which it is not known what they are blocked in."""
        self._calls: dict[int, int] = {}
        """Their files /proc/PID/task/TID/syscall, kept open."""

    def read(
        self, records: Iterable[Record], tids: Collection[int], blocking: bool
    ) -> Iterator[ClockSample | BlockedSample]:
        """The samples that these new records call for. `blocking`: they don't say what threads are blocked in."""
        for record in records:
            if type(record) is Switch:
                tid = record.tid
                if record.way == IN:
                    self._slices[tid] = self._slices.get(tid, CLOCK_SLICES) + 1
                    self._off.discard(tid)
                    self._blocked.discard(tid)
                else:
                    self._off.add(tid)
                    if blocking and record.way == BLOCKED:
                        self._blocked.add(tid)
        for tid in [tid for tid, slices in self._slices.items() if slices >= CLOCK_SLICES and tid in self._off]:
            self._slices[tid] = 0
            cpu_ns = self._cpu_ns(tid)
            if cpu_ns is not None:
                yield ClockSample(perf_counter_ns(), tid, cpu_ns)
        for tid in list(self._blocked):
            if tid in tids:
                yield from self._blocking_call(tid)

    def ask(self, tid: int) -> None:
        """Find out what this thread is blocked in: it is there when observing begins."""
        self._blocked.add(tid)

    def _blocking_call(self, tid: int) -> Iterator[BlockedSample]:
        """What a thread is blocked in now; nothing: it is not."""
        if tid not in self._calls:
            with suppress(OSError):
                self._calls[tid] = os.open(f"/proc/{self._pid}/task/{tid}/syscall", os.O_RDONLY)
        with suppress(OSError, ValueError, KeyError):
            before_ns = perf_counter_ns()
            futex = blocked_in(os.pread(self._calls[tid], 256, 0), FUTEX)
            if futex is not None:
                self._blocked.discard(tid)
                yield BlockedSample(before_ns, tid, futex)

    def forget(self, tid: int) -> None:
        """The thread has ended."""
        self._slices.pop(tid, None)
        self._off.discard(tid)
        self._blocked.discard(tid)
        if tid in self._calls:
            os.close(self._calls.pop(tid))

    def close(self) -> None:
        """Close the threads' files."""
        for fd in self._calls.values():
            os.close(fd)
        self._calls.clear()

    def _cpu_ns(self, tid: int) -> int | None:
        try:
            with open(f"/proc/{self._pid}/task/{tid}/schedstat", "rb") as file:
                return int(file.read().split()[0])
        except (OSError, ValueError, IndexError):
            return None
