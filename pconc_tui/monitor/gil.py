"""Who ran under one GIL, in what order: explains gaps and counts hand-offs."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import NamedTuple

from pconc_tui.block import State

KEPT_RUNS = 20_000
NOISE_NS = 50_000
"""Runs are known to about a chunk; one that reaches into a gap by less than this has not necessarily run in it."""


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
        self._starts: list[tuple[int, int, int]] = []
        """When a worker began to run, which one, and since when it had not (-1: it is new)."""
        self._stopped: dict[int, int] = {}
        self._holder: int | None = None

    def began(self, worker: int, time_ns: int) -> None:
        """The worker began to run."""
        self._open[worker] = Run(time_ns, time_ns, worker)
        self._starts.append((time_ns, worker, self._stopped.get(worker, -1)))

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
            self._stopped[worker] = time_ns

    def settle(self, now_ns: int) -> None:
        """Put what was fed in order, and count the hand-offs up to now."""
        self._runs.sort()
        if len(self._runs) > 2 * KEPT_RUNS:
            del self._runs[:-KEPT_RUNS]
        self._starts.sort()
        settled = bisect_left(self._starts, (now_ns, 0, 0))
        for time_ns, worker, since_ns in self._starts[:settled]:
            # Starts are known to about a chunk. That of a worker which lost its core, not the GIL, may seem to come
            # after the next holder's: it is no hand-off, since nobody ran in between.
            if since_ns >= 0 and self.cause(since_ns, time_ns, worker) is not State.GIL_WAIT:
                continue
            if self._holder is not None and worker != self._holder:
                self.handoffs[worker] += 1
            self._holder = worker
        del self._starts[:settled]

    def cause(self, start_ns: int, end_ns: int, worker: int) -> State:
        """Why a worker did not run in this gap: another held the GIL, or the worker got no core."""
        before = bisect_left(self._runs, (end_ns,))
        for run in reversed(self._runs[max(0, before - 8) : before]):
            if run.worker != worker and _within(run, start_ns, end_ns):
                return State.GIL_WAIT
        if any(run.worker != worker and _within(run, start_ns, end_ns) for run in self._open.values()):
            return State.GIL_WAIT
        return State.CORE_WAIT


def _within(run: Run, start_ns: int, end_ns: int) -> bool:
    overlap = min(run.end_ns, end_ns) - max(run.start_ns, start_ns)
    return overlap > min(NOISE_NS, (run.end_ns - run.start_ns) // 2)
