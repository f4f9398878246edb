"""Samples what scheduling records do not say: the holders of the GILs, CPU clocks, what threads are blocked in."""

from __future__ import annotations

from collections.abc import Collection
from time import perf_counter_ns

from pconc_tui.cpython import NotReadableError, Runtime
from pconc_tui.kernel.outside import BlockedSample, ClockSample, HolderSample, Outside
from pconc_tui.kernel.records import NO_FUTEX
from pconc_tui.protocol.block import State
from pconc_tui.sampler.thread_files import ThreadFiles

CLOCKS_NS = 200_000_000
"""How often CPU clocks are read: what they correct changes little."""
UNKNOWN_HOLDER = -1


class OutsideSampler:
    """Samples one process for its `Episodes`. Each thread costs two open files."""

    def __init__(self, pid: int, registers: bool) -> None:
        """`registers`: the records say what threads block in, so that only those blocked from the start are sampled."""
        self._pid = pid
        self._registers = registers
        self._files: dict[int, ThreadFiles] = {}
        self._blocked: set[int] = set()
        """Threads of which something is known."""
        self._clocks_ns = 0

    def sample(self, tids: Collection[int], runtime: Runtime | None) -> list[Outside]:
        """Sample these threads and the GILs, in order of time. At random times, so that it can't follow a rhythm."""
        self._open(tids)
        found: list[Outside] = [] if runtime is None else _holders(runtime)
        for tid in list(self._files) if not self._registers else self._files.keys() - self._blocked:
            sample = self._blocked_in(tid)
            if sample is not None:
                found.append(sample)
            self._blocked.add(tid)
        now_ns = perf_counter_ns()
        if now_ns - self._clocks_ns >= CLOCKS_NS:
            self._clocks_ns = now_ns
            found += self._clock_samples()
        return found

    def close(self) -> None:
        """Close the files."""
        for files in self._files.values():
            files.close()
        self._files.clear()

    def _open(self, tids: Collection[int]) -> None:
        for tid in self._files.keys() - tids:
            self._forget(tid)
        for tid in tids:
            if tid not in self._files:
                try:
                    self._files[tid] = ThreadFiles(self._pid, tid)
                except (OSError, ValueError):
                    continue  # It has ended, or is not readable: next time again.

    def _forget(self, tid: int) -> None:
        self._files.pop(tid).close()
        self._blocked.discard(tid)

    def _blocked_in(self, tid: int) -> BlockedSample | None:
        try:
            state, address = self._files[tid].doing()
        except (OSError, ValueError):
            return None
        blocked = state is not State.RUNNING and state is not State.UNKNOWN
        return BlockedSample(perf_counter_ns(), tid, address if state is State.LOCK else NO_FUTEX) if blocked else None

    def _clock_samples(self) -> list[Outside]:
        found: list[Outside] = []
        for tid, files in self._files.items():
            try:
                found.append(ClockSample(perf_counter_ns(), tid, files.clocks().cpu_ns))
            except (OSError, ValueError):
                continue
        return found


def _holders(runtime: Runtime) -> list[Outside]:
    """Who holds the GILs that are enabled, numbered as `Runtime.locks` orders them."""
    before_ns = perf_counter_ns()
    try:
        gils = runtime.sample()
    except NotReadableError:
        return []
    now_ns = (before_ns + perf_counter_ns()) // 2
    enabled = [gil for gil in gils if gil.enabled]
    return [
        HolderSample(now_ns, (gil.holder or UNKNOWN_HOLDER) if gil.locked else 0, number)
        for number, gil in enumerate(enabled)
    ]
