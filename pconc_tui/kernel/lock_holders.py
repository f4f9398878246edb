"""Which thread holds each lock, as far as waits for it show. Pure.

Taking a lock leaves no record, but a wait for it does, and its end:

    time   thread 7        thread 8        thread 9        holds A
    0      has taken it    waits for A                     unknown
    1                                      waits for A     unknown
    5      releases it     wakes up                        8: it woke up while another waited
    9      waits for A     releases it     wakes up        9: it woke up while another waited
    11     wakes up                        releases it     unknown: 7 may release it unnoticed, as no other waits

A lock that is released while threads wait for it wakes one of these. So the last thread that woke up from it holds it,
until the next wakes up. One that waits for it again has released it, or found that another had been faster. A wait
that ends at its time-out looks the same as one that ends with taking the lock.
"""

from __future__ import annotations


class LockHolders:
    """The locks of one process, by whatever numbers them."""

    def __init__(self) -> None:
        self._waits: dict[int, int] = {}
        """The lock that each thread waits for."""
        self._waiting: dict[int, set[int]] = {}
        """The threads that wait for each lock."""
        self.holders: dict[int, int] = {}
        """The thread that holds each lock, of the locks that threads wait for, where it is known."""

    def waits(self, tid: int, lock: int) -> None:
        """A thread begins to wait for a lock."""
        self.wakes(tid)
        if self.holders.get(lock) == tid:
            del self.holders[lock]
        self._waits[tid] = lock
        self._waiting.setdefault(lock, set()).add(tid)

    def wakes(self, tid: int) -> None:
        """A thread waits for no lock any more, if it did."""
        lock = self._waits.pop(tid, None)
        if lock is None:
            return
        waiting = self._waiting[lock]
        waiting.discard(tid)
        if waiting:
            self.holders[lock] = tid
        else:
            del self._waiting[lock]
            self.holders.pop(lock, None)

    def wakes_from_unknown(self) -> None:
        """A thread does not wait any more, and it is unknown for which lock it did: it may hold any of them."""
        self.holders.clear()

    def ends(self, tid: int) -> None:
        """A thread has ended."""
        self.wakes(tid)
        self.holders = {lock: holder for lock, holder in self.holders.items() if holder != tid}

    def lose(self, tid: int) -> None:
        """What a thread does is unknown for a while."""
        lock = self._waits.pop(tid, None)
        if lock is not None:
            self._waiting[lock].discard(tid)
            self.holders.pop(lock, None)
            if not self._waiting[lock]:
                del self._waiting[lock]
        self.holders = {lock: holder for lock, holder in self.holders.items() if holder != tid}
