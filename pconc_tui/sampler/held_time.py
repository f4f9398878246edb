"""For how long a GIL was held within any stretch of the last seconds, by its holds as records show them. Pure."""

from __future__ import annotations

from bisect import bisect_right

from pconc_tui.kernel.gil import Hold

KEPT = 5_000
"""So many holds are kept; before the first of them, it was held by none."""


class HeldTime:
    """That of one GIL."""

    def __init__(self) -> None:
        self.since_ns: int | None = None
        """Since when it is held now; None: it is not."""
        self._began_ns: list[int] = []
        self._ended_ns: list[int] = []
        self._before_ns: list[int] = []
        """For how long it had been held before each."""

    def add(self, hold: Hold) -> None:
        """It was held, after those before."""
        before_ns = self._before_ns[-1] + self._ended_ns[-1] - self._began_ns[-1] if self._began_ns else 0
        self._began_ns.append(hold.began_ns)
        self._ended_ns.append(hold.ended_ns)
        self._before_ns.append(before_ns)
        if len(self._began_ns) > 2 * KEPT:
            for each in (self._began_ns, self._ended_ns, self._before_ns):
                del each[:KEPT]

    def between(self, since_ns: int, until_ns: int) -> int:
        """For how many ns it was held between these times."""
        began_ns, ended_ns = self._began_ns, self._ended_ns
        held_ns = 0
        if self.since_ns is not None and until_ns > self.since_ns:
            held_ns = until_ns - max(since_ns, self.since_ns)
        first, last = bisect_right(began_ns, since_ns) - 1, bisect_right(began_ns, until_ns) - 1
        if last < 0:
            return held_ns
        held_ns += self._before_ns[last] + min(until_ns, ended_ns[last]) - began_ns[last]
        if first < 0:
            return held_ns - self._before_ns[0]
        return held_ns - self._before_ns[first] - min(since_ns, ended_ns[first]) + began_ns[first]
