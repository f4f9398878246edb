"""Counts the hand-offs of one GIL: how often the worker that runs changes.

The counter collects the start of every run of every worker that needs the GIL. Sorted by time, each start whose worker
differs from the one before is a hand-off, received by that worker. The first start is none, and neither is the start of
a worker that continues after I/O in which no other ran. Example, in ms:

    starts      1 A    5 B    10 A    11 A    12 B
    hand-off    -      B      A       -       B       A received 1, B received 2, total 3

Starts arrive in any order: slots are read one after another, and a worker records the start of a run at the end of its
first chunk. A frame counts the starts before its own time. One of them that arrives later is put in its place, and what
follows it is counted again: with a late start of B at 10.5 in the example, A received 2, B received 3, total 5.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from contextlib import suppress
from itertools import pairwise

KEPT_STARTS = 4_000
"""The least number of newest starts that are kept, so that others can still come before them."""


class HandoffCounter:
    """Hand-offs of one GIL, for each worker that received it."""

    def __init__(self) -> None:
        self._received: Counter[int] = Counter()
        self._counted: list[tuple[int, int]] = []
        """The newest starts that are counted: time and worker, sorted."""
        self._starts: list[tuple[int, int]] = []
        """Those that are not counted yet."""

    def add_start(self, worker: int, time_ns: int) -> None:
        """Add the start of a run."""
        self._starts.append((time_ns, worker))

    def remove_start(self, worker: int, time_ns: int) -> None:
        """Remove a start that was added: the worker did not run."""
        self._take_back((time_ns, worker))
        with suppress(ValueError):  # It is so old that it is no longer kept.
            self._starts.remove((time_ns, worker))

    def count_until(self, now_ns: int) -> None:
        """Count the hand-offs before now."""
        if not self._starts:
            return
        self._take_back(min(self._starts))
        self._starts.sort()
        end = bisect_left(self._starts, (now_ns, 0))
        self._count(self._starts[:end], 1)
        self._counted += self._starts[:end]
        del self._starts[:end]
        if len(self._counted) > 2 * KEPT_STARTS:
            del self._counted[:-KEPT_STARTS]

    def received(self, worker: int) -> int:
        """How often this worker received the GIL from another."""
        return self._received[worker]

    def total(self) -> int:
        """All hand-offs so far."""
        return self._received.total()

    def _take_back(self, start: tuple[int, int]) -> None:
        """Make those that are counted and not before this one uncounted."""
        first = bisect_left(self._counted, start)
        late = self._counted[first:]
        if late:
            del self._counted[first:]
            self._count(late, -1)
            self._starts += late

    def _count(self, starts: list[tuple[int, int]], sign: int) -> None:
        """Count these, which follow those that are counted, as received (1), or as not received (-1)."""
        for (_, before), (_, worker) in pairwise([*self._counted[-1:], *starts]):
            if worker != before:
                self._received[worker] += sign
