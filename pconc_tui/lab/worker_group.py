"""A group of workers in the process that starts them: what they share, and the report after the last one has ended."""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any, Dict, List

from pconc_tui import experiments
from pconc_tui.lab.events import EventSender
from pconc_tui.lab.launch import Launch
from pconc_tui.protocol.function_ref import names_function


class WorkerGroup:
    """Workers that share what their experiment's setup made with the model's `primitives`."""

    def __init__(self, launch: Launch, primitives: Any) -> None:
        self._number = launch.group
        self._running = 0
        self._started_ns = 0
        self._joined: List[object] = []
        if names_function(launch.experiment):
            self._report, self.shared = _nothing_to_report, ()
        else:
            experiment = experiments.load(launch.experiment)
            self._report, self.shared = experiment.report, experiment.setup(primitives)

    def start(self, workers: int) -> None:
        """Record that this many workers are about to be started."""
        if not self._running:
            self._started_ns = perf_counter_ns()
        self._running += workers

    def join(self, events: EventSender, joined: object = None) -> None:
        """Record that a worker has been joined; after the last one, send the report.

        Until then `joined` is kept, as a script keeps all results: freeing them takes time, too.
        """
        self._joined.append(joined)
        self._running -= 1
        if not self._running:
            ended_ns = perf_counter_ns()
            counters = self._report(*map(_without_lock, self.shared))
            events.send(
                "finished", group=self._number, started_ns=self._started_ns, ended_ns=ended_ns, counters=counters
            )
            self._joined.clear()


def _nothing_to_report() -> Dict[str, Any]:
    return {}


def _without_lock(shared: Any) -> Any:
    """A `multiprocessing.Value` without its lock: a killed worker may hold that for ever."""
    return shared.get_obj() if hasattr(shared, "get_obj") else shared
