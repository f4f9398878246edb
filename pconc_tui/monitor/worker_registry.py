"""The labs, the workers in them and their groups: starts workers, reads their slots each frame, and forgets them."""

from __future__ import annotations

import select
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from pconc_tui import experiments
from pconc_tui.models import STARTING_PROCESSES, lab_model
from pconc_tui.monitor.group import Group, Kind
from pconc_tui.monitor.lab_handle import LabHandle
from pconc_tui.monitor.lab_observer import LabObserver
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.lock_names import with_locks
from pconc_tui.monitor.observed_lane import NotObservedYet
from pconc_tui.monitor.worker_tracker import WorkerInfo, WorkerTracker
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.protocol.lane_source import Source
from pconc_tui.requests import Request
from pconc_tui.snapshot import Worker
from pconc_tui.timeline.gil_waits import Gil

NAMES = {"threads": "Thread", "free-threaded": "Thread", "processes": "Process", "interpreters": "Interp"}
"""Prefix of worker names by model; in the other models workers are tasks."""


class WorkerRegistry:
    """Owns the labs, workers, groups and GILs; `read` and `finalize` once a frame."""

    def __init__(
        self,
        python: str,
        clock: Callable[[], int],
        max_history_pieces: int | None,
        source: Source | None = None,
        first_id: int = 0,
    ) -> None:
        """`python`: default interpreter, used when a request names none; `source`: as in `LabHandle`; `first_id`: ids
        are above it.
        """
        self.labs: dict[LabSpec, LabHandle] = {}
        self.workers: dict[int, WorkerTracker] = {}
        self.groups: dict[int, Group] = {}
        self.one_run: Worker | None = None
        """As in `Snapshot`."""
        self._gils: defaultdict[int, Gil] = defaultdict(Gil)
        self._forgotten_handoffs = 0
        self._python = python
        self._clock = clock
        self._source = source
        self._max_history_pieces = max_history_pieces
        self._switch_interval_s: float | None = None
        self._last_id = first_id
        self._names: Counter[str] = Counter()

    @property
    def handoffs(self) -> int:
        """Hand-offs of all GILs so far."""
        return self._forgotten_handoffs + sum(gil.handoffs.total() for gil in self._gils.values())

    def known_ns(self, now_ns: int) -> int:
        """Up to when is known what all living workers do."""
        return min([worker.known_ns(now_ns) for worker in self.alive()], default=now_ns)

    @property
    def has_unread(self) -> bool:
        """Whether more may be known than was read last; always, unless records say what all living workers do."""
        alive = self.alive()
        if not alive or any([worker.has_unread for worker in alive] + [lab.has_unread for lab in self.labs.values()]):
            return True
        return bool(select.select(self.event_fds, [], [], 0)[0])

    @property
    def event_fds(self) -> list[int]:
        """Descriptors that are readable when a lab or its observer has sent events."""
        return [fd for lab in self.labs.values() for fd in lab.event_fds]

    def alive(self) -> list[WorkerTracker]:
        """The living workers."""
        return [worker for worker in self.workers.values() if worker.alive]

    def by_lab(self, workers: list[WorkerTracker]) -> list[tuple[LabHandle, list[WorkerTracker]]]:
        """Each lab with those of these workers that live in it."""
        return [(lab, [worker for worker in workers if worker.lab is lab.process]) for lab in self.labs.values()]

    def lab_spec(self, request: Request | None = None) -> LabSpec:
        """The lab in which a request's workers run; None: the default lab."""
        if request is None:
            return LabSpec(self._python)
        method = request.start_method if request.model in STARTING_PROCESSES else None
        return LabSpec(request.python or self._python, method)

    def lab(self, spec: LabSpec) -> LabHandle:
        """The lab with this spec, started if there is none or the last one has died. Raises RequestError."""
        lab = self.labs.get(spec)
        if lab is not None and lab.exit_reason:
            self.close_lab(spec)
        if spec not in self.labs:
            self.labs[spec] = LabHandle(spec, self._switch_interval_s, self._source)
        return self.labs[spec]

    def is_ready(self, request: Request) -> bool:
        """Whether a measurement can start: no worker lives, and the sampler runs if the request needs it."""
        if self.alive():
            return False
        if names_function(request.experiment):
            spec = self.lab_spec(request)
            last = self.labs.get(spec)
            if last is not None and last.exit_reason and not last.process.facts:
                return True  # It died before it was ready, and so would the next one.
            lab = self.lab(spec)
            observer = self.observe(lab)
            observer.receive()
            return observer.ready
        return True

    def observe(self, lab: LabHandle) -> LabObserver:
        """Begin to observe a lab, if that has not started."""
        return lab.observe(self._new_id, self._max_history_pieces)

    def with_locks(self, workers: tuple[Worker, ...], helpers: tuple[Worker, ...]) -> Iterator[tuple[Worker, ...]]:
        """The same workers and helpers with the locks that they wait for."""
        trees = [lab.observer.tree for lab in self.labs.values() if lab.observer is not None and lab.observer.tree]
        names = {each.native_id: each.name for each in (*workers, *helpers) if each.native_id and each.alive}
        for each in workers, helpers:
            yield tuple(with_locks(each, trees, names))

    def helpers(self, now_ns: int) -> tuple[Worker, ...]:
        """The threads that functions started, and those of their child processes, for a Snapshot."""
        return tuple(
            helper
            for lab in self.labs.values()
            if lab.helpers is not None
            for helper in lab.helpers.snapshot(now_ns, lab.process.version)
        )

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def new_group(self, kind: Kind) -> Group:
        """An empty group."""
        self._last_id += 1
        group = self.groups[self._last_id] = Group(self._last_id, *kind)
        return group

    def start(self, group: Group, request: Request, endless: bool) -> None:
        """Start the request's workers in this group; `endless`: until they are stopped. Raises RequestError."""
        lab = self.lab(group.lab)
        self.groups[group.id] = group
        if not self.workers:
            self._names.clear()
        group.finished = None
        now_ns = self._clock()
        specs = []
        for slot in lab.allocate_slots(request.workers):
            worker = self._new_worker(group, request.variant, 0 if endless else request.workers, lab, slot, now_ns)
            specs.append({"id": worker.id, "slot": slot, "name": worker.name, "index": worker.info.index})
            self.workers[worker.id] = worker
            group.members.append(worker)
        if names_function(group.experiment):
            lab.function = group.experiment
            self.observe(lab).observe(group.members[-len(specs) :])
        lab.process.send(
            do="launch",
            group=group.id,
            experiment=group.experiment,
            variant=request.variant,
            model=lab_model(group.model),
            scale=request.scale * request.calls,
            endless=endless,
            workers=specs,
        )

    def _new_worker(
        self, group: Group, variant: str, together: int, lab: LabHandle, slot: int, now_ns: int
    ) -> WorkerTracker:
        """`together`: how many workers are launched together; 0: it is launched alone."""
        self._last_id += 1
        role, index = experiments.load(group.experiment).role, group.next_index()
        prefix = NAMES.get(group.model, "Task")
        self._names[prefix] += 1
        info = WorkerInfo(
            id=self._last_id,
            name=f"{prefix}-{self._names[prefix]}",
            index=index,
            experiment=group.experiment,
            variant=variant,
            model=group.model,
            slot=slot,
            launched_ns=now_ns,
            role=role(index, together) if role else "",
        )
        observed = NotObservedYet() if names_function(group.experiment) else None
        return WorkerTracker(info, lab.process, observed, self._max_history_pieces)

    def stop(self, workers: list[WorkerTracker]) -> None:
        """Ask these workers to stop."""
        for lab, own in self.by_lab(workers):
            if own:
                lab.stop(own)

    def request_stacks(self, workers: list[WorkerTracker]) -> None:
        """Have the labs report where these workers are in the user's code."""
        for lab, own in self.by_lab(workers):
            lab.process.send(do="report_stacks", workers=[(worker.id, *worker.thread) for worker in own])

    def stop_all(self) -> None:
        """Ask all workers to stop."""
        self.stop(self.alive())

    def forget_ended(self) -> None:
        """Forget ended workers, the groups that have no others, and the GILs that no worker needs."""
        self.one_run = None
        self.workers = {id: worker for id, worker in self.workers.items() if worker.alive}
        for lab in self.labs.values():
            if lab.helpers is not None:
                lab.helpers.keep(self.workers)
        for group in [group for group in self.groups.values() if not group.alive]:
            del self.groups[group.id]
            if group.lab in self.labs:
                self.labs[group.lab].process.send(do="forget", group=group.id)
        needed = {worker.lane.gil for worker in self.workers.values()}
        for number in [number for number, gil in self._gils.items() if gil not in needed]:
            self._forgotten_handoffs += self._gils.pop(number).handoffs.total()

    def forget_groups(self, condition: Callable[[Group], bool]) -> None:
        """Forget the groups for which the condition holds: what their workers shared is gone.

        Those that have been reported on stay, with their figures, but no worker can join them.
        """
        gone = [group for group in self.groups.values() if condition(group)]
        for group in gone:
            group.closed = True
        self.groups = {id: group for id, group in self.groups.items() if group not in gone or group.finished}

    def set_switch_interval(self, seconds: float) -> None:
        """Change the switch interval of all workers, and of those to come."""
        self._switch_interval_s = seconds
        for lab, workers in self.by_lab(self.alive()):
            lab.set_switch_interval(seconds, workers)

    def read(self) -> None:
        """Read what the observers and the workers have written since the last frame."""
        for lab in self.labs.values():
            lab.receive_from_observer()
        for worker in self.alive():
            worker.read(self._gils)
        for lab, workers in self.by_lab([*self.workers.values()]):
            if lab.helpers is not None:
                lab.helpers.read(workers, self._gils)

    def end_worker(self, worker: WorkerTracker, ending: str, now_ns: int, cpu_ns: int | None = None) -> None:
        """End a worker that has been read since it ended, and release its slot; `cpu_ns` as in `WorkerTracker.end`."""
        self.finalize(now_ns)
        worker.end(ending, now_ns, cpu_ns)
        for lab in self.labs.values():
            if lab.process is worker.lab:
                lab.release_slot(worker.slot)

    def close_lab(self, spec: LabSpec) -> None:
        """End this lab."""
        self.labs.pop(spec).close()

    def close(self) -> None:
        """End the labs and all their workers."""
        for lab in self.labs.values():
            lab.close()
        self.labs.clear()

    def finalize(self, now_ns: int) -> None:
        """Turn what was read into spans, up to this time.

        The runs of all workers must be known before gaps are explained.
        """
        for gil in self._gils.values():
            gil.update(now_ns)
        for worker in self.alive():
            worker.lane.finalize(now_ns)
        for lab in self.labs.values():
            if lab.helpers is not None:
                lab.helpers.finalize(now_ns)
