"""Hand-offs per second of each GIL over the last second, by the workers' spans and by CPython's own count."""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.monitor.cpython_switches import CPythonSwitches, GilKey
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import INTERPRETER
from pconc_tui.snapshot import GilRate
from pconc_tui.timeline.gil_waits import Gil


class HandoffRates:
    """The rates of all GILs that workers need; `update` once a frame."""

    def __init__(self) -> None:
        self.switches = CPythonSwitches()
        self.rates: tuple[GilRate, ...] = ()
        """Ordered by lab, process and interpreter."""
        self._handoffs: dict[GilKey, LastSecond] = {}
        self._switches: dict[GilKey, LastSecond] = {}

    def restart(self) -> None:
        """Forget the last second: what ran in it no longer runs."""
        self._handoffs.clear()
        self._switches.clear()

    def update(self, workers_by_lab: Sequence[list[WorkerTracker]], now_ns: int, known_ns: int) -> str | None:
        """Compute the rates; if a count has just become unreadable, return why.

        `known_ns`: up to when is known what the workers do, and so their hand-offs.
        """
        before = self.problem
        gils: dict[GilKey, tuple[int, Gil, int]] = {}
        for lab, workers in enumerate(workers_by_lab):
            for worker in workers:
                if worker.lane.gil and worker.thread[0]:
                    key = worker.thread[0], worker.header[INTERPRETER]
                    _, gil, alive = gils.get(key, (lab, worker.lane.gil, 0))
                    gils[key] = lab, gil, alive + worker.alive
        self.switches.read(gils.keys(), now_ns)
        for totals in (self._handoffs, self._switches):
            for key in totals.keys() - gils.keys():
                del totals[key]
        rates = [self._rate(key, *each, now_ns, known_ns) for key, each in gils.items()]
        self.rates = tuple(
            sorted((rate for rate in rates if rate.workers), key=lambda rate: (rate.lab, rate.pid, rate.interpreter))
        )
        return self.problem if before is None else None

    @property
    def problem(self) -> str | None:
        """Why one of CPython's counts can't be read; None: all can."""
        return next((rate.problem for rate in self.rates if rate.problem), None)

    def _rate(self, key: GilKey, lab: int, gil: Gil, workers: int, now_ns: int, known_ns: int) -> GilRate:
        handoffs = self._handoffs.setdefault(key, LastSecond())
        handoffs.add(known_ns, gil.handoffs.total())
        count, problem = self.switches.count(key), self.switches.problem(key)
        if count is None:
            self._switches.pop(key, None)
        else:
            self._switches.setdefault(key, LastSecond()).add(now_ns, count)
        by_cpython = self._switches[key].rate if count is not None and problem is None else None
        return GilRate(lab, *key, workers, handoffs.rate, by_cpython, problem)
