"""Workers that share counters, locks or a queue, and the figures of what they share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from pconc_tui import experiments
from pconc_tui.measurement import Counters
from pconc_tui.monitor.deadlock_detection import DeadlockDetector
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.last_second import LastSecond
from pconc_tui.monitor.shared_counter import Read, SharedCounter
from pconc_tui.monitor.standstill import StandstillDetector
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.block import CHILDREN_CPU, GOT, LAST_RAN, PLAIN, PROCESS_CPU, PUT, UNSET, VALUE
from pconc_tui.protocol.delay_histogram import DelayHistogram

Kind = tuple[str, str, LabSpec]
"""Experiment, model and lab: a worker launched alone joins a group of the same kind."""


class ProcessTimes(NamedTuple):
    """CPU times of a process in which workers of a group ran, in ns; 0: unknown, since it was killed."""

    pid: int
    process_ns: int
    helpers_ns: int
    children_ns: int


class QueueDepth:
    """The number of items in a queue, sampled once a frame."""

    def __init__(self) -> None:
        self.max: int | None = None
        self._samples = 0
        self._sum = 0

    def add(self, items: int) -> None:
        """Add a sample."""
        self._samples += 1
        self._sum += items
        self.max = max(self.max or 0, items)

    @property
    def mean(self) -> float | None:
        return self._sum / self._samples if self._samples else None


class Group:
    """The workers of one run, or all that were launched alone with the same experiment, model and lab."""

    def __init__(self, id: int, experiment: str, model: str, lab: LabSpec) -> None:
        self.id = id
        self.experiment = experiment
        self.model = model
        self.lab = lab
        self.members: list[WorkerTracker] = []
        self.deadlocks = DeadlockDetector()
        self.standstill = StandstillDetector()
        self.closed = False
        """Whether what its workers shared is gone with their process, so that no other can join them."""
        self.finished: dict[str, Any] | None = None
        """The lab's report after the last worker ended; None while any lives."""
        self._delays_alone: DelayHistogram | None = None
        self._taken = LastSecond()
        self._depth = QueueDepth()
        self._counter = SharedCounter()

    @property
    def kind(self) -> Kind:
        return self.experiment, self.model, self.lab

    @property
    def alive(self) -> bool:
        """Whether any worker lives."""
        return any(member.alive for member in self.members)

    @property
    def has_started(self) -> bool:
        """Whether any worker has started."""
        return any(member.lane.started_ns is not None for member in self.members)

    @property
    def reported(self) -> bool:
        """Whether all workers have ended and the lab has reported on them, or no longer can."""
        return not self.alive and (self.finished is not None or self.closed)

    def update(self, now_ns: int) -> bool:
        """Compute the figures of this frame; return whether a new deadlock was found."""
        if len(self.members) == 1:
            self._delays_alone = self.members[0].delays
        put, got = self._sum(PUT), self._sum(GOT)
        self._taken.add(now_ns, got)
        if put and self.alive and all(member.lane.started_ns is not None for member in self.members):
            self._depth.add(max(0, put - got))
        self._counter.sample(self._iterations, [*self._reads()])
        return self.deadlocks.update(self.members, now_ns)

    def next_index(self) -> int:
        """The index of a worker that joins: the lowest that no living worker has, where the index selects a role."""
        if experiments.load(self.experiment).role is None:
            return len(self.members)
        taken = {member.info.index for member in self.members if member.alive}
        return next(index for index in count() if index not in taken)

    @property
    def delays(self) -> DelayHistogram | None:
        """The delays of the newest worker that has any."""
        worker = self._delayed_worker
        return None if worker is None else worker.delays

    @property
    def seconds(self) -> float | None:
        """From the first start() to the last join(), in seconds, as the workers' parent measured it."""
        if self.finished is None:
            return None
        return float(self.finished["ended_ns"] - self.finished["started_ns"]) / 1e9

    def processes(self) -> list[ProcessTimes]:
        """CPU times of the workers' processes in the run, as far as the lab reported them."""
        host = self.finished and self.finished["cpu"]
        if host:
            return [ProcessTimes(self.members[0].thread[0], host["process"], host["helpers"], host["children"])]
        # Tasks of a pool share processes; the one that ends last has published the most.
        times = [
            ProcessTimes(member.thread[0], *member.header[PROCESS_CPU : CHILDREN_CPU + 1]) for member in self.members
        ]
        return list({each.pid: each for each in sorted(times, key=lambda each: each.process_ns)}.values())

    @property
    def problem(self) -> str | None:
        """Which worker did not complete its work, and why; failures come before stopped workers."""
        for accepted in ({None, "done", "stopped"}, {None, "done"}):
            for member in self.members:
                if member.ending not in accepted:
                    return f"{member.name}: {member.ending}"
        return None

    @property
    def stopped(self) -> bool:
        """Whether all workers have ended, some of them because they were stopped, and none failed."""
        endings = {member.ending for member in self.members}
        return "stopped" in endings and endings <= {"done", "stopped"}

    @property
    def variant(self) -> str:
        """The variants that its workers run, in the order of launch."""
        return " + ".join(dict.fromkeys(member.info.variant for member in self.members))

    def counters(self) -> Counters | None:
        """The figures of what the workers share; None if they share nothing."""
        reported = self.finished["counters"] if self.finished else {}
        has_read = next(self._reads(), None) is not None
        delayed = self._delayed_worker
        put = self._sum(PUT)
        if not reported and not has_read and delayed is None and not self.deadlocks.has_waited and not put:
            return None
        value, expected = reported.get("value", reported.get("shared_num")), self._iterations
        if value is None and self._counter.value is not None:
            value, expected = self._counter.value, self._counter.expected
        counts = experiments.load(self.experiment).counts
        plain = [(member.name, member.header[PLAIN]) for member in self.members if member.header[PLAIN] != UNSET]
        return Counters(
            experiment=self.experiment,
            variant=self.variant,
            model=self.model,
            workers=len(self.members),
            final=self.finished is not None,
            python=self.members[0].lab.version,
            start_method=self.lab.start_method,
            value=value,
            expected=expected if counts else None,
            plain_num=reported.get("plain_num"),
            plain_of=tuple(plain),
            object=reported.get("object"),
            put=put or None,
            got=self._sum(GOT) if put else None,
            got_per_s=self._taken.rate if put and self.finished is None else None,
            depth_mean=self._depth.mean,
            depth_max=self._depth.max,
            waits=self.deadlocks.waits,
            deadlock=self.deadlocks.deadlock,
            stuck_s=self.deadlocks.lasted_s,
            stuck=self.deadlocks.stuck,
            delays=None if delayed is None else delayed.delays,
            recent_delays=None if delayed is None else delayed.recent_delays,
            delays_alone=self._delays_alone,
        )

    @property
    def _delayed_worker(self) -> WorkerTracker | None:
        return next((member for member in reversed(self.members) if member.delays), None)

    @property
    def _iterations(self) -> int:
        """Iterations of all members."""
        return sum(member.iterations for member in self.members)

    def _reads(self) -> Iterator[Read]:
        """The shared counter as members last read it."""
        for member in self.members:
            if member.header[VALUE] != UNSET:
                yield Read(member.id, member.header[VALUE], member.header[LAST_RAN])

    def _sum(self, word: int) -> int:
        """Sum of one header word over the members."""
        return sum(member.header[word] for member in self.members)
