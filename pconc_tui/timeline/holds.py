"""Finds the stretches in which a thread held the GIL without releasing it, in its transitions. Pure.

A thread that runs holds the GIL, unless it runs code that has released it. One that waits for a core meanwhile still
holds it, and so does one that is blocked without having released it. Example, times in ms:

    10 RUNNING   14 CORE_WAIT   15 RUNNING   22 GIL_WAIT   27 RUNNING   28 RELEASED   40 RUNNING   41 IO
    holds: 10 to 22, 27 to 28, 40 to 41

In a mixed stretch the order of the states is unknown: it holds none. A hold may have lasted longer where it is unknown
what the thread did before or after.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from pconc_tui.protocol.block import BLOCKED, MIXED, State

HOLDS = frozenset({State.RUNNING, State.BLOCKED_WITH_GIL})
"""States in which a worker holds the GIL."""
KEPT = 64
"""Of holds that may have lasted longer the newest are known for that."""


class HoldFinder:
    """Finds the holds of one thread."""

    def __init__(self, is_known: bool = False) -> None:
        """`is_known`: what it did before its first transition: nothing."""
        self.began_ns: int | None = None
        """When the present hold began; None: it holds no GIL."""
        self.cut_ns: deque[int] = deque(maxlen=KEPT)
        """When holds began, as far as is known, that may have lasted longer."""
        self._is_known = self._has_run = is_known
        """Whether it is known what it did last, and since when it is blocked, if it is."""

    def add(self, words: Iterable[int]) -> Iterator[tuple[int, int]]:
        """The holds that end with these transitions: start and end, in ns."""
        for word in words:
            state = word & _STATE_OR_MIXED
            if state in HOLDS:
                if self.began_ns is None:
                    self.began_ns = word >> 5
                    if not (self._has_run if state == _BLOCKED_WITH_GIL else self._is_known):
                        self.cut_ns.append(self.began_ns)
            elif self.began_ns is not None and state != _CORE_WAIT:
                began_ns, self.began_ns = self.began_ns, None
                if state == _UNKNOWN:
                    self.cut_ns.append(began_ns)
                yield began_ns, word >> 5
            if state != _CORE_WAIT:
                self._is_known = state != _UNKNOWN
                self._has_run = self._is_known and (self._has_run or state not in BLOCKED)


_STATE_OR_MIXED = MIXED | 15
_CORE_WAIT, _UNKNOWN, _BLOCKED_WITH_GIL = State.CORE_WAIT, State.UNKNOWN, State.BLOCKED_WITH_GIL
"""Found faster than through its class."""
