"""What a worker notes itself and what was seen of it from outside, as one line of transitions. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.protocol.block import State, pack, unpack

_BLOCKED = (State.IO, State.LOCK)


class Overlay:
    """Of a worker whose code may know nothing of it: it notes its beginning and its end, and a task when it awaits.

    Meanwhile what was seen counts. Once the code tells when it runs, that counts, and what was seen only where it was
    blocked, for nobody is while running.
    """

    def __init__(self) -> None:
        self._own: State | None = None
        self._seen: State | None = None
        self._now: State | None = None
        self._last_ns = 0
        self._reports = False

    def merged(self, own: Iterable[int], seen: Iterable[int], reports_ns: int) -> list[int]:
        """What is new of both, in the order of time; `reports_ns`: since when the code tells itself, 0: it does not."""
        news = sorted([*(each << 1 for each in own), *(each << 1 | 1 for each in seen)], key=lambda each: each >> 5)
        found = []
        for each in news:
            time_ns, state = unpack(each >> 1)
            self._reports = self._reports or 0 < reports_ns <= time_ns
            if each & 1:
                self._seen = state
            else:
                if state is State.RUNNING and self._own in (None, State.IO):
                    # What was seen before is of another stretch.
                    self._seen = None
                self._own = state
            effective = self._effective()
            if effective is not None and effective is not self._now:
                self._now = effective
                self._last_ns = max(self._last_ns, time_ns)
                found.append(pack(self._last_ns, effective))
        return found

    def _effective(self) -> State | None:
        if self._own not in (State.RUNNING, State.WAITING) or self._seen is None:
            return self._own
        if self._reports or self._own is State.WAITING:
            return self._seen if self._seen in _BLOCKED else self._own
        return self._seen
