"""The monitor: executes requests, and makes a Snapshot of everything each frame."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from pconc_tui import experiments
from pconc_tui.measurement import Counters
from pconc_tui.models import model_problem
from pconc_tui.monitor.cpu_quota import usable_cores
from pconc_tui.monitor.group import Group, Kind
from pconc_tui.monitor.handoff_rates import HandoffRates
from pconc_tui.monitor.lab_events import LabEvents
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.log import Log
from pconc_tui.monitor.measurement_queue import MeasurementQueue
from pconc_tui.monitor.process_cpu import ProcessCpu
from pconc_tui.monitor.process_tree import ProcessTree
from pconc_tui.monitor.shown_moment import LONGEST_LAG_NS, ShownMoment
from pconc_tui.monitor.system import SystemTotals, SystemUsage
from pconc_tui.monitor.worker_registry import WorkerRegistry
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Plan, Request, RequestError
from pconc_tui.snapshot import Snapshot, Standstill
from pconc_tui.text import sentences
from pconc_tui.text.headline import observed

MAX_HISTORY_PIECES = 40
SAMPLE_INTERVAL_NS = 500_000_000
"""From one reading of the figures of cores and threads to the next, at least."""
RECORDED_INTERVAL_NS = 900_000_000
"""The same where records say what workers do: each second time that these are read."""
MAX_WORKERS = 256


class Monitor:
    """Owns the labs. Not thread-safe; no method blocks except `close`."""

    def __init__(
        self,
        python: str = sys.executable,
        clock: Callable[[], int] = time.perf_counter_ns,
        cores: float | None = None,
        history_pieces: int | None = MAX_HISTORY_PIECES,
        source: Source | None = None,
        first_id: int = 0,
    ) -> None:
        """`python`: default interpreter of requests; `clock`: in ns; `cores`: that workers may use, None: ask the
        system; `history_pieces`: kept of each lane, None: all; `source`: of the lanes of users' functions, None: the
        best that the system permits; `first_id`: ids of workers are above it.
        """
        self._clock = clock
        self._cores = cores or usable_cores()
        self._log = Log(clock())
        self._registry = WorkerRegistry(python, clock, history_pieces, source, first_id)
        self._lab_events = LabEvents(self._registry, self._log)
        self._handoff_rates = HandoffRates()
        self._handoffs, self._switches = LastSecond(), LastSecond()
        self._shown = ShownMoment()
        self._last: Snapshot | None = None
        """The last Snapshot, unless a request has changed since what it shows."""
        self._counted: dict[tuple[Kind, str], Group] = {}
        self._tree = ProcessTree()
        self._process_cpu = ProcessCpu()
        self._system = SystemUsage()
        self._measurements = MeasurementQueue(self._registry, self._handoff_rates, self._read_system, self._cores)
        self._sampled_ns = 0
        self._has_run = False
        self._said_problems: set[str] = set()
        self._ending: set[int] | None = None
        """The workers that lived when all was reset; None once they have ended."""
        self._running: dict[int, str] = {}
        """The experiments of the workers that lived at the last poll, by the workers' ids."""

    # Requests

    def open_lab(self) -> None:
        """Start the lab ahead of the first launch. Raises RequestError if the interpreter can't be started."""
        lab = self._registry.lab(self._registry.lab_spec())
        if any(names_function(each.id) for each in experiments.catalogue()):
            self._registry.observe(lab)  # Ahead of its first use.

    def launch(self, request: Request) -> None:
        """Start one more worker, which runs until stopped if the experiment is endless. Raises RequestError."""
        self._require_idle()
        kind = request.experiment, request.model, self._registry.lab_spec(request)
        group = next((each for each in self._registry.groups.values() if each.kind == kind and not each.closed), None)
        if group is None:
            group = self._registry.new_group(kind)
        endless = experiments.load(request.experiment).endless
        self._registry.one_run = None
        self._registry.start(group, replace(request, workers=1, scale=1.0), endless)
        self._has_run = True

    def measure(self, request: Request) -> None:
        """Stop all workers, then measure one run and N runs. Raises RequestError."""
        self._require_idle()
        if problem := model_problem(request.model, request.experiment, experiments.load(request.experiment).models):
            raise RequestError(problem)
        if not 1 <= request.workers <= MAX_WORKERS:
            raise RequestError(f"workers must be from 1 to {MAX_WORKERS}")
        self._measurements.measure(request)
        self._has_run = True

    def compare(self, plan: Plan) -> None:
        """Stop all workers, then measure all cases of the plan in turn. Raises RequestError."""
        self._require_idle()
        self._measurements.compare(plan, self._clock())
        self._has_run = True

    def stop(self, worker: int) -> None:
        """Ask a worker to stop."""
        self._registry.stop([tracker for tracker in self._registry.alive() if tracker.id == worker])

    def stop_all(self) -> None:
        """Ask all workers to stop, and cancel the current measurement or comparison."""
        self._last = None
        self._measurements.cancel(self._clock())
        self._registry.stop_all()

    def give_up(self, problem: str) -> None:
        """Stop the workers and end the measurement or comparison, which has this problem; what was measured stays."""
        self._last = None
        self._measurements.give_up(problem, self._clock())

    def kill(self, worker: int) -> None:
        """Kill a worker's process with SIGKILL. Raises RequestError if it has no process of its own."""
        for tracker in self._registry.alive():
            if tracker.id == worker:
                if tracker.info.model != "processes":
                    raise RequestError(f"{tracker.name} has no process of its own, so it can only be stopped")
                tracker.lab.send(do="kill", workers=[worker])

    def clear(self) -> None:
        """Forget ended workers, counters and the log; measurements stay."""
        self._last = None
        self._registry.forget_ended()
        self._counted.clear()
        self._log.clear()

    def clear_scoreboard(self) -> None:
        """Forget the measurements."""
        self._last = None
        self._measurements.results.clear()

    def reset(self) -> None:
        """Stop all workers and forget everything: those that still live once they have ended."""
        self.stop_all()
        self._measurements.forget()
        self._ending = {worker.id for worker in self._registry.alive()}
        self._has_run = False
        self.clear()

    def set_switch_interval(self, seconds: float) -> None:
        """Change the switch interval wherever workers run, at once."""
        self._last = None
        self._registry.set_switch_interval(seconds)

    def close(self) -> None:
        """End the labs and all their workers, and wait for that."""
        self._registry.close()

    @property
    def event_fds(self) -> list[int]:
        """Descriptors that are readable when a lab has sent events: to wait for them between frames."""
        return self._registry.event_fds

    # Frames

    def poll(self) -> Snapshot:
        """The Snapshot of this moment; where no more is known than at the last poll, that one."""
        now_ns = self._clock()
        is_busy = self._measurements.busy or now_ns - self._shown.ns >= LONGEST_LAG_NS
        if self._last is None or is_busy or self._registry.has_unread:
            self._last = self._read()
        else:
            self._last = self._last.at(self._shown.move(now_ns, 0))
        return self._last

    def _read(self) -> Snapshot:
        """Read everything and make the Snapshot of it."""
        self._lab_events.receive()
        now_ns = self._clock()
        # Those that end in this frame too.
        workers = self._registry.alive()
        lost = {worker: worker.lost_transitions for worker in workers}
        self._registry.read()
        self._registry.finalize(self._shown.next(now_ns, self._registry.known_ns(now_ns)))
        self._lab_events.handle(now_ns)
        ends_ns = (worker.lane.ended_ns or 0 for worker in workers)
        shown_ns = self._shown.move(now_ns, max([self._registry.known_ns(now_ns), *ends_ns]))
        for worker, before in lost.items():
            if worker.lost_transitions > before:
                self._log.add(
                    now_ns, "monitor", sentences.lost_transitions(worker.name, worker.lost_transitions - before)
                )
        self._restart_figures({worker.id: worker.info.experiment for worker in workers})
        if now_ns - self._sampled_ns >= (RECORDED_INTERVAL_NS if shown_ns < now_ns else SAMPLE_INTERVAL_NS):
            self._sampled_ns = now_ns
            for worker in workers:
                worker.sample(shown_ns, now_ns)
            for lab in self._registry.labs.values():
                if lab.helpers is not None:
                    lab.helpers.sample(shown_ns, now_ns)
            self._read_system(now_ns)
        for worker in self._registry.alive():
            worker.add_delays(now_ns)
        workers_by_lab = self._registry.by_lab(workers)
        for lab, own in workers_by_lab:
            lab.update(own)
        self._say_source(now_ns)
        problem = self._handoff_rates.update([own for _, own in workers_by_lab], now_ns, shown_ns)
        if problem:
            self._log.add(now_ns, "monitor", f"CPython's own count of hand-offs is not readable: {problem}")
        if self._ending is not None and self._ending.isdisjoint(worker.id for worker in self._registry.alive()):
            self._ending = None
            self.clear()
            self._measurements.close_labs()
        for group in self._registry.groups.values():
            if group.update(now_ns):
                self._log.add(now_ns, "monitor", sentences.deadlock(group.deadlocks.deadlock))
            self._find_standstill(group, now_ns)
        self._handoffs.add(shown_ns, self._registry.handoffs)
        self._switches.add(now_ns, self._handoff_rates.switches.total)
        result = self._measurements.advance(now_ns)
        if self._measurements.leave_comparison():
            self._counted.clear()
        snapshot = self._snapshot(shown_ns, now_ns)
        if result is None:
            return snapshot
        results = self._measurements.results
        results[-1] = replace(result, observed=observed(snapshot, result))
        return replace(snapshot, measurements=tuple(results))

    def _restart_figures(self, running: dict[int, str]) -> None:
        """Begin the figures of the last second anew if what ran then has ended, or one of its experiments."""
        before, self._running = self._running, running
        if running and (running.keys().isdisjoint(before) or not {*before.values()} <= {*running.values()}):
            self._handoffs, self._switches = LastSecond(), LastSecond()
            self._handoff_rates.restart()
            self._process_cpu.restart()
            self._sampled_ns = 0

    def _say_source(self, now_ns: int) -> None:
        """Log once that lanes could come from a better source, and how."""
        problems = (lab.observer.problem for lab in self._registry.labs.values() if lab.observer is not None)
        for problem in filter(None, problems):
            if problem not in self._said_problems:
                self._said_problems.add(problem)
                self._log.add(now_ns, "monitor", f"lanes of your functions: {problem}")

    def _find_standstill(self, group: Group, now_ns: int) -> None:
        """Find out whether no worker of the group runs, and log what they wait for."""
        known = bool(group.standstill.workers)
        asked = group.standstill.update(group.members, group.model, self._process_cpu.helpers, now_ns)
        if asked:
            self._registry.request_stacks(asked)
        found = self._standstill(group)
        if found.workers and not known and not found.ends_itself:
            for line in sentences.standstill(found):
                self._log.add(now_ns, "monitor", line)

    def _standstill(self, group: Group) -> Standstill:
        misses_workers = group.has_started and self._measurements.misses_workers(group)
        return Standstill(group.id, group.standstill.workers, misses_workers)

    def _read_system(self, now_ns: int) -> SystemTotals:
        """Read the CPU figures of all processes and of the machine."""
        tree = self._tree.read()
        self._process_cpu.sample(self._registry.alive(), tree, now_ns)
        self._system.sample(now_ns, tree, self._process_cpu.pids)
        return self._system.totals

    def _snapshot(self, shown_ns: int, now_ns: int) -> Snapshot:
        alive = self._registry.alive()
        workers = tuple(worker.snapshot(shown_ns) for worker in self._registry.workers.values())
        recent = [worker.recent for worker in workers if worker.recent]
        window_s = max((times.wall for times in recent), default=0.0)
        shares = any(worker.lane.gil for worker in alive)
        problem = self._handoff_rates.problem
        progress = self._measurements.progress(now_ns)
        standing = [group for group in self._registry.groups.values() if group.standstill.workers]
        workers, helpers = self._registry.with_locks(workers, self._registry.helpers(shown_ns))
        return Snapshot(
            now_ns=shown_ns,
            core_count=self._cores,
            core_loads=self._system.core_loads,
            cores_busy=self._process_cpu.cores_busy if alive else 0.0,
            others=self._system.others,
            throttled=self._system.throttled,
            running_at_once=sum(times.running for times in recent) / window_s if window_s else None,
            handoffs_per_s=self._handoffs.rate if shares else None,
            switches_per_s=self._switches.rate if shares and not problem else None,
            switches_problem=problem,
            gils=self._handoff_rates.rates,
            app_cpu=self._system.app_cpu,
            workers=workers,
            helpers=helpers,
            one_run=self._registry.one_run,
            processes=self._process_cpu.snapshot(self._registry.groups.values()),
            counters=self._counters(),
            measurements=tuple(self._measurements.results),
            progress=progress,
            comparison=self._measurements.comparison(now_ns, progress),
            log=self._log.lines,
            log_began_ns=self._log.began_ns,
            log_dropped=self._log.dropped,
            log_cut=self._log.cut,
            labs=tuple(lab.snapshot() for lab in self._registry.labs.values()),
            has_run=self._has_run,
            standstills=tuple(map(self._standstill, standing)),
        )

    def _counters(self) -> tuple[Counters, ...]:
        """The counters of the newest group of each kind and variant, newest first."""
        groups = [*self._counted.values(), *(group for group in self._registry.groups.values() if group.members)]
        # The keys are made again each frame, since a group's variant changes when a worker of another one joins it.
        self._counted = {(group.kind, group.variant): group for group in groups}
        newest_first = sorted(self._counted.values(), key=lambda group: -group.id)
        return tuple(counters for group in newest_first if (counters := group.counters()))

    def _require_idle(self) -> None:
        if self._measurements.busy:
            raise RequestError("a measurement is in progress; stop it first")
