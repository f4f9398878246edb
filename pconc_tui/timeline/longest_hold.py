"""The longest time for which a worker did not release the GIL, as far as its spans show.

A thread that waits for a core, or is blocked in code that keeps the GIL, has not released it. Example, times in ms:

    0-5 running    5-7 waiting for a core    7-10 running    10-12 I/O    12-15 running        the longest: 10

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
        self.hides_releases = False
        """Whether its transitions don't show that it releases the GIL and takes it again while no other waits."""
        self.held_ns = 0
        """For how long, up to the end of the last span, it has not released the GIL."""
        self.longest_ns = 0
        self._worker = worker

    def add(self, span: Span, gil: Gil | None) -> None:
        """The next span. `gil`: the one that it needs; None: it needs none."""
        self.held_ns = self._held_after(span, self.held_ns, gil)
        if self.held_ns > self.longest_ns:
            self.longest_ns = max(self.longest_ns, self._certain_ns(self.held_ns, span.end_ns, gil))

    def with_tail(self, tail: Iterable[Span], known_ns: int, gil: Gil | None) -> int:
        """The longest in ns if these spans follow, as far as they are known: up to `known_ns`."""
        held_ns, longest_ns = self.held_ns, self.longest_ns
        for span in tail:
            known = span._replace(end_ns=max(span.start_ns, min(span.end_ns, known_ns)))
            held_ns = self._held_after(known, held_ns, gil)
            longest_ns = max(longest_ns, self._certain_ns(held_ns, known.end_ns, gil))
        return longest_ns

    def _held_after(self, span: Span, held_ns: int, gil: Gil | None) -> int:
        """For how long the GIL has been held at the end of this span, if `held_ns` at its start."""
        start_ns, end_ns, state, mixed = span
        if gil is None or mixed:
            return 0
        if state in HOLDS:
            return held_ns + end_ns - start_ns
        # Where a wait for a core is sampled, another may have run meanwhile.
        keeps = held_ns and state is _CORE_WAIT and not gil.is_taken(start_ns, end_ns, self._worker)
        return held_ns + end_ns - start_ns if keeps else 0

    def _certain_ns(self, held_ns: int, ended_ns: int, gil: Gil | None) -> int:
        if gil is None or not self.hides_releases:
            return held_ns
        return gil.queue.waited_ns(ended_ns - held_ns, ended_ns, self._worker)


_CORE_WAIT = State.CORE_WAIT  # Found faster than through its class.
