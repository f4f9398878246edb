"""Counts the hand-offs of one GIL: how often the worker that runs changes.

The counter collects the start of every run of every worker that needs the GIL. Sorted by time, each start whose worker
differs from the one before is a hand-off, received by that worker. The first start is none, and neither is the start of
a worker that continues after I/O in which no other ran. Example, in ms:

    starts      1 A    5 B    10 A    11 A    12 B
    hand-off    -      B      A       -       B       A received 1, B received 2, total 3

Slots are read one after another, so a start can arrive after a later one of another worker. Therefore a frame counts
only the starts before its own time: all slots were read after it, so no earlier start is missing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter


class HandoffCounter:
    """Hand-offs of one GIL, for each worker that received it."""

    def __init__(self) -> None:
        self._received: Counter[int] = Counter()
        self._starts: list[tuple[int, int]] = []
        self._last: int | None = None

    def add_start(self, worker: int, time_ns: int) -> None:
        """Add the start of a run."""
        self._starts.append((time_ns, worker))

    def count_until(self, now_ns: int) -> None:
        """Count the hand-offs before now."""
        self._starts.sort()
        end = bisect_left(self._starts, (now_ns, 0))
        for _, worker in self._starts[:end]:
            if worker != self._last and self._last is not None:
                self._received[worker] += 1
            self._last = worker
        del self._starts[:end]

    def received(self, worker: int) -> int:
        """How often this worker received the GIL from another."""
        return self._received[worker]

    def total(self) -> int:
        """All hand-offs so far."""
        return self._received.total()
