"""The value of a shared counter while workers add to it, beside what it would be had no update been lost. Pure.

A worker publishes the counter's value, as it read it at the end of a round, and its iterations after each chunk. Those
of the other workers may be newer, so their difference was not lost, as with a lock, which loses nothing.

    sample   iterations of all   a worker's value        shown: value, expected
    1              10,000          9,800                     9,800      9,800
    2              20,000          9,800
    3              30,000         29,500: read after 2      29,500     29,500    expected is at least that of 1
    4              40,000         31,000: read after 3      31,000     31,000    expected is at least that of 2

What the workers had done in the sample before the last one that had the old value was done before the new one was read.
So at least as much is lost as the two differ by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Read(NamedTuple):
    """The counter as a worker last read it."""

    worker: int
    """Its id."""
    value: int
    last_ran_ns: int


class SharedCounter:
    """A value that the counter has had, and at least how many updates had been made by then."""

    def __init__(self) -> None:
        self.value: int | None = None
        """None: no worker has read it yet."""
        self.expected = 0
        self._values: dict[int, int] = {}
        self._iterations = (0, 0)
        """Of the last two samples, the older first: while the last was taken, a worker may have read the counter."""

    def sample(self, iterations: int, reads: Sequence[Read]) -> None:
        """Add a sample: the iterations of all workers, and of each that has read the counter what it read."""
        new = [read for read in reads if self._values.get(read.worker) != read.value]
        if new:
            self._values |= {read.worker: read.value for read in new}
            self.value = max(new, key=lambda read: read.last_ran_ns).value
            self.expected = max(self.value, self._iterations[0])
        self._iterations = self._iterations[1], iterations
