"""Explains gaps: whether a worker that did not run waited for the GIL or for a core.

A worker records when it runs, but not why it stopped. The stretch until it runs again is a *gap*. `Gil` collects the
runs of all workers that share one GIL and splits a gap at the first run of another worker in it. Before that run the
worker still held the GIL and had no core (core wait); from then on the GIL was taken (GIL wait). Example, in ms:
worker 1 runs until 5 and again from 9, so its gap is 5 to 9.

    worker 2 runs 5 to 9        GIL wait 5 to 9
    worker 2 runs 7 to 9        core wait 5 to 7, GIL wait 7 to 9
    no other worker runs        core wait 5 to 9
    worker 2 runs 5.08 to 9     GIL wait 5 to 9: a hand-off takes about 0.1 ms itself (SHORTEST_CORE_WAIT_NS)
    worker 2 runs 4 to 5.02     core wait 5 to 9: the end of a run is known to about a chunk (NOISE_NS)
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.timeline.gil_queue import GilQueue
from pconc_tui.timeline.handoff_count import HandoffCounter
from pconc_tui.timeline.spans import Span

KEPT_RUNS = 4_000
"""The least number of newest runs that are kept. A gap is rarely longer than a run of each of at most 256 workers."""
NOISE_NS = 50_000
"""A run that reaches into a gap by less than this may have ended before the gap: ends are known to about a chunk."""
SHORTEST_CORE_WAIT_NS = 100_000
"""A hand-off takes about this long; if no worker runs for longer, the last one to run has lost its core."""


class Run(NamedTuple):
    """A stretch in which a worker ran."""

    start_ns: int
    end_ns: int
    worker: int


class Gil:
    """The runs of the workers that share one GIL. Each frame: add all runs, `update`, then `explain_gap`."""

    def __init__(self) -> None:
        self.handoffs = HandoffCounter()
        self.queue = GilQueue()
        """Which workers wait for it, of those that others observe."""
        self._runs: list[Run] = []
        """Finished runs, sorted."""
        self._new: list[Run] = []
        """Runs that finished since the last update."""
        self._current: dict[int, Run] = {}
        """Unfinished runs by worker."""
        self._sorted_current: list[Run] = []
        self._dropped_until_ns = 0
        """End of the last run that was dropped."""

    def start_run(self, worker: int, time_ns: int) -> None:
        """The worker started to run."""
        self._current[worker] = _new(Run, (time_ns, time_ns, worker))
        self.handoffs.add_start(worker, time_ns)

    def extend_run(self, worker: int, time_ns: int) -> None:
        """The worker was still running at this time."""
        run = self._current.get(worker)
        if run is not None and time_ns > run.end_ns:
            self._current[worker] = Run(run.start_ns, time_ns, worker)

    def end_run(self, worker: int, time_ns: int) -> None:
        """The worker ran until this time."""
        run = self._current.pop(worker, None)
        if run is None:
            return
        if time_ns > run[0]:
            self._new.append(_new(Run, (run[0], time_ns, worker)))
        else:  # Its lane has no span of that: it was about to run, and then did not.
            self.handoffs.remove_start(worker, run[0])

    def update(self, now_ns: int) -> None:
        """Sort the runs added since the last frame, and count the hand-offs before now."""
        if self._new:
            tail = bisect_left(self._runs, min(self._new))
            self._runs[tail:] = sorted(self._runs[tail:] + self._new)
            self._new.clear()
        self._sorted_current = sorted(self._current.values())
        if len(self._runs) > 2 * KEPT_RUNS:
            self._dropped_until_ns = self._runs[-KEPT_RUNS - 1].end_ns
            del self._runs[:-KEPT_RUNS]
        self.handoffs.count_until(now_ns)

    def held(self, start_ns: int, end_ns: int, worker: int) -> Iterator[tuple[int, int]]:
        """The parts of a stretch in which a worker can have held the GIL, of which its own lane shows no release.

        It has lost it when another worker runs, and has it again when it runs itself, and the other does not.
        """
        first, last = (bisect_left(self._runs, (time_ns,)) for time_ns in (start_ns, end_ns))
        current = (run for run in self._sorted_current if start_ns <= run.start_ns < end_ns)
        began_ns: int | None = start_ns
        own_ns = lost_ns = start_ns
        for run in sorted([*self._runs[first:last], *current]):
            if run.worker == worker:
                own_ns = run.end_ns
                if began_ns is None:
                    began_ns = max(run.start_ns, lost_ns)
                continue
            if began_ns is not None and run.start_ns > began_ns:
                yield began_ns, run.start_ns
            lost_ns = max(lost_ns, run.end_ns)
            began_ns = lost_ns if own_ns > lost_ns else None
        if began_ns is not None and end_ns > began_ns:
            yield began_ns, end_ns

    def is_taken(self, start_ns: int, end_ns: int, worker: int) -> bool:
        """Whether another worker runs in this stretch, and so holds the GIL."""
        return self._first_start(start_ns, end_ns, worker) < end_ns

    def explain_gap(self, start_ns: int, end_ns: int, worker: int) -> Iterator[Span]:
        """Split a worker's gap into a core wait, until the first run of another worker, and a GIL wait."""
        first_ns = self._first_start(start_ns, end_ns, worker)
        taken_ns = start_ns if start_ns < self._dropped_until_ns else max(start_ns, first_ns)
        if taken_ns - start_ns < SHORTEST_CORE_WAIT_NS and taken_ns < end_ns:
            taken_ns = start_ns
        if taken_ns > start_ns:
            yield Span(start_ns, taken_ns, State.CORE_WAIT)
        if end_ns > taken_ns:
            yield Span(taken_ns, end_ns, State.GIL_WAIT)

    def _first_start(self, start_ns: int, end_ns: int, worker: int) -> int:
        """When another worker first runs in the gap; its end if none does."""
        return min(_first_start(runs, start_ns, end_ns, worker) for runs in (self._runs, self._sorted_current))


_new = tuple.__new__
"""Faster than calling the class."""


def _first_start(runs: list[Run], start_ns: int, end_ns: int, worker: int) -> int:
    """Start of the first of these sorted runs in which another worker ran in the gap; the gap's end if none did."""
    # Only one worker holds the GIL, so runs overlap by the noise of their ends at most: eight before the gap suffice.
    for number in range(max(0, bisect_left(runs, (start_ns,)) - 8), len(runs)):
        run = runs[number]
        if run.start_ns >= end_ns:
            break
        if run.end_ns > start_ns and run.worker != worker:
            overlap_ns = min(run.end_ns, end_ns) - max(run.start_ns, start_ns)
            if overlap_ns > min(NOISE_NS, (run.end_ns - run.start_ns) // 2):
                return run.start_ns
    return end_ns
