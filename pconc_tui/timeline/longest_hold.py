"""The longest time for which a worker did not release the GIL, as far as its spans show.

A thread that waits for a core, or is blocked in code that keeps the GIL, has not released it. Example, times in ms:

    0-5 running    5-7 waiting for a core    7-10 running    10-12 I/O    12-15 running        the longest: 10

In a wait for a core that is sampled another may have run: then the hold ended before it. That is found out of those
holds only that would be the longest.

Where transitions don't show that the GIL is released and taken again while no other waits for it, a hold counts for as
long as others have waited for it at its end (`gil_queue`): if one has from 4 to 10, for 6.
"""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.protocol.block import State
from pconc_tui.timeline.gil_waits import Gil
from pconc_tui.timeline.holds import HOLDS
from pconc_tui.timeline.spans import Span


class LongestHold:
    """That of one worker: `add` its spans in order."""

    def __init__(self, worker: int) -> None:
        self.began_ns: int | None = None
        """When the hold began that goes on at the end of the last span, as far as is known; None: there is none."""
        self.longest_ns = 0
        self._worker = worker
        self._waits: list[tuple[int, int]] = []
        """Its waits for a core in which another may have run."""

    def add(self, span: Span, gil: Gil | None, hides_releases: bool) -> None:
        """The next span. `gil`: the one that it needs; None: it needs none.

        `hides_releases`: its transitions don't show that it releases the GIL and takes it again while no other waits.
        """
        start_ns, end_ns, state, mixed = span
        if gil is None or mixed:
            self.began_ns = None
            return
        if state in HOLDS:
            if self.began_ns is None:
                self.began_ns = start_ns
                self._waits.clear()
        elif state is not _CORE_WAIT:
            self.began_ns = None
        elif self.began_ns is not None:
            self._waits.append((start_ns, end_ns))
        if self.began_ns is not None and end_ns - self.began_ns > self.longest_ns:
            self._leave_out_taken(gil, end_ns)
            certain_ns = self._certain_ns(gil, end_ns, hides_releases)
            self.longest_ns = max(self.longest_ns, certain_ns)

    def with_tail(self, tail: Iterable[Span], known_ns: int, gil: Gil | None, hides_releases: bool) -> int:
        """The longest in ns if these spans follow, as far as they are known: up to `known_ns`. The rest as in `add`."""
        found = LongestHold(self._worker)
        found.began_ns, found.longest_ns, found._waits = self.began_ns, self.longest_ns, [*self._waits]
        for span in tail:
            if span.start_ns < known_ns:
                found.add(span._replace(end_ns=min(span.end_ns, known_ns)), gil, hides_releases)
        return found.longest_ns

    def _leave_out_taken(self, gil: Gil, now_ns: int) -> None:
        """If another ran in one of its waits, it began at the end of that; if that is now, there is none."""
        while self._waits:
            start_ns, end_ns = self._waits.pop()
            if gil.is_taken(start_ns, end_ns, self._worker):
                self.began_ns = end_ns if end_ns < now_ns else None
                self._waits.clear()

    def _certain_ns(self, gil: Gil, now_ns: int, hides_releases: bool) -> int:
        if self.began_ns is None:
            return 0
        if hides_releases:
            return gil.queue.waited_ns(self.began_ns, now_ns, self._worker)
        return now_ns - self.began_ns


_CORE_WAIT = State.CORE_WAIT  # Found faster than through its class.
