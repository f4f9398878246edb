"""CPython in an observed process: where its threads wait for the GIL, which thread holds it, which run Python code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import perf_counter_ns
from typing import TypeVar

from pconc_tui.cpython import GilLocks, NotReadableError, Parked, Runtime, ended
from pconc_tui.kernel.outside import GilWaits, HolderSample

T = TypeVar("T")

FIRST_TRY_NS, LAST_TRY_NS = 20_000_000, 500_000_000
"""CPython creates its GIL some ms after its process has started, on a busy machine some seconds: each time it is tried
again after twice as long. A try costs 0.2 to 0.4 ms."""
FIND_NS = 100_000_000
"""How often interpreters are searched for; and threads, while new ones come."""
FIND_THREADS_NS = 1_000_000_000
"""How often threads are searched for otherwise: reading them all costs some us each."""


class ObservedInterpreter:
    """All interpreters of one process."""

    def __init__(self, pid: int, locks: tuple[GilLocks, ...], now_ns: int) -> None:
        """`locks`: those of the process that forked it, of whose memory it has a copy."""
        self.locks = locks
        """Where its threads wait for the GILs that are enabled, the main interpreter's first."""
        self.thread_states: dict[int, int] | None = None
        """The address of the Python thread state of each thread that runs Python code, by native id; None: unknown."""
        self.native_tids: frozenset[int] = frozenset()
        """Native ids of the other threads, as far as they are known."""
        self.found: bool | None = None
        """Whether it runs CPython; None: not known yet."""
        self.problem: str | None = None
        """Why it is not readable; None: it is."""
        self._pid = pid
        self._runtime: Runtime | None = None
        self._wait_ns, self._next_ns = FIRST_TRY_NS, now_ns
        self._thread_started_ns = self._next_threads_ns = now_ns

    def thread_started(self, now_ns: int) -> None:
        """The process has a new thread."""
        self._thread_started_ns = now_ns
        self._next_threads_ns = min(self._next_threads_ns, now_ns + FIND_NS)

    def find(self, now_ns: int) -> bool:
        """Find the interpreters and their threads if it is time to; returns whether that was tried."""
        if now_ns < self._next_ns:
            return False
        if self._runtime is None:
            self._open(now_ns)
        if self._runtime is not None:
            self._next_ns = now_ns + FIND_NS
            locks = self._read(Runtime.locks)
            if locks is not None:
                self.locks = locks
            if now_ns >= self._next_threads_ns:
                is_new = now_ns < self._thread_started_ns + FIND_THREADS_NS
                self._next_threads_ns = now_ns + (FIND_NS if is_new else FIND_THREADS_NS)
                alive, states = _threads(self._pid), self._read(Runtime.thread_states)
                if states is not None:
                    self.thread_states, self.native_tids = states, alive - states.keys()
        return True

    def holders(self) -> Iterator[HolderSample]:
        """Which thread holds each GIL now."""
        if self._runtime is None or not self.locks:
            return
        before_ns = perf_counter_ns()
        states = self._read(Runtime.sample) or ()
        now_ns = perf_counter_ns()
        for number, state in enumerate(each for each in states if each.enabled):
            tid = 0 if not state.locked else -1 if state.holder is None else state.holder
            # What has changed since the reading began is known better from its records.
            yield HolderSample(now_ns, tid, number, now_ns - before_ns)

    def gil_waits(self) -> Iterator[GilWaits]:
        """How often threads have started to wait for its GILs until now."""
        before_ns = perf_counter_ns()
        count = self._read(Runtime.gil_waits) if self.locks else None
        if count is not None:
            yield GilWaits(before_ns, count)

    def musl_waits(self) -> tuple[tuple[list[int], list[int]], ...]:
        """As `Runtime.musl_waits`."""
        return self._read(Runtime.musl_waits) or ()

    @property
    def parks(self) -> bool:
        """Whether threads may wait for a mutex at a semaphore of their own: as long as it is not known, they may."""
        return self.found is None or (self._runtime is not None and self._runtime.parks)

    def parked(self, semaphore: int) -> Parked | None:
        """What a thread waits for whose semaphore is at this address; None: none is parked there now."""
        return self._read(lambda runtime: runtime.parked(semaphore))

    def is_waited_at(self, semaphore: int) -> bool:
        """Whether a thread waits at the semaphore at this address."""
        return bool(self._read(lambda runtime: runtime.is_waited_at(semaphore)))

    def close(self) -> None:
        """Close the process's memory."""
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None

    def _open(self, now_ns: int) -> None:
        try:
            self._runtime = Runtime(self._pid)
            self.found, self.problem = True, None
        except NotReadableError as error:
            self._fail(error, now_ns)

    def _read(self, how: Callable[[Runtime], T]) -> T | None:
        """What is read of it; None: it is not readable any more."""
        if self._runtime is None:
            return None
        try:
            return how(self._runtime)
        except NotReadableError as error:
            self._fail(error, perf_counter_ns())
            return None

    def _fail(self, error: NotReadableError, now_ns: int) -> None:
        self.close()
        self._next_ns = now_ns + self._wait_ns
        self._wait_ns = min(2 * self._wait_ns, LAST_TRY_NS)
        if not ended(self._pid):
            self.found, self.problem = False, str(error)


def _threads(pid: int) -> frozenset[int]:
    with suppress(OSError):
        return frozenset(map(int, os.listdir(f"/proc/{pid}/task")))
    return frozenset()
