"""A `queue.Queue` of threads that notes what a thread waited for in it: an item or room, its mutex, the GIL.

A thread that waits for an item is notified when there is one: from then on it only needs the mutex, which another
thread may hold, and the GIL. It may find that another was faster, and wait again; what the items say of their own times
doesn't show that. Example, in ms:

    10    waits for an item
    12    is notified: it needs the mutex, and the GIL first
    15    has the GIL, and finds the mutex held by a thread that waits for the GIL
    18    the mutex is released: it needs the GIL
    20    goes on

so its wait is I/O from 10 on, for the GIL from 12 on, for a lock from 15 on, and for the GIL from 18 on.
"""

from __future__ import annotations

import queue
from collections import deque
from threading import Condition, get_ident
from time import perf_counter_ns
from typing import Any, Deque, Dict, List, NamedTuple, Optional

from pconc_tui.worker.core_waits import placed
from pconc_tui.worker.run_delay import gil_enabled, run_delay_with_gil


class MutexWait(NamedTuple):
    """A thread found the mutex locked."""

    start_ns: int
    blocked_ns: int
    """Until then it had no core."""
    ready_ns: int
    """When it was woken up because the mutex was released."""
    end_ns: int


class MutexWaits:
    """The waits for a queue's mutex."""

    def __init__(self) -> None:
        self.waiting: Dict[int, None] = {}
        """The threads that wait now; without a GIL, several may change it at once."""
        self._released_ns = 0
        self._ended: Dict[int, List[MutexWait]] = {}
        """Those of each thread since `take`."""

    def acquire(self, lock: Any) -> bool:
        """Wait for the mutex, which another thread holds."""
        thread = get_ident()
        self.waiting[thread] = None
        clock = run_delay_with_gil() if gil_enabled() else None
        if clock is not None:
            clock.growth_ns()
            clock.switches()
        perf_counter_ns()  # If another thread asks for the GIL, it is given up here, which is no wait for the mutex.
        start_ns = perf_counter_ns()
        lock.acquire()
        del self.waiting[thread]
        end_ns = perf_counter_ns()
        blocked_ns, ready_ns = start_ns, min(max(start_ns, self._released_ns), end_ns)
        if clock is not None:
            blocked_ns, ready_ns = placed(start_ns, ready_ns, end_ns, clock.growth_ns(), clock.switches(), True)
        self._ended.setdefault(thread, []).append(MutexWait(start_ns, blocked_ns, ready_ns, end_ns))
        return True

    def released(self) -> None:
        """The mutex is about to be released."""
        self._released_ns = perf_counter_ns()

    def take(self) -> List[MutexWait]:
        """The waits of the calling thread since the last call."""
        return self._ended.pop(get_ident(), []) if self._ended else []


class NotedCondition(Condition):
    """A condition that notes when each waiting thread was first notified, and waits for its mutex."""

    def __init__(self, mutex: Any, waits: MutexWaits) -> None:
        """`waits`: those for the mutex."""
        super().__init__(mutex)
        self._mutex, self._waits = mutex, waits
        self._threads: Deque[int] = deque()
        """Those that wait, in the order in which they are notified."""
        self._notified_ns: Dict[int, int] = {}

    def __enter__(self) -> bool:
        return self._mutex.acquire(False) or self._waits.acquire(self._mutex)

    def __exit__(self, *_: object) -> None:
        if self._waits.waiting:
            self._waits.released()
        self._mutex.release()

    def _acquire_restore(self, _: object) -> None:
        """Of `Condition`: a wait has ended."""
        self.__enter__()

    def _release_save(self) -> None:
        """Of `Condition`: a wait begins."""
        self.__exit__()

    def wait(self, timeout: Optional[float] = None) -> bool:
        thread = get_ident()
        self._threads.append(thread)
        notified = super().wait(timeout)
        if not notified and thread in self._threads:
            self._threads.remove(thread)
        return notified

    def notify(self, n: int = 1) -> None:
        if self._threads:
            now = perf_counter_ns()
            for _ in range(min(n, len(self._threads))):
                self._notified_ns.setdefault(self._threads.popleft(), now)
        super().notify(n)

    def notified_ns(self) -> Optional[int]:
        """When the calling thread was first notified since the last call, in ns; None: it was not."""
        return self._notified_ns.pop(get_ident(), None)


class ThreadQueue(queue.Queue):  # type: ignore[type-arg]
    """Its conditions note notifications, and waits for its mutex."""

    not_empty: NotedCondition
    not_full: NotedCondition

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self.mutex_waits = MutexWaits()
        self.not_empty = NotedCondition(self.mutex, self.mutex_waits)
        self.not_full = NotedCondition(self.mutex, self.mutex_waits)
