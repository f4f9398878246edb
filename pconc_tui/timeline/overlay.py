"""A sampled worker's own transitions and the sampler's, merged into one line of transitions. Pure.

The worker itself reports its start and its end, and as a task when it awaits; the sampler reports what it did between.
Example, times in ms:

    worker:   1.0 RUNNING                                  9.0 ENDED, CPU time 3.0
    sampler:               3.5 IO   6.0 RUNNING
    merged:   1.0 RUNNING  3.5 IO   6.0 RUNNING  6.5 WAITING  9.0 ENDED

At its end the worker reads its own CPU clock, which is exact. The lane shows 2.5 ms of running until 3.5, so of those
since the last sample, from 6.0 on, only 0.5 can have been running. Where the lane shows too little the last wait ends
earlier. Once the code calls `probe`, its own transitions count, and the sampler's only where it was blocked.
"""

from __future__ import annotations

from collections.abc import Iterable

from pconc_tui.protocol.block import MIXED, State, pack, unpack

_BLOCKED = (State.IO, State.LOCK)
_RUNS = (State.RUNNING, State.RELEASED)
SHORTEST_NS = 100_000
"""The lane's running time is corrected by no less than this."""


class Overlay:
    """Merges the two for one worker."""

    def __init__(self) -> None:
        self._own: State | None = None
        self._sampled: State | None = None
        self._mixed = False
        self._now: tuple[State | None, bool] = None, False
        self._now_ns = 0
        """Time of the last transition."""
        self._running_ns = 0
        """How long the transitions up to the last show it as running."""
        self._reports = False

    def merged(self, own: Iterable[int], sampled: Iterable[int], reports_ns: int, cpu_ns: int = 0) -> list[int]:
        """The merged transitions, in the order of time.

        `own`, `sampled`: new transitions; `reports_ns`: since when the code calls `probe`, 0: it does not; `cpu_ns`:
        the worker's CPU time at the last of its own transitions, if that ends a stretch of running.
        """
        own = list(own)
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
                if self._own is State.RUNNING and not self._reports and word == own[-1]:
                    self._correct(time_ns, cpu_ns, found)
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
        if self._now[0] in _RUNS:
            self._running_ns += time_ns - self._now_ns
        self._now, self._now_ns = (state, mixed), time_ns
        found.append(pack(time_ns, state, mixed))

    def _correct(self, end_ns: int, cpu_ns: int, found: list[int]) -> None:
        """Correct the running time up to here by the CPU clock, within the state since the last sample."""
        state, _ = self._now
        since_ns = end_ns - self._now_ns
        excess_ns = self._running_ns - cpu_ns + (since_ns if state in _RUNS else 0)
        if since_ns <= 0 or state is State.UNKNOWN or abs(excess_ns) < SHORTEST_NS:
            return
        if state in _RUNS and excess_ns > 0:
            self._show(end_ns - min(excess_ns, since_ns), State.WAITING, False, found)
        elif state not in _RUNS and excess_ns < 0:
            self._show(end_ns - min(-excess_ns, since_ns), State.RUNNING, False, found)
