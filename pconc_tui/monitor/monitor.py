"""The bench itself: launches workers in a lab, follows them, and makes a snapshot of everything."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from pconc_tui import experiments, words
from pconc_tui.bench import BenchError
from pconc_tui.models import STARTING_PROCESSES, unknown
from pconc_tui.monitor import system
from pconc_tui.monitor.comparing import Comparing
from pconc_tui.monitor.group import Group, Kind
from pconc_tui.monitor.lab import LabKind
from pconc_tui.monitor.log import Log
from pconc_tui.monitor.measuring import Measuring, Request
from pconc_tui.monitor.rates import GilRates
from pconc_tui.monitor.recent import Recent
from pconc_tui.monitor.roster import Roster
from pconc_tui.monitor.tracked import Tracked
from pconc_tui.plan import Plan
from pconc_tui.snapshot import Counters, Measurement, Snapshot
from pconc_tui.target import names_function

HISTORY_PIECES = 40
SAMPLE_NS = 500_000_000
"""How often the system is asked about cores and threads."""
MOST_WORKERS = 256


class Monitor:
    """Implements `pconc_tui.bench.Bench`. Not thread-safe; nothing in it waits, but for `close`."""

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
        self._roster = Roster(clock, self._log, history_pieces)
        self._counters: dict[tuple[Kind, str], Group] = {}
        self._measuring: Measuring | None = None
        self._measurements: list[Measurement] = []
        self._comparing: Comparing | None = None
        self._sampled_ns = 0
        self._core_loads: tuple[float, ...] | None = None
        self._app_cpu = Recent()
        self._handoffs = Recent()
        self._gils = GilRates()

    # What can be asked for.

    def open_lab(self) -> None:
        """Start the lab ahead of the first launch."""
        site = self._roster.site(LabKind(self._python))
        if any(names_function(each.id) for each in experiments.catalogue()):
            site.sampler.hear()

    def launch(
        self,
        experiment: str,
        variant: str,
        model: str,
        python: str | None = None,
        start_method: str | None = None,
    ) -> None:
        """Start one more worker, which runs until stopped where the experiment is endless."""
        self._must_be_free()
        wanted = experiment, model, self._kind(model, python, start_method)
        group = next((group for group in self._roster.groups.values() if group.kind == wanted), None)
        if group is None:
            group = self._roster.new_group(*wanted)
        self._roster.start(group, variant, 1, 1.0, endless=experiments.load(experiment).endless)

    def measure(
        self,
        experiment: str,
        variant: str,
        model: str,
        workers: int,
        scale: float = 1.0,
        python: str | None = None,
        start_method: str | None = None,
    ) -> None:
        """Stop what runs, then measure one run and N runs."""
        self._must_be_free()
        if problem := unknown(model, experiment, experiments.load(experiment).models):
            raise BenchError(problem)
        if not 1 <= workers <= MOST_WORKERS:
            raise BenchError(f"workers must be from 1 to {MOST_WORKERS}")
        self._measure(Request(experiment, variant, model, workers, scale, self._kind(model, python, start_method)))

    def compare(self, plan: Plan) -> None:
        """Stop what runs, then measure all cases of the plan in turn."""
        self._must_be_free()
        self._comparing = Comparing(plan, self._clock())
        self._measure_next()

    def stop(self, worker: int) -> None:
        """Ask a worker to stop."""
        self._roster.stop([tracked for tracked in self._roster.alive() if tracked.id == worker])

    def stop_all(self) -> None:
        """Ask all workers to stop, and give up a measurement under way."""
        if self._comparing and self._comparing.request():
            self._comparing = None
        self._measuring = None
        self._roster.stop(self._roster.alive())

    def kill(self, worker: int) -> None:
        """End a worker process with SIGKILL."""
        for tracked in self._roster.alive():
            if tracked.id == worker:
                if tracked.model != "processes":
                    raise BenchError(f"{tracked.name} has no process of its own, so it can only be stopped")
                tracked.lab.send(do="kill", workers=[worker])

    def clear(self) -> None:
        """Forget the workers that have ended, the counters and the log; the scoreboard stays."""
        self._roster.forget_ended()
        self._counters.clear()
        self._log.clear()

    def clear_scoreboard(self) -> None:
        """Forget the measurements."""
        self._measurements.clear()

    def set_switch_interval(self, seconds: float) -> None:
        """Change `sys.setswitchinterval` wherever workers run, at once."""
        self._roster.switch(seconds)

    def close(self) -> None:
        """End the labs and everything in them."""
        self._roster.close()

    @property
    def event_fds(self) -> list[int]:
        """Readable when something has happened; for those who wait rather than draw frames."""
        return [site.lab.events_fd for site in self._roster.sites.values() if not site.death]

    # What there is to see.

    def poll(self) -> Snapshot:
        """The picture now."""
        now_ns = self._clock()
        watched = self._roster.alive()
        self._roster.follow(now_ns)
        if now_ns - self._sampled_ns >= SAMPLE_NS:
            self._sample(now_ns, watched)
        alive = self._roster.alive()
        for worker in alive:
            worker.note(now_ns)
        for site, workers in self._roster.by_site(watched):
            site.look(workers)
        problem = self._gils.look([workers for _, workers in self._roster.by_site(watched)], now_ns)
        if problem:
            self._log.add(now_ns, "monitor", f"CPython's own count of hand-offs is not readable: {problem}")
        for group in self._roster.groups.values():
            if group.look(now_ns):
                self._log.add(now_ns, "monitor", words.deadlock(group.waits.deadlock))
        self._handoffs.add(now_ns, self._roster.handoffs, self._gils.switches.total)
        if self._measuring:
            self._measuring.advance(now_ns)
            if self._measuring.result:
                self._measured(self._measuring.result, now_ns)
        return self._snapshot(now_ns)

    def _snapshot(self, now_ns: int) -> Snapshot:
        alive = self._roster.alive()
        # Tasks share a thread, and its CPU time must not be counted twice.
        cpu = {worker.thread: worker.cpu for worker in alive}
        workers = tuple(worker.view(now_ns) for worker in self._roster.workers.values())
        recent = [worker.recent for worker in workers if worker.recent]
        window = max((times.wall for times in recent), default=0.0)
        handoffs = self._handoffs.rates()
        needed = any(worker.lane.gil for worker in alive)
        app_cpu = self._app_cpu.rates()
        known = [each for each in cpu.values() if each is not None]
        progress = self._measuring.progress(now_ns) if self._measuring else None
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
            comparison=self._comparing.view(now_ns, progress) if self._comparing else None,
            log=self._log.lines,
            log_dropped=self._log.dropped,
            labs=tuple(site.view() for site in self._roster.sites.values()),
        )

    def _counters_now(self) -> tuple[Counters, ...]:
        groups = [*self._counters.values(), *(group for group in self._roster.groups.values() if group.members)]
        # Keyed anew each time, since a group's variant changes when a worker of another one joins it.
        self._counters = {(group.kind, group.variant): group for group in groups}
        newest_first = sorted(self._counters.values(), key=lambda group: -group.number)
        return tuple(counters for group in newest_first if (counters := group.counters()))

    # How it is done.

    def _kind(self, model: str, python: str | None, start_method: str | None) -> LabKind:
        """The lab in which the model's workers are to live."""
        return LabKind(python or self._python, start_method if model in STARTING_PROCESSES else None)

    def _must_be_free(self) -> None:
        if self._measuring:
            raise BenchError("a measurement is under way; stop it first")

    def _measure(self, request: Request) -> None:
        self._roster.stop(self._roster.alive())
        self._measuring = Measuring(
            request,
            self._cores,
            idle=lambda: self._roster.ready(request.lab, request.experiment),
            start=self._start_run,
            stop=lambda: self._roster.stop(self._roster.alive()),
            switches=self._gils,
        )

    def _measure_next(self) -> None:
        request = self._comparing.request() if self._comparing else None
        if request:
            self._measure(request)

    def _measured(self, result: Measurement, now_ns: int) -> None:
        compared = self._comparing is not None and self._comparing.request() is not None
        self._measuring = None
        if self._comparing and compared:
            self._comparing.take(result, now_ns)
            self._measure_next()
        else:
            self._measurements.append(result)

    def _start_run(self, workers: int) -> Group:
        assert self._measuring is not None
        request = self._measuring.request
        self._roster.forget_ended()
        group = self._roster.new_group(request.experiment, request.model, request.lab)
        self._roster.start(group, request.variant, workers, request.scale, endless=False)
        return group

    def _sample(self, now_ns: int, alive: list[Tracked]) -> None:
        self._sampled_ns = now_ns
        self._core_loads = system.core_loads()
        self._app_cpu.add(now_ns, system.own_cpu_ns())
        for worker in alive:
            worker.sample(now_ns)
