"""A sampled worker's own transitions and the sampler's, merged into one line of transitions. Pure.

The worker itself reports its start and its end, and as a task when it awaits; the sampler reports what it did between.
Example, times in ms:

    worker:   1.0 RUNNING                        9.0 ENDED
    sampler:               3.5 IO   6.0 RUNNING
    merged:   1.0 RUNNING  3.5 IO   6.0 RUNNING  9.0 ENDED

At its end, and before each await, the worker reads its own CPU clock, which is exact: the lane is then corrected by it.
Once the code calls `probe`, its own transitions count, and the sampler's only where it was blocked.
"""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.protocol.block import MIXED, State, pack, unpack

_BLOCKED = (State.IO, State.LOCK)


class Overlay:
    """Merges the two for one worker."""

    def __init__(self, own: State | None = None) -> None:
        """`own`: its own last transition before those to come; None: there was none."""
        self.sampled_until_ns: int | None = None
        """The time of the last of the newest transitions of its own, where that ended a stretch that was sampled."""
        self._own = own
        self._sampled: State | None = None
        self._mixed = False
        self._now: tuple[State | None, bool] = None, False
        self._now_ns = 0
        """Time of the last transition."""
        self._reports = False

    def merged(self, own: Iterable[int], sampled: Iterable[int], reports_ns: int) -> list[int]:
        """The merged transitions, in the order of time.

        `own`, `sampled`: new transitions; `reports_ns`: since when the code calls `probe`, 0: it does not.
        """
        self.sampled_until_ns = None
        words = sorted(
            [*((each, False) for each in own), *((each, True) for each in sampled)], key=lambda each: each[0] >> 5
        )
        found: list[int] = []
        for word, is_sampled in words:
            time_ns, state = unpack(word)
            self._reports = self._reports or 0 < reports_ns <= time_ns
            if is_sampled:
                self._sampled, self._mixed = state, bool(word & MIXED)
            else:
                self.sampled_until_ns = time_ns if self._own is State.RUNNING and not self._reports else None
                if state is State.RUNNING and self._own in (None, State.IO):
                    self._sampled = None  # The sampler's last transition belongs to the stretch before.
                self._own = state
            self._show(time_ns, *self._effective(), found)
        return found

    def _effective(self) -> tuple[State | None, bool]:
        if self._own not in (State.RUNNING, State.WAITING) or self._sampled is None:
            return self._own, False
        if self._reports or self._own is State.WAITING:
            return self._sampled if self._sampled in _BLOCKED else self._own, False
        return self._sampled, self._mixed

    def _show(self, time_ns: int, state: State | None, mixed: bool, found: list[int]) -> None:
        if state is None or (state, mixed) == self._now:
            return
        time_ns = max(time_ns, self._now_ns)
        self._now, self._now_ns = (state, mixed), time_ns
        found.append(pack(time_ns, state, mixed))
