"""How many of the waits can be for the GIL, by how often threads have begun to wait for it. Pure.

glibc counts for each condition how often a thread has begun to wait there, and CPython's memory has that of the GIL's.
Not every such wait blocks, since the GIL may be released at once; and a thread that blocks for a moment at the GIL's
mutex is not in that count. So for 100 waits that records show it says no more than this:

    begun    for the GIL
        2    4 at most
       50    any number
      300    any number; all, if nothing else is known
"""

from __future__ import annotations

KEPT = 0.9
"""Of earlier numbers this part counts when there is a new one: a program may begin to do something else."""
FEWEST = 20
"""Fewer waits than this say nothing."""
MOST = 0.8
"""So many begun for each wait are enough for all to be for the GIL: the rest are those at its mutex."""
AT_MUTEX = 2
"""Waits for the GIL, those at its mutex included, are at most so many for each that began."""
MOST_BEGUN = 1_000_000
"""Between two readings no more begin: the word is no count then, as with glibc before 2.25."""


class GilWaitCount:
    """That of one process."""

    def __init__(self) -> None:
        self._waits = self._begun = 0.0
        self._new = 0
        """Waits since the last reading."""
        self._count: int | None = None

    def blocks(self) -> None:
        """A thread blocks, and no record says at what."""
        self._new += 1

    def read(self, count: int) -> None:
        """So many waits for the GIL have begun until now."""
        if self._count is not None and 0 <= count - self._count <= MOST_BEGUN:
            self._waits = KEPT * self._waits + self._new
            self._begun = KEPT * self._begun + count - self._count
        self._new, self._count = 0, count

    @property
    def are_most(self) -> bool:
        """Whether the waits are for the GIL, if nothing else is known."""
        return self._waits >= FEWEST and self._begun >= MOST * self._waits

    @property
    def most(self) -> float:
        """What part of the waits is for the GIL at most."""
        return min(1.0, AT_MUTEX * self._begun / self._waits) if self._waits >= FEWEST else 1.0
