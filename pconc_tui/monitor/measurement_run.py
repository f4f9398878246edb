"""A measurement as the article does it: one run, then N at once."""

from __future__ import annotations

from collections.abc import Iterator

from pconc_tui import experiments
from pconc_tui.models import POOLS
from pconc_tui.monitor import system
from pconc_tui.monitor.group import Group
from pconc_tui.monitor.handoff_rates import HandoffRates
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.worker_registry import WorkerRegistry
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.requests import Request, RequestError
from pconc_tui.snapshot import Measurement, Progress

WEIGHED_AT = (0.5, 0.85)
"""How far the N runs must be for a look at their memory: that takes the system about a millisecond a process."""
BUSY = 0.5
"""From this part of its time on, a function that uses a core is one that needs it."""
DEADLOCK_NS = 2_000_000_000
"""After so long a deadlock is resolved by stopping all workers, and so is what comes to the same."""


class MeasurementRun:
    """A measurement under way; `advance` it once a frame."""

    def __init__(
        self,
        request: Request,
        lab: LabSpec,
        registry: WorkerRegistry,
        rates: HandoffRates,
        cores: int,
    ) -> None:
        self.request = request
        self.result: Measurement | None = None
        self._lab = lab
        self._registry = registry
        self._gils = rates
        self._cores = cores
        self._counted = 0
        self._unreadable: str | None = None
        self._now_ns = 0
        self._experiment = experiments.load(request.experiment)
        self._seen: tuple[int, list[int]] = (0, [])
        self._groups: list[Group] = []
        self._memory: system.Memory | None = None
        self._weighed = 0
        self._refusal: str | None = None
        self._steps = self._run()

    def advance(self, now_ns: int) -> None:
        """Go on where what it waits for has happened; sets `result` at the end."""
        self._now_ns = now_ns
        next(self._steps, None)

    def progress(self, now_ns: int) -> Progress:
        """How far it is: every worker of both runs counts the same; where they have roles, whoever is farthest."""
        workers = self.request.workers
        weights = (1, 1) if self._experiment.roles else (1, workers)
        done = sum(weight * self._part(group, now_ns) for weight, group in zip(weights, self._groups, strict=False))
        return Progress(
            experiment=self.request.experiment,
            model=self.request.model,
            phase="one run" if len(self._groups) < 2 else f"{workers} runs",
            fraction=done / sum(weights),
        )

    def _part(self, group: Group, now_ns: int) -> float:
        """How far a run is; where its workers have roles, as far as whoever is farthest."""
        done = [self._done(member, now_ns) for member in group.members]
        return max(done) if self._experiment.roles else sum(done) / len(done)

    def _done(self, member: WorkerTracker, now_ns: int) -> float:
        """How far a worker is; where it tells nothing of that, by how long one run took."""
        if member.sampled is None or not member.alive or member.lane.started_ns is None:
            return member.progress(now_ns)
        ran_s = (now_ns - member.lane.started_ns) / 1e9
        alone_s = self._groups[0].seconds
        if alone_s is None:
            return ran_s / (ran_s + 1)
        return min(0.95, ran_s / (alone_s * max(1.0, self.request.workers / self._cores)))

    def _needs_core(self) -> bool:
        """Whether the work needs a core all the time; of a function that is seen in its one run."""
        alone = self._groups[0] if self._groups else None
        if alone is None or alone.members[0].sampled is None:
            return self._experiment.needs_core
        seconds, cpu_s = alone.seconds, alone.members[0].cpu_s
        return seconds is None or cpu_s is None or cpu_s >= BUSY * seconds

    def _run(self) -> Iterator[None]:
        for workers in (1, self.request.workers):
            while not self._registry.ready(self._lab, self.request.experiment):
                yield
            self._counted = self._gils.switches.total
            self._unreadable = None
            try:
                group = self._start(workers)
            except RequestError as error:
                self._refusal = str(error)
                break
            self._groups.append(group)
            while (group.finished is None and group.problem is None) or any(member.alive for member in group.members):
                self._unreadable = self._unreadable or self._gils.problem
                hopeless = group.problem is not None and (self._experiment.roles or self._stuck(group))
                if hopeless or self._deadlocked(group):
                    self._registry.stop_all()
                if len(self._groups) == 2:
                    self._weigh(group)
                yield
            if group.problem is not None:
                break
        self.result = self._measured()

    def _start(self, workers: int) -> Group:
        request = self.request
        self._registry.forget_ended()
        group = self._registry.new_group(request.experiment, request.model, self._lab)
        self._registry.start(group, request.variant, workers, request.scale, endless=False)
        return group

    def _deadlocked(self, group: Group) -> bool:
        """Whether its workers have waited for each other for so long that everybody has seen it."""
        since_ns = group.waits.since_ns
        return since_ns is not None and self._now_ns - since_ns >= DEADLOCK_NS

    def _stuck(self, group: Group) -> bool:
        """Whether the rest of a run has stood still for so long that it must be for what a killed worker held."""
        if not self._experiment.shares:
            return False
        told = [word for member in group.members if member.alive for word in member.header]
        if told != self._seen[1]:
            self._seen = self._now_ns, told
        return self._now_ns - self._seen[0] >= DEADLOCK_NS

    def _weigh(self, group: Group) -> None:
        """Sum up the memory of the processes in which the workers run, once all have begun."""
        if self._weighed == len(WEIGHED_AT):
            return
        pids = {member.thread[0] for member in group.members}
        if self.request.model in POOLS:
            pids.discard(0)  # Of tasks that queue, which need no process of their own.
        if self._part(group, self._now_ns) < WEIGHED_AT[self._weighed] or not pids or 0 in pids:
            return
        each = [system.memory(pid) for pid in pids]
        known = [memory for memory in each if memory is not None]
        if len(known) == len(pids):
            pss = [memory.pss for memory in known if memory.pss is not None]
            self._memory = system.Memory(
                sum(memory.rss for memory in known), sum(pss) if len(pss) == len(pids) else None
            )
            self._weighed += 1

    def _measured(self) -> Measurement:
        request = self.request
        if not self._groups:
            return self._refused()
        one, last = self._groups[0], self._groups[-1]
        many = last if last is not one else None
        cpu = [member.cpu_s for member in last.members]
        deadlock = last.waits.deadlock if last.stopped else ()
        seconds = None if deadlock else last.seconds
        starting = sum(member.starting_cpu_s or 0 for member in last.members)
        busy = None if not many or not seconds or None in cpu else (starting + sum(filter(None, cpu))) / seconds
        times = [member.lane.times(self._now_ns) for member in last.members]
        wall = sum(each.wall for each in times)
        gil_wait, core_wait = sum(each.gil_wait for each in times), sum(each.core_wait for each in times)
        first = one.members[0].lane
        return Measurement(
            experiment=request.experiment,
            variant=request.variant,
            model=request.model,
            workers=request.workers,
            python=last.members[0].lab.version,
            cores=self._cores,
            needs_core=self._needs_core(),
            one_run_s=one.seconds,
            n_runs_s=seconds if many else None,
            cores_busy=busy,
            handoffs=sum(member.lane.gil.handoffs[member.id] for member in last.members if member.lane.gil),
            switches=self._switches(last),
            switches_problem=self._unreadable,
            delays=last.delays,
            delays_alone=one.delays if many else None,
            deadlock=deadlock,
            problem=None if deadlock else last.problem or self._refusal,
            traceback=next(("\n".join(member.traceback) for member in last.members if member.traceback), ""),
            start_method=self._lab.start_method,
            multiplies=self._experiment.multiplies,
            gil_wait=_share(gil_wait, wall) if many else None,
            core_wait=_share(core_wait, wall) if many else None,
            launch_s=None if first.started_ns is None else (first.started_ns - first.launched_ns) / 1e9,
            rss=self._memory.rss if self._memory else None,
            pss=self._memory.pss if self._memory else None,
        )

    def _switches(self, group: Group) -> int | None:
        needed = any(member.lane.gil for member in group.members)
        return self._gils.switches.total - self._counted if needed and not self._unreadable else None

    def _refused(self) -> Measurement:
        """What is left where not even the one run could be started."""
        request = self.request
        return Measurement(
            experiment=request.experiment,
            variant=request.variant,
            model=request.model,
            workers=request.workers,
            python="",
            cores=self._cores,
            needs_core=self._needs_core(),
            one_run_s=None,
            n_runs_s=None,
            cores_busy=None,
            handoffs=0,
            problem=self._refusal,
            start_method=self._lab.start_method,
        )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
