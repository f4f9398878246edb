"""What an observed process's threads are asked besides the records: their CPU clocks, and what they are blocked in."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from time import perf_counter_ns

from pconc_tui.kernel.outside import BlockedSample, ClockSample, ReadySample, blocked_in
from pconc_tui.kernel.records import IN, Exit, Fork, Record, Switch
from pconc_tui.sampler.core_use import CoreUse
from pconc_tui.sampler.thread_files import FUTEX
from pconc_tui.sampler.wake_ups import WakeUps

CLOCK_SLICES = 60
"""A thread's clock is read when it has got a core so often since, or once and not for `CLOCK_NS`."""
CLOCK_NS = 200_000_000
LINKS = 2
"""The links of the folder of a process's threads are so many more than these."""
LONGEST_NS = 200_000
"""To read clocks takes some us. Where it takes longer than this, the reader has lost its core: when was it?"""


class ThreadSamples:
    """The threads of one process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.waited: dict[int, WakeUps] = {}
        """Threads that have waited for a core after a wake-up, when the last clocks were read."""
        self._wake_ups: dict[int, WakeUps] = {}
        self._queued_ns: dict[int, int] = {}
        """The queue clocks that `read` has read."""
        self._ended: list[int] = []
        """Threads that have ended in the records that it was given."""
        self._cores: defaultdict[int, CoreUse] = defaultdict(CoreUse)
        self._read_at: dict[int, tuple[int, int]] = {}
        """How often each thread had got a core when its clock was last read, and when that was."""
        self._clocks: dict[int, int] = {}
        """Their files /proc/PID/task/TID/schedstat, kept open."""
        self._new: dict[int, WakeUps] = {}
        """Threads whose clocks are read early, before the records are."""
        self._early: list[ClockSample] = []
        """What was read so."""
        self._calls: dict[int, int] = {}
        """Their files /proc/PID/task/TID/syscall, kept open."""

    def read(self, records: Iterable[Record], conds: Container[int], interval_ns: int) -> Iterator[ClockSample]:
        """The samples that these new records call for; then `divide` is to be called.

        `conds`: the futexes at which threads wait for a GIL, `interval_ns` at most.
        """
        known, cores = self._wake_ups, self._cores
        self._ended = ended = []
        self._queued_ns.clear()
        for record in records:
            if type(record) is Switch:
                time_ns, _, tid, cpu, way, futex = record
                wake_ups = known.get(tid)
                if wake_ups is None:
                    wake_ups = known[tid] = WakeUps()
                if way == IN:
                    wake_ups.gets_core(time_ns, cores[cpu].gets(time_ns))
                else:
                    cores[cpu].loses(time_ns, way)
                    wake_ups.loses_core(time_ns, way, interval_ns if futex in conds else 0)
            elif type(record) is Fork:
                known[record.tid] = self._new[record.tid] = WakeUps(record.time_ns)
            elif type(record) is Exit:
                ended.append(record.tid)
        early, self._early = self._early, []
        yield from early
        now_ns = perf_counter_ns()
        for tid, wake_ups in known.items():
            read_at, read_ns = self._read_at.get(tid, (0, 0))
            needed = CLOCK_SLICES if now_ns < read_ns + CLOCK_NS else 1
            is_due = wake_ups.slices - read_at >= needed and wake_ups.has_no_core
            before_ns = perf_counter_ns()
            if (is_due or wake_ups.is_due) and (clocks := self._read_clocks(tid)) is not None:
                is_prompt = perf_counter_ns() - before_ns < LONGEST_NS
                cpu_ns, queued_ns = clocks
                self._queued_ns[tid] = queued_ns
                if is_due and is_prompt:
                    self._read_at[tid] = wake_ups.slices, now_ns
                    yield ClockSample(before_ns, tid, cpu_ns)

    def divide(self, gil_waits: Mapping[int, Container[int]], interval_ns: int) -> None:
        """Divide what the queue clocks have counted until they were read.

        `gil_waits`: when each thread got a core after waits for the GIL that no record shows, of `interval_ns` at most.
        """
        for tid, wake_ups in self._wake_ups.items():
            if tid in self._queued_ns:
                wake_ups.read(self._queued_ns[tid], gil_waits.get(tid, ()), interval_ns)
            if tid in self._ended:
                wake_ups.end()
            if wake_ups.has_waits:
                self.waited[tid] = wake_ups
            else:
                self.waited.pop(tid, None)

    def read_early(self) -> None:
        """Read the clocks of new threads, which may have ended when the records are read next."""
        for tid, wake_ups in [*self._new.items()]:
            now_ns = perf_counter_ns()
            if not wake_ups.is_new(now_ns):
                del self._new[tid]
            elif wake_ups.is_due_early(now_ns) and (clocks := self._read_clocks(tid)) is not None:
                cpu_ns, queued_ns = clocks
                wake_ups.read_early(now_ns, queued_ns)
                if perf_counter_ns() - now_ns < LONGEST_NS:
                    self._early.append(ClockSample(now_ns, tid, cpu_ns))

    def left_out(self, tid: int, moments: int) -> None:
        """The next records lack so many moments in which this thread had a core."""
        if tid in self._wake_ups:
            self._wake_ups[tid].left_out += moments
            self._wake_ups[tid].slices += moments

    def blocked(self, tid: int) -> Iterator[BlockedSample | ReadySample]:
        """What a thread is blocked in now, or that it is not; nothing: it can't be read."""
        call = self._call(tid)
        if call is not None:
            yield from _blocked(tid, call)

    def is_ready(self, tid: int) -> bool:
        """Whether a thread is on a core now, or could use one."""
        call = self._call(tid)
        with suppress(OSError):
            return call is not None and os.pread(call, 256, 0).startswith(b"running")
        return False

    def blocked_new(self, known: Container[int], count: int) -> Iterator[BlockedSample | ReadySample]:
        """What those threads are blocked in that are not among the `count` that are known: there is no record of their
        start yet, or they have ended.
        """
        folder = f"/proc/{self._pid}/task"
        with suppress(OSError):
            if os.stat(folder).st_nlink - LINKS == count:
                return
            for tid in [int(name) for name in os.listdir(folder) if int(name) not in known]:
                with open(f"{folder}/{tid}/syscall", "rb", buffering=0) as file:
                    yield from _blocked(tid, file.fileno())

    def forget(self, tid: int) -> None:
        """The thread has ended."""
        self._wake_ups.pop(tid, None)
        self._new.pop(tid, None)
        self.waited.pop(tid, None)
        self._read_at.pop(tid, None)
        for files in (self._calls, self._clocks):
            if tid in files:
                os.close(files.pop(tid))

    def close(self) -> None:
        """Close the threads' files."""
        for files in (self._calls, self._clocks):
            for fd in files.values():
                os.close(fd)
            files.clear()

    def _call(self, tid: int) -> int | None:
        """Its file /proc/PID/task/TID/syscall; None: it can't be opened."""
        if tid not in self._calls:
            with suppress(OSError):
                self._calls[tid] = os.open(f"/proc/{self._pid}/task/{tid}/syscall", os.O_RDONLY)
        return self._calls.get(tid)

    def _read_clocks(self, tid: int) -> tuple[int, int] | None:
        """The CPU clock and the queue clock of a thread; None: it has ended."""
        try:
            if tid not in self._clocks:
                self._clocks[tid] = os.open(f"/proc/{self._pid}/task/{tid}/schedstat", os.O_RDONLY)
            cpu, queued, _ = os.pread(self._clocks[tid], 64, 0).split()
            return int(cpu), int(queued)
        except (OSError, ValueError):
            return None


def _blocked(tid: int, call: int) -> Iterator[BlockedSample | ReadySample]:
    """What a thread is blocked in now, or that it is not. `call`: its file /proc/PID/task/TID/syscall."""
    with suppress(OSError, ValueError):
        before_ns = perf_counter_ns()
        futex = blocked_in(os.pread(call, 256, 0), FUTEX)
        yield ReadySample(before_ns, tid) if futex is None else BlockedSample(before_ns, tid, futex)
