"""The model *processes*: one process a worker, children of the controller."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from multiprocessing import ProcessError, get_context
from multiprocessing.process import BaseProcess
from time import perf_counter_ns
from typing import Any, Dict, List, Tuple

from pconc_tui.lab.events import Events, OutputCapture
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.run_worker import Group, Launch, WorkerSpec, ending, run, worker_of
from pconc_tui.protocol.block import LAUNCHED, Block
from pconc_tui.worker.worker import Stopped, Worker

PATIENCE_S = 1.0
"""How long a worker may take to stop, and what it put into a queue to get through."""
LOST = 255
"""What multiprocessing gives as exit status where the fork server died, and the worker perhaps did not."""


class Processes:
    """Starts worker processes and joins them, in the controller."""

    def __init__(self, block: Block, events: Events, lifeline: Lifeline) -> None:
        self._block = block
        self._events = events
        self._lifeline = lifeline
        self._context = get_context()
        self._groups: Dict[int, Group] = {}
        self._running: Dict[int, Tuple[BaseProcess, Group]] = {}

    def launch(self, **command: Any) -> None:
        launch = Launch.parsed(command)
        group = self._groups.get(launch.group)
        if group is None:
            group = self._groups[launch.group] = Group(launch, self._context)
        group.started(len(launch.workers))
        processes: List[BaseProcess] = []
        for spec in launch.workers:
            process: BaseProcess = self._context.Process(
                target=_main,
                args=(self._block, self._events, self._lifeline, launch, spec, group.shared),
                name=spec.name,
            )
            self._running[spec.id] = process, group
            processes.append(process)
        for spec, process in zip(launch.workers, processes):
            self._block.slot(spec.slot)[LAUNCHED] = perf_counter_ns()
            try:
                process.start()
            except (OSError, EOFError, ProcessError) as error:
                del self._running[spec.id]
                self._events.send("ended", worker=spec.id, ending=f"could not start: {error}")
                group.joined(self._events)

    def stop(self, workers: List[int]) -> None:
        for process in self._started(workers):
            process.terminate()

    def kill(self, workers: List[int]) -> None:
        for process in self._started(workers):
            process.kill()

    def forget(self, group: int) -> None:
        self._groups.pop(group, None)

    def sentinels(self) -> Dict[int, int]:
        """What becomes ready when a worker has ended, and which worker it is."""
        return {process.sentinel: number for number, (process, _) in self._running.items()}

    def join(self, number: int) -> None:
        """Join a worker that has ended, and report how if it could not do so itself."""
        process, group = self._running.pop(number)
        process.join()
        by_server = self._context.get_start_method() == "forkserver"
        if by_server and process.exitcode == LOST and process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        if process.exitcode:
            # Stopped before it could take the signal as a request.
            stopped = process.exitcode == -signal.SIGTERM
            self._events.send("ended", worker=number, ending="stopped" if stopped else ending(process.exitcode))
        process.close()
        group.joined(self._events)

    def end(self) -> None:
        """Kill all that is left and wait until it is gone."""
        self.kill(list(self._running))
        for process, _ in self._running.values():
            if process.pid is not None:
                process.join()

    def _started(self, workers: List[int]) -> List[BaseProcess]:
        found = [self._running[worker][0] for worker in workers if worker in self._running]
        return [process for process in found if process.pid is not None]


def _main(
    block: Block,
    events: Events,
    lifeline: Lifeline,
    launch: Launch,
    spec: WorkerSpec,
    shared: Tuple[Any, ...],
) -> None:
    """A worker process's main function."""
    worker = worker_of(block, launch, spec)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _take_stops(worker)
    lifeline.hold()
    run(worker, launch, spec, shared, events, OutputCapture.install(events))
    signal.setitimer(signal.ITIMER_REAL, 0)
    _let_go(shared)


def _take_stops(worker: Worker) -> None:
    """End the worker's sleep when it is to stop, and stop it where it stands if it does not do so itself.

    It may wait for ever where it can't look: for a lock inside a `Value` or a queue whose holder was killed.
    """

    def insist(*_: object) -> None:
        raise Stopped

    def stop(*_: object) -> None:
        worker.wake()
        signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)

    signal.signal(signal.SIGALRM, insist)
    signal.signal(signal.SIGTERM, stop)


def _let_go(shared: Tuple[Any, ...]) -> None:
    """Give what was put into queues time to get through, but don't wait for ever for the lock of one that is dead."""
    for each in shared:
        if hasattr(each, "cancel_join_thread"):
            each.close()
            each.cancel_join_thread()
    for thread in threading.enumerate():
        if thread.name == "QueueFeederThread":
            thread.join(PATIENCE_S)
