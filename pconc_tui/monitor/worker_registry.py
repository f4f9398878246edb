"""Who is on the bench: the labs, their workers, and what these share."""

from __future__ import annotations

from collections.abc import Callable

from pconc_tui.models import lab_model
from pconc_tui.monitor.group import Group
from pconc_tui.monitor.lab_handle import LabHandle
from pconc_tui.monitor.lab_process import LabSpec
from pconc_tui.monitor.log import Log
from pconc_tui.monitor.sampler_client import SampledTransitions
from pconc_tui.monitor.worker_tracker import WorkerTracker
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.requests import RequestError
from pconc_tui.timeline.gil import Gil

NAMES = {"threads": "Thread", "free-threaded": "Thread", "processes": "Process", "interpreters": "Interp"}
"""What workers are called; in the models that are not listed they are tasks."""


class WorkerRegistry:
    """Starts workers and labs, hears what becomes of them, and forgets them."""

    def __init__(self, clock: Callable[[], int], log: Log, history_pieces: int | None) -> None:
        self.sites: dict[LabSpec, LabHandle] = {}
        self.workers: dict[int, WorkerTracker] = {}
        self.groups: dict[int, Group] = {}
        self.gils: dict[int, Gil] = {}
        self._clock = clock
        self._log = log
        self._history_pieces = history_pieces
        self._switch_interval_s: float | None = None
        self._numbers = 0
        self._launched: dict[str, int] = {}
        self._past_handoffs = 0

    @property
    def handoffs(self) -> int:
        """Hand-offs of all GILs so far."""
        return self._past_handoffs + sum(gil.handoffs.total() for gil in self.gils.values())

    def alive(self) -> list[WorkerTracker]:
        return [worker for worker in self.workers.values() if worker.alive]

    def by_lab(self, workers: list[WorkerTracker]) -> list[tuple[LabHandle, list[WorkerTracker]]]:
        return [(site, [each for each in workers if each.lab is site.lab]) for site in self.sites.values()]

    def site(self, kind: LabSpec) -> LabHandle:
        """The lab of this kind; a new one where the last has died."""
        site = self.sites.get(kind)
        if site is not None and site.death:
            site.close()
            del self.sites[kind]
        if kind not in self.sites:
            try:
                self.sites[kind] = LabHandle(kind, self._switch_interval_s)
            except OSError as error:
                raise RequestError(f"can't start {kind.python}: {error.strerror}") from error
        return self.sites[kind]

    def ready(self, kind: LabSpec, experiment: str) -> bool:
        """Whether nobody lives, and whoever is to look at what comes does so."""
        if self.alive():
            return False
        if names_function(experiment):
            died = self.sites.get(kind)
            if died is not None and died.death and not died.lab.facts:
                return True  # It never came up; nor would the next one.
            site = self.site(kind)
            site.hear()
            return site.sampler.ready
        return True

    def new_group(self, experiment: str, model: str, lab: LabSpec) -> Group:
        self._numbers += 1
        group = self.groups[self._numbers] = Group(self._numbers, experiment, model, lab)
        return group

    def start(self, group: Group, variant: str, workers: int, scale: float, endless: bool) -> None:
        site = self.site(group.lab)
        self.groups[group.number] = group
        if not self.workers:
            self._launched.clear()
        group.finished = None
        now_ns = self._clock()
        places = []
        for slot in site.claim(workers):
            self._numbers += 1
            kind = NAMES.get(group.model, "Task")
            index = self._launched[kind] = self._launched.get(kind, 0) + 1
            name = f"{kind}-{index}"
            role = group.next_index()
            worker = WorkerTracker(
                self._numbers, name, role, group.experiment, variant, group.model, site.lab, slot, now_ns,
                self._history_pieces,
            )  # fmt: skip
            if names_function(group.experiment):
                worker.sampled = SampledTransitions(site.sampler, slot, worker.id)
            self.workers[worker.id] = worker
            places.append({"id": worker.id, "slot": slot, "name": name, "index": role})
            group.members.append(worker)
        site.lab.send(
            do="launch", group=group.number, experiment=group.experiment, variant=variant, model=lab_model(group.model),
            scale=scale, endless=endless, places=places,
        )  # fmt: skip

    def stop(self, workers: list[WorkerTracker]) -> None:
        for site, own in self.by_lab(workers):
            if own:
                site.stop(own)

    def stop_all(self) -> None:
        """Ask all workers to stop."""
        self.stop(self.alive())

    def forget_ended(self) -> None:
        """Forget ended workers, the groups that have no other, and the GILs that nobody needs any more."""
        self.workers = {id: worker for id, worker in self.workers.items() if worker.alive}
        for group in [group for group in self.groups.values() if not any(each.alive for each in group.members)]:
            del self.groups[group.number]
            if group.lab in self.sites:
                self.sites[group.lab].lab.send(do="forget", group=group.number)
        needed = {worker.lane.gil for worker in self.workers.values()}
        for number in [number for number, gil in self.gils.items() if gil not in needed]:
            self._past_handoffs += self.gils.pop(number).handoffs.total()

    def switch(self, seconds: float) -> None:
        """Change the switch interval of all workers, and of those to come."""
        self._switch_interval_s = seconds
        for site, workers in self.by_lab(self.alive()):
            site.switch(seconds, workers)

    def close(self) -> None:
        """End the labs and everything in them."""
        for site in self.sites.values():
            site.close()
        self.sites.clear()

    def follow(self, now_ns: int) -> None:
        """Take what the workers and the labs told."""
        for site in self.sites.values():
            site.hear()
        for worker in self.alive():
            worker.take(self.gils)
        self._seal(now_ns)
        for site in self.sites.values():
            self._hear(site, now_ns)

    def _seal(self, now_ns: int) -> None:
        for gil in self.gils.values():
            gil.settle(now_ns)
        for worker in self.alive():
            worker.lane.seal(now_ns)

    def _hear(self, site: LabHandle, now_ns: int) -> None:
        """Take a lab's events, and its death."""
        if site.death:
            return
        death = site.lab.death()
        for event in site.lab.events():
            getattr(self, f"_on_{event.pop('event')}")(site, **event)
        if death:
            site.death = death
            for worker in self.alive():
                if worker.lab is site.lab:
                    self._end(worker, "the lab died", now_ns)
            self._begin_anew(lambda group: group.lab == site.lab.kind)

    def _on_ready(self, site: LabHandle, t_ns: int, **facts: object) -> None:
        site.lab.facts = facts

    def _on_log(self, site: LabHandle, t_ns: int, worker: int, text: str, dropped: int) -> None:
        name = self.workers[worker].name if worker in self.workers else "parent"
        self._log.add(t_ns, name, text)
        self._log.dropped += dropped

    def _on_trace(self, site: LabHandle, t_ns: int, worker: int, text: str) -> None:
        if worker in self.workers:
            self._log.add(t_ns, self.workers[worker].name, text, error=True)
            self.workers[worker].traceback.append(text)

    def _on_ended(self, site: LabHandle, t_ns: int, worker: int, ending: str) -> None:
        if worker in self.workers and self.workers[worker].alive:
            self._end(self.workers[worker], ending, t_ns)

    def _on_host_died(self, site: LabHandle, t_ns: int, model: str, newest: int, ending: str) -> None:
        for worker in self.alive():
            if worker.lab is site.lab and lab_model(worker.model) == model and worker.id <= newest:
                self._end(worker, ending, t_ns)
        self._begin_anew(lambda group: (group.lab, lab_model(group.model)) == (site.lab.kind, model))

    def _on_finished(self, site: LabHandle, t_ns: int, group: int, **report: object) -> None:
        if group in self.groups and not any(member.alive for member in self.groups[group].members):
            self.groups[group].finished = report

    def _begin_anew(self, dead: Callable[[Group], bool]) -> None:
        """What the workers of these groups shared died with them: the next ones begin anew."""
        self.groups = {number: group for number, group in self.groups.items() if not dead(group)}

    def _end(self, worker: WorkerTracker, ending: str, now_ns: int) -> None:
        worker.take(self.gils)
        self._seal(now_ns)
        worker.end(ending, now_ns)
        for site, _ in self.by_lab([worker]):
            if site.lab is worker.lab:
                site.release(worker.slot)
