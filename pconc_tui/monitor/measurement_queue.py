"""Makes measurements one after another: single ones, and those of a comparison."""

from __future__ import annotations

from collections.abc import Callable

from pconc_tui.measurement import Comparison, Measurement, Progress
from pconc_tui.monitor.comparison_run import ComparisonRun
from pconc_tui.monitor.group import Group
from pconc_tui.monitor.handoff_rates import HandoffRates
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.measurement_run import MeasurementRun
from pconc_tui.monitor.system import SystemTotals
from pconc_tui.monitor.worker_registry import WorkerRegistry
from pconc_tui.requests import Plan, Request


class MeasurementQueue:
    """The current measurement and comparison, and the results; `advance` once a frame."""

    def __init__(
        self, registry: WorkerRegistry, rates: HandoffRates, system: Callable[[int], SystemTotals], cores: float
    ) -> None:
        self.results: list[Measurement] = []
        """Of single measurements, oldest first; those of a comparison belong to it."""
        self._registry = registry
        self._rates = rates
        self._system = system
        self._cores = cores
        self._current: MeasurementRun | None = None
        self._comparison: ComparisonRun | None = None
        self._last: MeasurementRun | None = None
        """The last measurement of a comparison."""
        self._labs_before: frozenset[LabSpec] | None = None
        """The labs that there were before a comparison; None once what it has started is gone."""

    @property
    def busy(self) -> bool:
        """Whether a measurement is in progress."""
        return self._current is not None

    def measure(self, request: Request) -> None:
        """Stop all workers, then make this measurement."""
        self._registry.stop_all()
        self._current = MeasurementRun(request, self._registry, self._rates, self._system, self._cores)

    def compare(self, plan: Plan, now_ns: int) -> None:
        """Stop all workers, then make all measurements of this plan."""
        self._comparison = ComparisonRun(plan, now_ns)
        if self._labs_before is None:
            self._labs_before = frozenset(self._registry.labs)
        self._measure_next()

    def advance(self, now_ns: int) -> Measurement | None:
        """Continue the current measurement; when it is complete, start the comparison's next one.

        Returns the new result of a single measurement, if there is one.
        """
        if self._current is None:
            return None
        self._current.advance(now_ns)
        result = self._current.result
        if result is None:
            return None
        self._current = None
        if self._comparison is not None and self._comparison.next_request() is not None:
            self._comparison.add_result(result, now_ns)
            self._measure_next()
            return None
        self.results.append(result)
        return result

    def misses_workers(self, group: Group) -> bool:
        """Whether the group is the one run of a measurement of several workers."""
        return self._current is not None and self._current.misses_workers(group)

    def give_up(self, problem: str, now_ns: int) -> None:
        """End the current comparison, whose rows stay, or else the current measurement; its result has this problem."""
        if self._comparison is not None and self._comparison.next_request() is not None:
            self._comparison.end(problem, now_ns)
            self._current = None
            self._registry.stop_all()
        elif self._current is not None:
            self._current.give_up(problem, now_ns)

    def cancel(self, now_ns: int) -> None:
        """End the current comparison, whose rows stay, or else forget the current measurement."""
        if self._comparison is not None and self._comparison.next_request() is not None:
            self._comparison.end("it was given up", now_ns)
        self._current = None

    def forget(self) -> None:
        """Forget the results and the comparison."""
        self.results.clear()
        self._comparison = None

    def close_labs(self) -> None:
        """Close the labs in which no worker lives, except the default one; `leave_comparison` does that."""
        used = {lab.spec for lab, workers in self._registry.by_lab(self._registry.alive()) if workers}
        self._labs_before = frozenset({self._registry.lab_spec(), *used})

    def leave_comparison(self) -> bool:
        """After a comparison, forget its workers once they have ended, then close its labs, one a frame.

        So nothing of the last case stays on the screen. Returns whether the workers have just been forgotten.
        """
        if self._labs_before is None or self.busy or (self._last and self._last.alive):
            return False
        forgets, self._last = self._last is not None, None
        if forgets:
            self._registry.forget_ended()
        opened = [spec for spec in self._registry.labs if spec not in self._labs_before]
        if opened:
            self._registry.close_lab(opened[0])
        if len(opened) <= 1:
            self._labs_before = None
        return forgets

    def progress(self, now_ns: int) -> Progress | None:
        """Progress of the current measurement; None: there is none."""
        return None if self._current is None else self._current.progress(now_ns)

    def comparison(self, now_ns: int, progress: Progress | None) -> Comparison | None:
        """The current comparison, or the last one; `progress`: of the current measurement."""
        return None if self._comparison is None else self._comparison.snapshot(now_ns, progress)

    def _measure_next(self) -> None:
        request = self._comparison.next_request() if self._comparison else None
        if request is not None:
            self.measure(request)
            self._last = self._current
