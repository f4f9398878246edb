"""Who ran under one GIL, in what order: explains gaps and counts hand-offs."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pconc_tui.block import State
from pconc_tui.spans import Span

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
        self._open: dict[int, Run] = {}
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
            self._runs.append(run._replace(end_ns=time_ns))

    def settle(self, now_ns: int) -> None:
        """Put what was fed in order, and count the hand-offs up to now."""
        self._runs.sort()
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
        first = max(0, bisect_left(self._runs, (start_ns,)) - 8)
        taken_ns = end_ns
        for number in range(first, len(self._runs)):
            run = self._runs[number]
            if run.start_ns >= taken_ns:
                break
            if run.worker != worker and _within(run, start_ns, end_ns):
                taken_ns = run.start_ns
        for run in self._open.values():
            if run.end_ns > start_ns and run.worker != worker and _within(run, start_ns, end_ns):
                taken_ns = min(taken_ns, run.start_ns)
        return max(start_ns, taken_ns)


def _within(run: Run, start_ns: int, end_ns: int) -> bool:
    overlap = min(run.end_ns, end_ns) - max(run.start_ns, start_ns)
    return overlap > min(NOISE_NS, (run.end_ns - run.start_ns) // 2)
