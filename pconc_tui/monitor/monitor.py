"""The bench itself: launches workers in a lab, follows them, and makes a snapshot of everything."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from pconc_tui import experiments
from pconc_tui.models import STARTING_PROCESSES, unknown
from pconc_tui.monitor import system
from pconc_tui.monitor.comparison_run import ComparisonRun
from pconc_tui.monitor.group import Group, Kind
from pconc_tui.monitor.handoff_rates import HandoffRates
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.log import Log
from pconc_tui.monitor.measurement_run import MeasurementRun
from pconc_tui.monitor.worker_registry import WorkerRegistry
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.requests import Plan, Request, RequestError
from pconc_tui.snapshot import Counters, Measurement, Snapshot
from pconc_tui.text import sentences

HISTORY_PIECES = 40
SAMPLE_NS = 500_000_000
"""How often the system is asked about cores and threads."""
MOST_WORKERS = 256


class Monitor:
    """Implements `pconc_tui.requests.Bench`. Not thread-safe; nothing in it waits, but for `close`."""

    def __init__(
        self,
        python: str = sys.executable,
        clock: Callable[[], int] = time.perf_counter_ns,
        cores: int | None = None,
        history_pieces: int | None = HISTORY_PIECES,
    ) -> None:
        self._python = python
        """The interpreter of launches that name none."""
        self._clock = clock
        self._cores = cores or system.usable_cores()
        self._log = Log(clock())
        self._registry = WorkerRegistry(clock, self._log, history_pieces)
        self._counters: dict[tuple[Kind, str], Group] = {}
        self._measurement: MeasurementRun | None = None
        self._measurements: list[Measurement] = []
        self._comparison: ComparisonRun | None = None
        self._sampled_ns = 0
        self._core_loads: tuple[float, ...] | None = None
        self._app_cpu = LastSecond()
        self._handoffs = LastSecond()
        self._gils = HandoffRates()

    # What can be asked for.

    def open_lab(self) -> None:
        """Start the lab ahead of the first launch."""
        site = self._registry.site(LabSpec(self._python))
        if any(names_function(each.id) for each in experiments.catalogue()):
            site.sampler.receive()

    def launch(self, request: Request) -> None:
        """Start one more worker, which runs until stopped where the experiment is endless."""
        self._require_idle()
        kind = request.experiment, request.model, self._lab_spec(request)
        group = next((group for group in self._registry.groups.values() if group.kind == kind), None)
        if group is None:
            group = self._registry.new_group(*kind)
        self._registry.start(group, request.variant, 1, 1.0, endless=experiments.load(request.experiment).endless)

    def measure(self, request: Request) -> None:
        """Stop what runs, then measure one run and N runs."""
        self._require_idle()
        if problem := unknown(request.model, request.experiment, experiments.load(request.experiment).models):
            raise RequestError(problem)
        if not 1 <= request.workers <= MOST_WORKERS:
            raise RequestError(f"workers must be from 1 to {MOST_WORKERS}")
        self._measure(request)

    def compare(self, plan: Plan) -> None:
        """Stop what runs, then measure all cases of the plan in turn."""
        self._require_idle()
        self._comparison = ComparisonRun(plan, self._clock())
        self._measure_next()

    def stop(self, worker: int) -> None:
        """Ask a worker to stop."""
        self._registry.stop([tracked for tracked in self._registry.alive() if tracked.id == worker])

    def stop_all(self) -> None:
        """Ask all workers to stop, and give up a measurement under way."""
        if self._comparison and self._comparison.request():
            self._comparison = None
        self._measurement = None
        self._registry.stop_all()

    def kill(self, worker: int) -> None:
        """End a worker process with SIGKILL."""
        for tracked in self._registry.alive():
            if tracked.id == worker:
                if tracked.model != "processes":
                    raise RequestError(f"{tracked.name} has no process of its own, so it can only be stopped")
                tracked.lab.send(do="kill", workers=[worker])

    def clear(self) -> None:
        """Forget the workers that have ended, the counters and the log; the scoreboard stays."""
        self._registry.forget_ended()
        self._counters.clear()
        self._log.clear()

    def clear_scoreboard(self) -> None:
        """Forget the measurements."""
        self._measurements.clear()

    def set_switch_interval(self, seconds: float) -> None:
        """Change `sys.setswitchinterval` wherever workers run, at once."""
        self._registry.switch(seconds)

    def close(self) -> None:
        """End the labs and everything in them."""
        self._registry.close()

    @property
    def event_fds(self) -> list[int]:
        """Readable when something has happened; for those who wait rather than draw frames."""
        return [site.lab.events_fd for site in self._registry.sites.values() if not site.death]

    # What there is to see.

    def poll(self) -> Snapshot:
        """The picture now."""
        now_ns = self._clock()
        watched = self._registry.alive()
        self._registry.follow(now_ns)
        if now_ns - self._sampled_ns >= SAMPLE_NS:
            self._sample(now_ns, watched)
        alive = self._registry.alive()
        for worker in alive:
            worker.note(now_ns)
        for site, workers in self._registry.by_lab(watched):
            site.look(workers)
        problem = self._gils.look([workers for _, workers in self._registry.by_lab(watched)], now_ns)
        if problem:
            self._log.add(now_ns, "monitor", f"CPython's own count of hand-offs is not readable: {problem}")
        for group in self._registry.groups.values():
            if group.look(now_ns):
                self._log.add(now_ns, "monitor", sentences.deadlock(group.waits.deadlock))
        self._handoffs.add(now_ns, self._registry.handoffs, self._gils.switches.total)
        if self._measurement:
            self._measurement.advance(now_ns)
            if self._measurement.result:
                self._measured(self._measurement.result, now_ns)
        return self._snapshot(now_ns)

    def _snapshot(self, now_ns: int) -> Snapshot:
        alive = self._registry.alive()
        # Tasks share a thread, and its CPU time must not be counted twice.
        cpu = {worker.thread: worker.cpu for worker in alive}
        workers = tuple(worker.view(now_ns) for worker in self._registry.workers.values())
        recent = [worker.recent for worker in workers if worker.recent]
        window = max((times.wall for times in recent), default=0.0)
        handoffs = self._handoffs.rates()
        needed = any(worker.lane.gil for worker in alive)
        app_cpu = self._app_cpu.rates()
        known = [each for each in cpu.values() if each is not None]
        progress = self._measurement.progress(now_ns) if self._measurement else None
        return Snapshot(
            now_ns=now_ns,
            core_count=self._cores,
            core_loads=self._core_loads,
            cores_busy=0.0 if not alive else sum(known) if known else None,
            running_at_once=sum(times.running for times in recent) / window if window else None,
            handoffs_per_s=handoffs[0] if handoffs and needed else None,
            switches_per_s=handoffs[1] if handoffs and needed and not self._gils.problem else None,
            switches_problem=self._gils.problem,
            gils=self._gils.now,
            app_cpu=None if app_cpu is None else app_cpu[0] / 1e9,
            workers=workers,
            counters=self._counters_now(),
            measurements=tuple(self._measurements),
            progress=progress,
            comparison=self._comparison.view(now_ns, progress) if self._comparison else None,
            log=self._log.lines,
            log_dropped=self._log.dropped,
            labs=tuple(site.view() for site in self._registry.sites.values()),
        )

    def _counters_now(self) -> tuple[Counters, ...]:
        groups = [*self._counters.values(), *(group for group in self._registry.groups.values() if group.members)]
        # Keyed anew each time, since a group's variant changes when a worker of another one joins it.
        self._counters = {(group.kind, group.variant): group for group in groups}
        newest_first = sorted(self._counters.values(), key=lambda group: -group.number)
        return tuple(counters for group in newest_first if (counters := group.counters()))

    # How it is done.

    def _lab_spec(self, request: Request) -> LabSpec:
        """The lab in which the request's workers live."""
        method = request.start_method if request.model in STARTING_PROCESSES else None
        return LabSpec(request.python or self._python, method)

    def _require_idle(self) -> None:
        if self._measurement:
            raise RequestError("a measurement is under way; stop it first")

    def _measure(self, request: Request) -> None:
        self._registry.stop_all()
        self._measurement = MeasurementRun(request, self._lab_spec(request), self._registry, self._gils, self._cores)

    def _measure_next(self) -> None:
        request = self._comparison.request() if self._comparison else None
        if request:
            self._measure(request)

    def _measured(self, result: Measurement, now_ns: int) -> None:
        compared = self._comparison is not None and self._comparison.request() is not None
        self._measurement = None
        if self._comparison and compared:
            self._comparison.take(result, now_ns)
            self._measure_next()
        else:
            self._measurements.append(result)

    def _sample(self, now_ns: int, alive: list[WorkerTracker]) -> None:
        self._sampled_ns = now_ns
        self._core_loads = system.core_loads()
        self._app_cpu.add(now_ns, system.own_cpu_ns())
        for worker in alive:
            worker.sample(now_ns)
