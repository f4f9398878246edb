"""A `queue.Queue` of threads that notes when a waiting thread was notified: from then on it only waits for the GIL.

It may find that another thread was faster, and wait again; what the items say of their own times doesn't show that.
"""

from __future__ import annotations

import queue
from collections import deque
from threading import Condition, get_ident
from time import perf_counter_ns
from typing import Any, Deque, Dict, Optional


class NotedCondition(Condition):
    """A condition that notes when each waiting thread was first notified."""

    def __init__(self, lock: Any) -> None:
        super().__init__(lock)
        self._threads: Deque[int] = deque()
        """Those that wait, in the order in which they are notified."""
        self._notified_ns: Dict[int, int] = {}

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
    """Its conditions note notifications."""

    not_empty: NotedCondition
    not_full: NotedCondition

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self.not_empty = NotedCondition(self.mutex)
        self.not_full = NotedCondition(self.mutex)
