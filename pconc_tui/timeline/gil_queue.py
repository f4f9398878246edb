"""Which threads wait for one GIL, and so for how long a hold of it is certain. Pure.

A thread that releases the GIL and takes it again at once, while no other waits, leaves no record: its hold looks longer
than it was. While another waits, it can't: that one would take it. Example, times in ms:

    thread 1 holds the GIL from 0 to 50     threads 2 and 3 wait from 20 to 45 and from 44 to 50
    another waits from 20 on, without a gap: thread 1 held it for 30 ms for certain, and for 50 ms at most
"""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.protocol.block import State

KEPT = 2_000
"""The least number of newest waits that are kept."""
GAP_NS = 1_000_000
"""A waiting thread wakes up for some µs at each switch interval, to ask for the GIL: shorter gaps are none."""
STILL_WAITS = (State.GIL_WAIT, State.CORE_WAIT, State.ASKING)
_GIL_WAIT = State.GIL_WAIT
"""Found faster than through its class."""


class GilQueue:
    """The waits of all threads that need one GIL."""

    def __init__(self) -> None:
        self._since_ns: dict[int, int] = {}
        """Since when each thread that waits now does."""
        self._waits: list[tuple[int, int, int]] = []
        """The others: end, start, thread; sorted up to `_sorted`."""
        self._sorted = True

    def add(self, thread: int, words: Iterable[int]) -> None:
        """Add a thread's new transitions."""
        since_ns = self._since_ns.get(thread)
        for word in words:
            state = word & 15
            if since_ns is None:
                if state == _GIL_WAIT:
                    since_ns = word >> 5
            elif state not in STILL_WAITS:
                self._waits.append((word >> 5, since_ns, thread))
                self._sorted = False
                since_ns = None
        if since_ns is not None:
            self._since_ns[thread] = since_ns
        else:
            self._since_ns.pop(thread, None)

    def waited_ns(self, began_ns: int, ended_ns: int, holder: int) -> int:
        """For how long of the end of this hold others have waited without a gap. All is known up to its end."""
        if not self._sorted:
            self._waits.sort()
            self._sorted = True
            if len(self._waits) > 2 * KEPT:
                del self._waits[:-KEPT]
        since_ns = min((since for thread, since in self._since_ns.items() if thread != holder), default=ended_ns)
        since_ns = min(since_ns, ended_ns)
        for wait_ended_ns, wait_began_ns, thread in reversed(self._waits):
            if since_ns <= began_ns or wait_ended_ns < since_ns - GAP_NS:
                break
            if thread != holder:
                since_ns = min(since_ns, wait_began_ns)
        return ended_ns - max(began_ns, since_ns)
