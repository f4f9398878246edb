"""A group of workers in the process that starts them: what they share, and the report after the last one has ended."""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any, Callable, Dict, List, Optional

from pconc_tui import experiments
from pconc_tui.lab import cpu_time
from pconc_tui.lab.events import EventSender
from pconc_tui.lab.launch import Launch
from pconc_tui.protocol.function_ref import names_function


class WorkerGroup:
    """Workers that share what their experiment's setup made with the model's `primitives`."""

    def __init__(self, launch: Launch, primitives: Any) -> None:
        self._report: Callable[..., Dict[str, Any]]
        self._number = launch.group
        self._model = launch.model
        self._running = 0
        self._started_ns = 0
        self._joined: List[object] = []
        self._cpu_before: Optional[cpu_time.CpuTime] = None
        self._workers_cpu_ns = 0
        if names_function(launch.experiment):
            self._report, self.shared = dict, ()
        else:
            experiment = experiments.load(launch.experiment)
            self._report, self.shared = experiment.report, experiment.setup(primitives)

    def start(self, workers: int, cpu: Optional[cpu_time.CpuTime] = None) -> None:
        """Record that this many workers are about to be started; `cpu`: of this process so far, if they run here."""
        if not self._running:
            self._cpu_before = cpu
            self._started_ns = perf_counter_ns()
        self._running += workers

    def join(self, events: EventSender, joined: object = None, cpu_ns: int = 0) -> None:
        """Record that a worker has been joined, which used `cpu_ns`; after the last one, send the report.

        Until then `joined` is kept, as a script keeps all results: freeing them takes time, too.
        """
        self._joined.append(joined)
        self._running -= 1
        self._workers_cpu_ns += cpu_ns
        if not self._running:
            ended_ns = perf_counter_ns()
            counters = self._report(*map(_without_lock, self.shared))
            times = {"started_ns": self._started_ns, "ended_ns": ended_ns}
            events.send("finished", group=self._number, counters=counters, cpu=self._cpu(), **times)
            self._joined.clear()
            self._workers_cpu_ns = 0

    def _cpu(self) -> Optional[Dict[str, int]]:
        """CPU time of this process in the run in ns, without the thread that starts workers; None: not used by them."""
        if self._cpu_before is None:
            return None
        used = cpu_time.read().since(self._cpu_before)
        if self._model == "asyncio":  # The tasks run in this thread.
            process, workers = used.process, used.thread
        else:
            process, workers = used.process - used.thread, self._workers_cpu_ns
        return {"process": process, "helpers": max(0, process - workers), "children": used.children}


def _without_lock(shared: Any) -> Any:
    """A `multiprocessing.Value` without its lock: a killed worker may hold that for ever."""
    return shared.get_obj() if hasattr(shared, "get_obj") else shared
