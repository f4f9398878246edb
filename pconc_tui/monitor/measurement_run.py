"""A measurement in progress: one run, unless the request does without it, then N runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pconc_tui import experiments
from pconc_tui.measurement import BlockedWorker, Measurement, Progress
from pconc_tui.models import POOLS
from pconc_tui.monitor import measurement_result
from pconc_tui.monitor.group import Group
from pconc_tui.monitor.handoff_rates import HandoffRates
from pconc_tui.monitor.helper_threads import HelperSampler
from pconc_tui.monitor.memory import RunMemory
from pconc_tui.monitor.system import SystemTotals
from pconc_tui.monitor.worker_registry import WorkerRegistry
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import RSS
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.requests import Request, RequestError
from pconc_tui.timeline.final_spans import PIECE

DEFAULT_SWITCH_INTERVAL_S = 0.005
"""Of CPython."""
STANDSTILL_NS = 2_000_000_000
"""After this time a deadlock, or a run that a killed worker blocks, is resolved by stopping all workers."""
ASK_NS = 500_000_000
"""How long workers may take to report what they wait for."""
GIVE_UP_NS = 1_000_000_000
"""The time that workers have to stop when a measurement is given up; those that don't are reported as they are."""

HISTORY_PIECES = 2**23 // PIECE
"""Pieces of history that the workers of a run may keep together: 64 MiB, enough for 60 s of 256 workers."""


class MeasurementRun:
    """Starts the runs of one measurement through the registry; `advance` once a frame."""

    def __init__(
        self,
        request: Request,
        registry: WorkerRegistry,
        rates: HandoffRates,
        system: Callable[[int], SystemTotals],
        cores: float,
    ) -> None:
        """`system` reads the machine's CPU figures, which other programs contribute to."""
        self.request = request
        self.result: Measurement | None = None
        """The figures; None until it is complete."""
        self._lab = registry.lab_spec(request)
        self._registry = registry
        self._rates = rates
        self._system = system
        self._cores = cores
        self._experiment = experiments.load(request.experiment)
        self._sizes = (1, request.workers) if request.single_run else (request.workers,)
        """The number of workers of each run."""
        self._groups: list[Group] = []
        self._memory = RunMemory()
        self._helpers = HelperSampler()
        self._one_run_switches: int | None = None
        self._before: SystemTotals | None = None
        self._problem: str | None = None
        self._asked_ns: int | None = None
        """When it was given up; before the workers are stopped, they are asked what they wait for."""
        self._given_up_ns: int | None = None
        """When the workers were stopped since it was given up."""
        self._waits: tuple[BlockedWorker, ...] = ()
        self._switches_before = 0
        self._switches_problem: str | None = None
        self._last_change: tuple[int, list[int]] = (0, [])
        self._now_ns = 0
        self._steps = self._run()

    def advance(self, now_ns: int) -> None:
        """Continue if the awaited condition holds; sets `result` at the end."""
        self._now_ns = now_ns
        asking = self._asked_ns is not None and self._given_up_ns is None
        if asking and (self._groups[-1].standstill.workers or now_ns - (self._asked_ns or 0) > ASK_NS):
            self._stop_given_up(now_ns)
        next(self._steps, None)

    def give_up(self, problem: str, now_ns: int) -> None:
        """Stop the workers; the result has what was measured so far, and this problem."""
        if self._problem is None:
            self._problem, self._asked_ns = problem, now_ns
            group = self._groups[-1] if self._groups else None
            if group is None or group.standstill.workers or not group.standstill.find_at_once(group.members, now_ns):
                self._stop_given_up(now_ns)

    @property
    def alive(self) -> bool:
        """Whether any of its workers lives."""
        return any(group.alive for group in self._groups)

    def misses_workers(self, group: Group) -> bool:
        """Whether the group is the one run, of several workers that may need each other."""
        return group in self._groups and len(group.members) < self.request.workers

    def _stop_given_up(self, now_ns: int) -> None:
        self._given_up_ns = now_ns
        self._waits = self._groups[-1].standstill.workers if self._groups else ()
        self._registry.stop_all()

    def progress(self, now_ns: int) -> Progress:
        """Progress of both runs; every worker counts the same, but where workers have roles every run does."""
        workers = self.request.workers
        weights = ((1, 1) if self._experiment.role else (1, workers))[-len(self._sizes) :]
        done = sum(weight * self._done(group, now_ns) for weight, group in zip(weights, self._groups, strict=False))
        return Progress(
            experiment=self.request.experiment,
            model=self.request.model,
            phase="one run" if self.request.single_run and len(self._groups) < 2 else f"{workers} runs",
            fraction=done / sum(weights),
            variant=self.request.variant,
            one_run_s=self._groups[0].seconds if len(self._groups) == 2 else None,
            delays_alone=self._groups[0].delays if len(self._groups) == 2 else None,
        )

    def _done(self, group: Group, now_ns: int) -> float:
        """Part of a run that is done, 0 to 1: the mean, or where workers have roles the maximum."""
        done = [self._worker_done(member, now_ns) for member in group.members]
        return max(done) if self._experiment.role else sum(done) / len(done)

    def _worker_done(self, member: WorkerTracker, now_ns: int) -> float:
        """Part of a worker's work that is done, 0 to 1; for a sampled function an estimate from the one run's time."""
        if member.observed is None or not member.alive or member.lane.started_ns is None:
            return member.progress(now_ns)
        ran_s = (now_ns - member.lane.started_ns) / 1e9
        alone_s = self._groups[0].seconds
        if alone_s is None:
            return ran_s / (ran_s + 1)
        return min(0.95, ran_s / (alone_s * max(1.0, self.request.workers / self._cores)))

    def _run(self) -> Iterator[None]:
        for workers in self._sizes:
            while not self._registry.is_ready(self.request) and not self._given_up():
                yield
            if self._given_up():
                break
            self._switches_before = self._rates.switches.total
            self._switches_problem = None
            try:
                group = self._start(workers)
            except RequestError as error:
                self._problem = str(error)
                break
            self._groups.append(group)
            self._before = self._before or self._system(self._now_ns)
            while not group.reported and not self._given_up(GIVE_UP_NS):
                self._switches_problem = self._switches_problem or self._rates.problem
                failed = group.problem is not None and (self._experiment.role or self._blocked(group))
                if failed or self._deadlocked(group):
                    self._registry.stop_all()
                if self._many is group:
                    self._memory.update(self._processes(group), self._done(group, self._now_ns))
                elif group.members[0].observed is not None and all(group.members[0].thread):
                    self._helpers.sample(*group.members[0].thread)
                yield
            if self._many is group:
                self._memory.update(self._processes(group), 1.0)
            else:
                self._one_run_switches = self._switches(group)
            since_ns = self._now_ns
            while self._leaves_processes(group) and self._now_ns - since_ns < STANDSTILL_NS:
                yield
            if group.problem is not None or self._given_up():
                break
        self.result = self._result()

    def _given_up(self, since_ns: int = 0) -> bool:
        """Whether the measurement was given up, at least this long ago."""
        return self._given_up_ns is not None and self._now_ns - self._given_up_ns >= since_ns

    @property
    def _many(self) -> Group | None:
        """The N runs; None: they have not started."""
        return self._groups[-1] if len(self._groups) == len(self._sizes) else None

    def _start(self, workers: int) -> Group:
        request = replace(self.request, workers=workers)
        self._registry.forget_ended()
        if self._groups:
            self._registry.one_run = self._groups[0].members[0].snapshot(self._now_ns)
        group = self._registry.new_group((request.experiment, request.model, self._lab))
        self._registry.start(group, request, endless=False)
        for member in group.members:
            member.lane.keep_at_least(HISTORY_PIECES // workers)
        return group

    def _leaves_processes(self, group: Group) -> bool:
        """Whether processes may still run that a user's function left."""
        lab = self._registry.labs.get(self._lab)
        if lab is None or lab.exit_reason or not names_function(self.request.experiment):
            return False
        return group.finished is None or lab.ending_left_processes

    def _deadlocked(self, group: Group) -> bool:
        """Whether the workers have been in a deadlock for long enough that a user has seen it."""
        since_ns = group.deadlocks.since_ns
        return since_ns is not None and self._now_ns - since_ns >= STANDSTILL_NS

    def _blocked(self, group: Group) -> bool:
        """Whether no worker has changed its slot for so long that all must wait for what a killed worker held."""
        if not self._experiment.shares:
            return False
        headers = [word for member in group.members if member.alive for word in member.header]
        if headers != self._last_change[1]:
            self._last_change = self._now_ns, headers
        return self._now_ns - self._last_change[0] >= STANDSTILL_NS

    def _processes(self, group: Group) -> dict[int, int]:
        """The resident size in bytes that each worker's process has published, by process id; 0: it has not started."""
        found = {member.thread[0]: member.header[RSS] for member in group.members}
        if self.request.model in POOLS:
            found.pop(0, None)  # Queued tasks need no process of their own.
        return found

    def _result(self) -> Measurement:
        result = measurement_result.without_runs(self.request, self._lab.start_method, self._cores, self._problem)
        if not self._groups:
            return result
        one, many = self._groups[0] if self.request.single_run else None, self._many
        memory = self._memory.total
        lab = self._registry.labs.get(self._lab)
        tree = None if lab is None or lab.observer is None else lab.observer.tree
        figures = measurement_result.with_runs(result, one, many, self._core_share(one, result), self._now_ns, tree)
        if self._given_up():  # The last run has no time.
            problem, waits = self._problem, self._waits
            figures = replace(figures, n_runs_s=None, cores_busy=None, deadlock=(), problem=problem, blocked=waits)
        return replace(
            figures,
            disturbance=self._system(self._now_ns).since(self._before) if self._before else None,
            switches=self._switches(self._groups[-1]),
            switches_problem=self._switches_problem,
            rss=None if memory is None else memory.rss,
            pss=None if memory is None else memory.pss,
        )

    def _core_share(self, one: Group | None, result: Measurement) -> float:
        """As the experiment states it, or for a sampled function as measured in the one run."""
        if one is None or one.members[0].observed is None:
            return result.core_share
        return measurement_result.sampled_core_share(one, self._cores, self._helpers, self._helpers_take_turns(one))

    def _helpers_take_turns(self, one: Group) -> bool:
        """Whether the helper threads of the one run need the GIL: it is handed off about once a switch interval."""
        if one.members[0].lane.gil is None:
            return False
        if self._one_run_switches is None:
            return True
        lab = self._registry.labs.get(self._lab)
        interval_s = (lab and lab.snapshot().switch_interval_s) or DEFAULT_SWITCH_INTERVAL_S
        helpers_s = sum(each.helpers_ns for each in one.processes()) / 1e9
        return self._one_run_switches * interval_s >= helpers_s / 4

    def _switches(self, group: Group) -> int | None:
        """Hand-offs of the last run by CPython's own count; None: no GIL, or not readable."""
        needed = any(member.lane.gil for member in group.members)
        return self._rates.switches.total - self._switches_before if needed and not self._switches_problem else None
