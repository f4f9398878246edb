"""Who ran under one GIL, in what order: explains gaps and counts hand-offs."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pconc_tui.protocol.block import State
from pconc_tui.timeline.spans import Span

KEPT_RUNS = 20_000
NOISE_NS = 50_000
"""Runs are known to about a chunk; one that reaches into a gap by less than this has not necessarily run in it."""
SHORTEST_CORE_WAIT_NS = 100_000
"""A hand-off takes about this long; nobody running for longer means that the one who ran last has lost its core."""


class Run(NamedTuple):
    """A stretch in which a worker ran."""

    start_ns: int
    end_ns: int
    worker: int


class Gil:
    """The runs of the workers that share one GIL. Feed it all of them before asking."""

    def __init__(self) -> None:
        self.handoffs: Counter[int] = Counter()
        """How often each worker was handed the GIL by another."""
        self._runs: list[Run] = []
        self._ended: list[Run] = []
        self._open: dict[int, Run] = {}
        self._latest: list[Run] = []
        self._starts: list[tuple[int, int]] = []
        self._holder: int | None = None

    def began(self, worker: int, time_ns: int) -> None:
        """The worker began to run."""
        self._open[worker] = Run(time_ns, time_ns, worker)
        self._starts.append((time_ns, worker))

    def seen(self, worker: int, time_ns: int) -> None:
        """The worker still ran then."""
        run = self._open.get(worker)
        if run is not None and time_ns > run.end_ns:
            self._open[worker] = run._replace(end_ns=time_ns)

    def ended(self, worker: int, time_ns: int) -> None:
        """The worker ran until then, and no longer."""
        run = self._open.pop(worker, None)
        if run is not None:
            self._ended.append(run._replace(end_ns=time_ns))

    def settle(self, now_ns: int) -> None:
        """Put what was fed in order, and count the hand-offs up to now."""
        if self._ended:
            tail = bisect_left(self._runs, min(self._ended))
            self._runs[tail:] = sorted(self._runs[tail:] + self._ended)
            self._ended.clear()
        self._latest = sorted(self._open.values())
        if len(self._runs) > 2 * KEPT_RUNS:
            del self._runs[:-KEPT_RUNS]
        self._starts.sort()
        settled = bisect_left(self._starts, (now_ns, 0))
        for _, worker in self._starts[:settled]:
            if worker != self._holder and self._holder is not None:
                self.handoffs[worker] += 1
            self._holder = worker
        del self._starts[:settled]

    def explain(self, start_ns: int, end_ns: int, worker: int) -> Iterator[Span]:
        """Why a worker did not run in this gap: it kept the GIL but got no core until another ran, if any did."""
        taken_ns = self._taken(start_ns, end_ns, worker)
        if taken_ns - start_ns < SHORTEST_CORE_WAIT_NS and taken_ns < end_ns:
            taken_ns = start_ns
        if taken_ns > start_ns:
            yield Span(start_ns, taken_ns, State.CORE_WAIT)
        if end_ns > taken_ns:
            yield Span(taken_ns, end_ns, State.GIL_WAIT)

    def _taken(self, start_ns: int, end_ns: int, worker: int) -> int:
        """When another worker first ran in this gap; its end, if none did."""
        firsts = (_first(runs, start_ns, end_ns, worker) for runs in (self._runs, self._latest))
        return max(start_ns, min(firsts))


def _first(runs: list[Run], start_ns: int, end_ns: int, worker: int) -> int:
    """The start of the first of these runs, in order of their starts, by which another worker ran in this gap."""
    # Only one holds the GIL, so runs overlap by the noise of their ends at most; those of eight before are enough.
    for number in range(max(0, bisect_left(runs, (start_ns,)) - 8), len(runs)):
        run = runs[number]
        if run.start_ns >= end_ns:
            break
        if run.end_ns > start_ns and run.worker != worker and _within(run, start_ns, end_ns):
            return run.start_ns
    return end_ns


def _within(run: Run, start_ns: int, end_ns: int) -> bool:
    overlap = min(run.end_ns, end_ns) - max(run.start_ns, start_ns)
    return overlap > min(NOISE_NS, (run.end_ns - run.start_ns) // 2)
