"""The models *thread-pool*, *process-pool* and *interpreter-pool*: the executors of `concurrent.futures`.

Each worker is a task; a pool has as many workers of its own as there are cores, and two at least, so more tasks
than that queue.
"""

from __future__ import annotations

import concurrent.futures
import os
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from typing import Any, Dict, Optional, Tuple

from pconc_tui.lab.events import Events, OutputCapture
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.interpreters import SubinterpreterTask
from pconc_tui.lab.models.subinterpreter_primitives import Primitives as InterpreterPrimitives
from pconc_tui.lab.models.threads import Primitives as ThreadPrimitives
from pconc_tui.lab.run_worker import Launch, WorkerSpec, run, worker_of
from pconc_tui.lab.start_method import warm_up
from pconc_tui.protocol.block import PID, Block
from pconc_tui.worker.worker import Worker


def pool_size() -> int:
    """As many pool workers as there are usable cores; two at least, since a task may wait for another."""
    return max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class PoolTask(Task):
    """A worker that is a task of a pool."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._host = host
        self._number = spec.id
        self._future: Optional[Future[None]] = None

    def submit(self) -> Future[None]:
        """Hand the task to the pool."""
        raise NotImplementedError

    def start(self) -> None:
        self._future = self.submit()
        self._future.add_done_callback(self._done)

    def wake(self) -> None:
        if self._future is not None and not self._future.cancel():
            self.interrupt()

    def interrupt(self) -> None:
        """End the sleep of a task that runs."""
        raise NotImplementedError

    def join(self) -> None:
        """A task that is done leaves nothing to wait for."""

    def _done(self, future: Future[None]) -> None:
        if future.cancelled():
            self._host.events.send("ended", worker=self._number, ending="stopped")
        elif error := future.exception():
            self._host.events.send("ended", worker=self._number, ending=f"{type(error).__name__}: {error}"[:500])
        self._host.ended(self._number)


class ThreadPoolTask(PoolTask):
    """A task of a thread pool."""

    def __init__(self, host: ThreadPoolHost, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        super().__init__(host, launch, spec, shared)
        self._worker = worker_of(host.block, launch, spec)
        self._executor = host.executor
        self._arguments = launch, spec, shared, host.events, host.out

    def submit(self) -> Future[None]:
        return self._executor.submit(run, self._worker, *self._arguments)

    def interrupt(self) -> None:
        self._worker.wake()


class ThreadPoolHost(HostProcess):
    """The host of a thread pool."""

    job = ThreadPoolTask
    primitives = ThreadPrimitives

    def __init__(self, block: Block, events: Events, out: OutputCapture) -> None:
        super().__init__(block, events, out)
        self.executor = ThreadPoolExecutor(pool_size(), thread_name_prefix="pool")


class InterpreterPoolTask(PoolTask):
    """A task of an interpreter pool."""

    def __init__(self, host: InterpreterPoolHost, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        super().__init__(host, launch, spec, shared)
        self._executor = host.executor
        self._errand = SubinterpreterTask(host, launch, spec, shared)

    def submit(self) -> Future[None]:
        return self._executor.submit(exec, self._errand.code)

    def interrupt(self) -> None:
        self._errand.wake()

    def join(self) -> None:
        self._errand.close()


class InterpreterPoolHost(HostProcess):
    """The host of an interpreter pool."""

    job = InterpreterPoolTask
    primitives = InterpreterPrimitives

    def prepare(self, launch: Launch) -> None:
        """Nothing: each interpreter imports for itself."""

    def __init__(self, block: Block, events: Events, out: OutputCapture) -> None:
        super().__init__(block, events, out)
        self.executor: Executor = concurrent.futures.InterpreterPoolExecutor(pool_size())  # type: ignore[attr-defined]


class ProcessPoolTask(PoolTask):
    """A task of a process pool."""

    def __init__(self, host: ProcessPoolHost, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        super().__init__(host, launch, spec, shared)
        self._pools = host
        self._launch = launch
        self._place = spec
        self._shared = shared
        self._slot = host.block.slot(spec.slot)

    def submit(self) -> Future[None]:
        group = self._launch.group
        try:
            return self._pools.executor(group, self._shared).submit(_run_in_process, self._launch, self._place)
        except BrokenProcessPool:
            # A process of it was killed, so the group gets another pool; the old one's thread must be gone by then,
            # since forking beside threads may hang.
            self._pools.forget_executor(group, wait=True)
            return self._pools.executor(group, self._shared).submit(_run_in_process, self._launch, self._place)

    def interrupt(self) -> None:
        if self._slot[PID]:
            with suppress(ProcessLookupError):
                os.kill(self._slot[PID], signal.SIGUSR1)


class ProcessPoolHost(HostProcess):
    """The host of process pools: one a group, since what a group shares can only be inherited."""

    job = ProcessPoolTask

    def __init__(self, block: Block, events: Events, out: OutputCapture) -> None:
        super().__init__(block, events, out)
        self.primitives = get_context()
        warm_up()
        self._lifeline = Lifeline()
        self._executors: Dict[int, ProcessPoolExecutor] = {}

    def executor(self, group: int, shared: Tuple[Any, ...]) -> ProcessPoolExecutor:
        """The group's pool."""
        if group not in self._executors:
            given = self.block, self.events, self._lifeline, shared
            self._executors[group] = ProcessPoolExecutor(pool_size(), get_context(), _enter_process, given)
        return self._executors[group]

    def forget_executor(self, group: int, wait: bool) -> None:
        """Let the group's pool go."""
        if group in self._executors:
            self._executors.pop(group).shutdown(wait=wait)

    def forget(self, group: int) -> None:
        super().forget(group)
        self.forget_executor(group, wait=False)


class _Inside:
    """What a process of a pool was given when it was started, and the worker it runs now."""

    given: Tuple[Block, Events, OutputCapture, Tuple[Any, ...]]
    worker: Optional[Worker] = None


def _enter_process(block: Block, events: Events, lifeline: Lifeline, shared: Tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not SIGTERM: with that the executor ends its processes.
    signal.signal(signal.SIGUSR1, _wake)
    lifeline.hold()
    _Inside.given = block, events, OutputCapture.install(events), shared


def _wake(*_: object) -> None:
    if _Inside.worker is not None:
        _Inside.worker.wake()


def _run_in_process(launch: Launch, spec: WorkerSpec) -> None:
    block, events, out, shared = _Inside.given
    _Inside.worker = worker = worker_of(block, launch, spec)
    run(worker, launch, spec, shared, events, out)
