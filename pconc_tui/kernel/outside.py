"""What is known of threads besides records: read at some moment from CPython's memory or from /proc. Pure.

`Episodes` takes these with the records, ordered by time. Each is worth little alone: the records say how long it held.
"""

from __future__ import annotations

from typing import NamedTuple


class HolderSample(NamedTuple):
    """A GIL was read: this thread held it."""

    time_ns: int
    tid: int
    """0: none did; -1: one whose id is unknown."""
    gil: int = 0
    """Its number among those that `Episodes` knows."""


class BlockedSample(NamedTuple):
    """A thread was blocked."""

    time_ns: int
    tid: int
    futex: int
    """Of `Switch`."""


class ClockSample(NamedTuple):
    """The CPU time of a thread, by its clock."""

    time_ns: int
    tid: int
    cpu_ns: int


Outside = HolderSample | BlockedSample | ClockSample
