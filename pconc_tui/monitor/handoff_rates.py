"""How often each GIL was handed over in the last second: by the workers' spans, and by CPython's own count."""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.monitor.cpython_switches import CPythonSwitches, Place
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import INTERPRETER
from pconc_tui.snapshot import GilRate
from pconc_tui.timeline.gil import Gil


class HandoffRates:
    """Follows the GILs that workers need; `look` once a frame."""

    def __init__(self) -> None:
        self.switches = CPythonSwitches()
        self.now: tuple[GilRate, ...] = ()
        self._handoffs: dict[Place, LastSecond] = {}
        self._counts: dict[Place, LastSecond] = {}

    def look(self, labs: Sequence[list[WorkerTracker]], now_ns: int) -> str | None:
        """Take the figures of the workers that live, lab by lab; why, if some turn out not to be readable."""
        before = self.problem
        found: dict[Place, tuple[int, Gil, int]] = {}
        for lab, workers in enumerate(labs):
            for worker in workers:
                if worker.lane.gil and worker.thread[0]:
                    place = worker.thread[0], worker.header[INTERPRETER]
                    _, gil, count = found.get(place, (lab, worker.lane.gil, 0))
                    found[place] = lab, gil, count + worker.alive
        self.switches.read(found.keys(), now_ns)
        for past in (self._handoffs, self._counts):
            for place in past.keys() - found.keys():
                del past[place]
        rates = [self._rate(place, *each, now_ns) for place, each in found.items()]
        self.now = tuple(
            sorted((rate for rate in rates if rate.workers), key=lambda rate: (rate.lab, rate.pid, rate.interpreter))
        )
        return self.problem if before is None else None

    @property
    def problem(self) -> str | None:
        """Why one of them can't be read; None: all can."""
        return next((rate.problem for rate in self.now if rate.problem), None)

    def _rate(self, place: Place, lab: int, gil: Gil, workers: int, now_ns: int) -> GilRate:
        handoffs = self._handoffs.setdefault(place, LastSecond())
        handoffs.add(now_ns, gil.handoffs.total())
        count, problem = self.switches.count(place), self.switches.problem(place)
        if count is None:
            self._counts.pop(place, None)
        else:
            self._counts.setdefault(place, LastSecond()).add(now_ns, count)
        own = self._counts[place].rates() if count is not None and problem is None else None
        told = handoffs.rates()
        return GilRate(
            lab, *place, workers, None if told is None else told[0], None if own is None else own[0], problem
        )
