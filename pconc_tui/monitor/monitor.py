"""The bench itself: launches workers in a lab, follows them, and makes a snapshot of everything."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable

from pconc_tui import experiments, words
from pconc_tui.bench import BenchError
from pconc_tui.models import STARTING_PROCESSES, lab_model
from pconc_tui.monitor import system
from pconc_tui.monitor.comparing import Comparing
from pconc_tui.monitor.gil import Gil
from pconc_tui.monitor.group import Group
from pconc_tui.monitor.lab import LabKind
from pconc_tui.monitor.measuring import Measuring, Request
from pconc_tui.monitor.recent import Recent
from pconc_tui.monitor.site import Site
from pconc_tui.monitor.switches import Switches
from pconc_tui.monitor.tracked import Tracked
from pconc_tui.plan import Plan
from pconc_tui.snapshot import Counters, LogLine, Measurement, Snapshot

LOG_LINES = 1000
HISTORY_PIECES = 40
SAMPLE_NS = 500_000_000
"""How often the system is asked about cores and threads."""
MOST_WORKERS = 256
NAMES = {"threads": "Thread", "free-threaded": "Thread", "processes": "Process", "interpreters": "Interp"}
"""What workers are called; in the models that are not listed they are tasks."""


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
        self._history_pieces = history_pieces
        self._began_ns = clock()
        self._sites: dict[LabKind, Site] = {}
        self._switch_interval_s: float | None = None
        self._workers: dict[int, Tracked] = {}
        self._groups: dict[int, Group] = {}
        self._gils: dict[int, Gil] = {}
        self._numbers = 0
        self._launched: dict[str, int] = {}
        self._counters: dict[tuple[str, str, str], Group] = {}
        self._measuring: Measuring | None = None
        self._measurements: list[Measurement] = []
        self._comparing: Comparing | None = None
        self._log: deque[LogLine] = deque(maxlen=LOG_LINES)
        self._log_dropped = 0
        self._sampled_ns = 0
        self._core_loads: tuple[float, ...] | None = None
        self._app_cpu = Recent()
        self._handoffs = Recent()
        self._switches = Switches()
        self._switches_problem: str | None = None

    # What can be asked for.

    def open_lab(self) -> None:
        """Start the lab ahead of the first launch."""
        self._site(LabKind(self._python))

    def launch(
        self,
        experiment: str,
        variant: str,
        model: str,
        python: str | None = None,
        start_method: str | None = None,
    ) -> None:
        """Start one more worker, which runs until stopped where the experiment is endless."""
        if self._measuring:
            raise BenchError("a measurement is under way; stop it first")
        wanted = experiment, model, self._kind(model, python, start_method)
        group = next((group for group in self._groups.values() if group.kind == wanted), None)
        if group is None:
            group = self._new_group(*wanted)
        self._start(group, variant, 1, 1.0, endless=experiments.load(experiment).endless)

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
        if self._measuring:
            raise BenchError("a measurement is under way; stop it first")
        if lab_model(model) not in experiments.load(experiment).models:
            raise BenchError(f"{experiment} does not run as {model}")
        if not 1 <= workers <= MOST_WORKERS:
            raise BenchError(f"workers must be from 1 to {MOST_WORKERS}")
        self._measure(Request(experiment, variant, model, workers, scale, self._kind(model, python, start_method)))

    def compare(self, plan: Plan) -> None:
        """Stop what runs, then measure all cases of the plan in turn."""
        if self._measuring:
            raise BenchError("a measurement is under way; stop it first")
        self._comparing = Comparing(plan, self._clock())
        self._measure_next()

    def stop(self, worker: int) -> None:
        """Ask a worker to stop."""
        self._stop([tracked for tracked in self._alive() if tracked.id == worker])

    def stop_all(self) -> None:
        """Ask all workers to stop, and give up a measurement under way."""
        if self._comparing and self._comparing.request():
            self._comparing = None
        self._measuring = None
        self._stop(self._alive())

    def kill(self, worker: int) -> None:
        """End a worker process with SIGKILL."""
        for tracked in self._alive():
            if tracked.id == worker:
                if tracked.model != "processes":
                    raise BenchError(f"{tracked.name} is a thread: only a process can be killed; stop it instead")
                tracked.lab.send(do="kill", workers=[worker])

    def clear(self) -> None:
        """Forget the workers that have ended, the counters and the log; the scoreboard stays."""
        self._forget_ended()
        self._counters.clear()
        self._log.clear()
        self._log_dropped = 0

    def clear_scoreboard(self) -> None:
        """Forget the measurements."""
        self._measurements.clear()

    def set_switch_interval(self, seconds: float) -> None:
        """Change `sys.setswitchinterval` wherever workers run, at once."""
        self._switch_interval_s = seconds
        for site, workers in self._by_site(self._alive()):
            site.switch(seconds, workers)

    def close(self) -> None:
        """End the labs and everything in them."""
        for site in self._sites.values():
            site.lab.close()
        self._sites.clear()

    @property
    def event_fds(self) -> list[int]:
        """Readable when something has happened; for those who wait rather than draw frames."""
        return [site.lab.events_fd for site in self._sites.values()]

    # What there is to see.

    def poll(self) -> Snapshot:
        """The picture now."""
        now_ns = self._clock()
        alive = self._alive()
        for worker in alive:
            worker.take(self._gils)
        for gil in self._gils.values():
            gil.settle(now_ns)
        for worker in alive:
            worker.lane.seal(now_ns)
        for site in self._sites.values():
            self._hear(site, now_ns)
        if now_ns - self._sampled_ns >= SAMPLE_NS:
            self._sample(now_ns, alive)
        watched, alive = alive, self._alive()
        for worker in alive:
            worker.note(now_ns)
        for site, workers in self._by_site(alive):
            site.look(workers)
        sharing = {worker.thread[0] for worker in watched if worker.lane.gil}
        self._switches_problem = self._switches.read(sharing, now_ns)
        for group in self._groups.values():
            if group.look(now_ns):
                told = words.deadlock(group.waits.deadlock)
                self._log.append(LogLine((now_ns - self._began_ns) / 1e9, "monitor", told))
        handoffs = sum(gil.handoffs.total() for gil in self._gils.values())
        self._handoffs.add(now_ns, handoffs, self._switches.total)
        if self._measuring:
            self._measuring.advance(now_ns)
            if self._measuring.result:
                self._measured(self._measuring.result, now_ns)
        return self._snapshot(now_ns)

    def _snapshot(self, now_ns: int) -> Snapshot:
        alive = self._alive()
        # Tasks share a thread, and its CPU time must not be counted twice.
        cpu = {worker.thread: worker.cpu for worker in alive}
        recent = [times for worker in alive if (times := worker.recent)]
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
            switches_per_s=handoffs[1] if handoffs and needed and not self._switches_problem else None,
            switches_problem=self._switches_problem,
            app_cpu=None if app_cpu is None else app_cpu[0] / 1e9,
            workers=tuple(worker.view(now_ns) for worker in self._workers.values()),
            counters=self._counters_now(),
            measurements=tuple(self._measurements),
            progress=progress,
            comparison=self._comparing.view(now_ns, progress) if self._comparing else None,
            log=tuple(self._log),
            log_dropped=self._log_dropped,
            labs=tuple(site.view() for site in self._sites.values()),
        )

    def _counters_now(self) -> tuple[Counters, ...]:
        for group in self._groups.values():
            if group.members:
                self._counters[group.experiment, group.variant, group.model] = group
        newest_first = sorted(self._counters.values(), key=lambda group: -group.number)
        return tuple(counters for group in newest_first if (counters := group.counters()))

    # How it is done.

    def _alive(self) -> list[Tracked]:
        return [worker for worker in self._workers.values() if worker.alive]

    def _by_site(self, workers: list[Tracked]) -> list[tuple[Site, list[Tracked]]]:
        return [(site, [each for each in workers if each.lab is site.lab]) for site in self._sites.values()]

    def _kind(self, model: str, python: str | None, start_method: str | None) -> LabKind:
        """The lab in which the model's workers are to live."""
        return LabKind(python or self._python, start_method if model in STARTING_PROCESSES else None)

    def _site(self, kind: LabKind) -> Site:
        """The lab of this kind; a new one where the last has died."""
        site = self._sites.get(kind)
        if site is not None and site.death:
            site.lab.close()
            del self._sites[kind]
            self._groups = {number: group for number, group in self._groups.items() if group.lab != kind}
        if kind not in self._sites:
            try:
                self._sites[kind] = Site(kind, self._switch_interval_s)
            except OSError as error:
                raise BenchError(f"can't start {kind.python}: {error.strerror}") from error
        return self._sites[kind]

    def _new_group(self, experiment: str, model: str, lab: LabKind) -> Group:
        self._numbers += 1
        group = self._groups[self._numbers] = Group(self._numbers, experiment, model, lab)
        return group

    def _measure(self, request: Request) -> None:
        self._stop(self._alive())
        self._measuring = Measuring(
            request,
            self._cores,
            idle=lambda: not self._alive(),
            start=self._start_run,
            stop=lambda: self._stop(self._alive()),
            count=self._count,
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
        self._forget_ended()
        group = self._new_group(request.experiment, request.model, request.lab)
        self._start(group, request.variant, workers, request.scale, endless=False)
        return group

    def _count(self) -> int | None:
        """CPython's own hand-offs so far."""
        return None if self._switches_problem else self._switches.total

    def _start(self, group: Group, variant: str, workers: int, scale: float, endless: bool) -> None:
        site = self._site(group.lab)
        self._groups[group.number] = group
        if not self._workers:
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
            worker = Tracked(
                self._numbers, name, role, group.experiment, variant, group.model, site.lab, slot, now_ns,
                self._history_pieces,
            )  # fmt: skip
            self._workers[worker.id] = worker
            places.append({"id": worker.id, "slot": slot, "name": name, "index": role})
            group.members.append(worker)
        site.lab.send(
            do="launch", group=group.number, experiment=group.experiment, variant=variant, model=lab_model(group.model),
            scale=scale, endless=endless, places=places,
        )  # fmt: skip

    def _stop(self, workers: list[Tracked]) -> None:
        for site, own in self._by_site(workers):
            if own:
                site.stop(own)

    def _forget_ended(self) -> None:
        """Forget ended workers, the groups that have no other, and the GILs that nobody needs any more."""
        self._workers = {id: worker for id, worker in self._workers.items() if worker.alive}
        for group in [group for group in self._groups.values() if not any(each.alive for each in group.members)]:
            del self._groups[group.number]
            if group.lab in self._sites:
                self._sites[group.lab].lab.send(do="forget", group=group.number)
        needed = {worker.lane.gil for worker in self._workers.values()}
        self._gils = {number: gil for number, gil in self._gils.items() if gil in needed}
        self._handoffs = Recent()

    def _hear(self, site: Site, now_ns: int) -> None:
        """Take a lab's events, and its death."""
        if site.death:
            return
        death = site.lab.death()
        for event in site.lab.events():
            getattr(self, f"_on_{event.pop('event')}")(site, **event)
        if death:
            site.death = death
            for worker in self._alive():
                if worker.lab is site.lab:
                    self._end(worker, "the lab died", now_ns)

    def _on_ready(self, site: Site, t_ns: int, **facts: object) -> None:
        site.lab.facts = facts

    def _on_log(self, site: Site, t_ns: int, worker: int, text: str, dropped: int) -> None:
        name = self._workers[worker].name if worker in self._workers else "parent"
        self._log.append(LogLine((t_ns - self._began_ns) / 1e9, name, text))
        self._log_dropped += dropped

    def _on_ended(self, site: Site, t_ns: int, worker: int, ending: str) -> None:
        if worker in self._workers and self._workers[worker].alive:
            self._end(self._workers[worker], ending, t_ns)

    def _on_host_died(self, site: Site, t_ns: int, model: str, newest: int, ending: str) -> None:
        for worker in self._alive():
            if worker.lab is site.lab and lab_model(worker.model) == model and worker.id <= newest:
                self._end(worker, ending, t_ns)
        # What the workers shared died with them: the next ones begin anew.
        self._groups = {
            number: group
            for number, group in self._groups.items()
            if (group.lab, lab_model(group.model)) != (site.lab.kind, model)
        }

    def _on_finished(self, site: Site, t_ns: int, group: int, **report: object) -> None:
        if group in self._groups and not any(member.alive for member in self._groups[group].members):
            self._groups[group].finished = report

    def _end(self, worker: Tracked, ending: str, now_ns: int) -> None:
        worker.take(self._gils)
        for gil in self._gils.values():
            gil.settle(now_ns)
        for each in self._alive():
            each.lane.seal(now_ns)
        worker.end(ending, now_ns)
        for site, _ in self._by_site([worker]):
            if site.lab is worker.lab:
                site.release(worker.slot)

    def _sample(self, now_ns: int, alive: list[Tracked]) -> None:
        self._sampled_ns = now_ns
        self._core_loads = system.core_loads()
        self._app_cpu.add(now_ns, system.own_cpu_ns())
        for worker in alive:
            worker.sample(now_ns)
