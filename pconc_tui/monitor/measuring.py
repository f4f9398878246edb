"""A measurement as the article does it: one run, then N at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pconc_tui import experiments
from pconc_tui.monitor.group import Group
from pconc_tui.snapshot import Measurement, Progress

DEADLOCK_NS = 2_000_000_000
"""After so long a deadlock is resolved by stopping all workers."""


@dataclass(frozen=True)
class Request:
    """What to measure."""

    experiment: str
    variant: str
    model: str
    workers: int
    scale: float
    python: str
    """The interpreter's path."""


class Measuring:
    """A measurement under way; `advance` it once a frame."""

    def __init__(
        self,
        request: Request,
        cores: int,
        idle: Callable[[], bool],
        start: Callable[[int], Group],
        stop: Callable[[], None],
        count: Callable[[], int | None],
    ) -> None:
        self.request = request
        self.result: Measurement | None = None
        self._cores = cores
        self._idle = idle
        self._start = start
        self._stop = stop
        self._count = count
        self._counted: int | None = None
        self._now_ns = 0
        self._roles = experiments.load(request.experiment).roles
        self._groups: list[Group] = []
        self._steps = self._run()

    def advance(self, now_ns: int) -> None:
        """Go on where what it waits for has happened; sets `result` at the end."""
        self._now_ns = now_ns
        next(self._steps, None)

    def progress(self, now_ns: int) -> Progress:
        """How far it is: every worker of both runs counts the same; where they have roles, whoever is farthest."""
        workers = self.request.workers
        done = [[member.progress(now_ns) for member in group.members] for group in self._groups]
        fraction = sum(map(max, done)) / 2 if self._roles else sum(map(sum, done)) / (1 + workers)
        return Progress(
            experiment=self.request.experiment,
            model=self.request.model,
            phase="one run" if len(self._groups) < 2 else f"{workers} runs",
            fraction=fraction,
        )

    def _run(self) -> Iterator[None]:
        for workers in (1, self.request.workers):
            while not self._idle():
                yield
            self._counted = self._count()
            group = self._start(workers)
            self._groups.append(group)
            while (group.finished is None and group.problem is None) or any(member.alive for member in group.members):
                if (group.problem is not None and self._roles) or self._deadlocked(group):
                    self._stop()
                yield
            if group.problem is not None:
                break
        self.result = self._measured()

    def _deadlocked(self, group: Group) -> bool:
        """Whether its workers have waited for each other for so long that everybody has seen it."""
        since_ns = group.waits.since_ns
        return since_ns is not None and self._now_ns - since_ns >= DEADLOCK_NS

    def _measured(self) -> Measurement:
        one, last = self._groups[0], self._groups[-1]
        many = last if last is not one else None
        request = self.request
        cpu = [member.cpu_s for member in last.members]
        deadlock = last.waits.deadlock if last.stopped else ()
        seconds = None if deadlock else last.seconds
        busy = sum(each for each in cpu if each is not None) / seconds if seconds and None not in cpu else None
        return Measurement(
            experiment=request.experiment,
            variant=request.variant,
            model=request.model,
            workers=request.workers,
            python=last.members[0].lab.facts.get("version", ""),
            cores=self._cores,
            needs_core=experiments.load(request.experiment).needs_core,
            one_run_s=one.seconds,
            n_runs_s=seconds if many else None,
            cores_busy=busy,
            handoffs=sum(member.lane.gil.handoffs[member.id] for member in last.members if member.lane.gil),
            switches=self._switches(last),
            counters=last.finished["counters"] if last.finished else {},
            delays=last.delays,
            delays_alone=one.delays if many else None,
            deadlock=deadlock,
            problem=None if deadlock else last.problem,
        )

    def _switches(self, group: Group) -> int | None:
        now = self._count()
        needed = any(member.lane.gil for member in group.members)
        return now - self._counted if needed and now is not None and self._counted is not None else None
