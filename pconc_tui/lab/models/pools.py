"""The models *thread-pool*, *process-pool* and *interpreter-pool*: the executors of `concurrent.futures`.

Each worker is a task submitted to the pool; when there are more tasks than threads or processes in it, they queue.
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

from pconc_tui.lab.events import Events
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.models import interpreters, threads
from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.interpreters import SubinterpreterCall
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.run_worker import make_worker, run
from pconc_tui.lab.start_method import prepare_start_method
from pconc_tui.protocol.block import CPU, PID, Block
from pconc_tui.worker.forked_child import close_in_child, handle_signal
from pconc_tui.worker.worker import Worker


def pool_size() -> int:
    """How many threads, processes or interpreters a pool has: as many as usable cores, but at least 2.

    With fewer than 2, a task that waits for another would wait for ever.
    """
    return max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class PoolTask(Task):
    """A worker that is a task of a pool."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._host = host
        self._worker_id = spec.id
        self._slot = host.block.slot(spec.slot)
        self._future: Optional[Future[None]] = None

    def submit(self) -> Future[None]:
        """Submit the task to the pool."""
        raise NotImplementedError

    def start(self) -> None:
        self._future = self.submit()
        self._future.add_done_callback(self._done)

    def wake(self) -> None:
        if self._future is not None and not self._future.cancel():
            self.wake_running()

    def wake_running(self) -> None:
        """End the sleep of a task that runs."""
        raise NotImplementedError

    def join(self) -> None:
        """A task that is done needs no joining."""
        self.cpu_ns = self._slot[CPU]

    def _done(self, future: Future[None]) -> None:
        if future.cancelled():
            self._host.events.send_ended(self._worker_id, "stopped")
        elif error := future.exception():
            self._host.events.send_ended(self._worker_id, f"{type(error).__name__}: {error}")
        self._host.report_end(self._worker_id)


class ThreadPoolTask(PoolTask):
    """A task of a thread pool."""

    def __init__(self, host: ThreadPoolHost, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        super().__init__(host, launch, spec, shared)
        self._worker = make_worker(host.block, launch, spec)
        self._executor = host.executor
        self._arguments = launch, spec, shared, host.events, host.output

    def submit(self) -> Future[None]:
        return self._executor.submit(run, self._worker, *self._arguments)

    def wake_running(self) -> None:
        self._worker.wake()


class ThreadPoolHost(HostProcess):
    """The host process of a thread pool."""

    task_type = ThreadPoolTask
    primitives = threads.PRIMITIVES

    def __init__(self, block: Block, events: Events, output: OutputCapture) -> None:
        super().__init__(block, events, output)
        self.executor = ThreadPoolExecutor(pool_size(), thread_name_prefix="pool")


class InterpreterPoolTask(PoolTask):
    """A task of an interpreter pool."""

    def __init__(self, host: InterpreterPoolHost, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        super().__init__(host, launch, spec, shared)
        self._executor = host.executor
        self._call = SubinterpreterCall(host, launch, spec, shared)

    def submit(self) -> Future[None]:
        return self._executor.submit(exec, self._call.code)

    def wake_running(self) -> None:
        self._call.wake()

    def join(self) -> None:
        super().join()
        self._call.close()


class InterpreterPoolHost(HostProcess):
    """The host process of an interpreter pool."""

    task_type = InterpreterPoolTask
    primitives = interpreters.PRIMITIVES

    prepare = interpreters.InterpretersHost.prepare

    def __init__(self, block: Block, events: Events, output: OutputCapture) -> None:
        super().__init__(block, events, output)
        self.executor: Executor = concurrent.futures.InterpreterPoolExecutor(pool_size())  # type: ignore[attr-defined]


class ProcessPoolTask(PoolTask):
    """A task of a process pool."""

    def __init__(self, host: ProcessPoolHost, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        super().__init__(host, launch, spec, shared)
        self._pools = host
        self._launch = launch
        self._spec = spec
        self._shared = shared

    def submit(self) -> Future[None]:
        group = self._launch.group
        try:
            return self._pools.executor(group, self._shared).submit(_run_in_pool, self._launch, self._spec)
        except BrokenProcessPool:
            # One of its processes was killed, so the group gets a new pool. The thread of the old one has to end first:
            # a fork beside threads may hang.
            self._pools.shut_down(group, wait=True)
            return self._pools.executor(group, self._shared).submit(_run_in_pool, self._launch, self._spec)

    def wake_running(self) -> None:
        if self._slot[PID]:
            with suppress(ProcessLookupError):
                os.kill(self._slot[PID], signal.SIGUSR1)


class ProcessPoolHost(HostProcess):
    """The host process of process pools: one pool a group, since processes can only inherit what a group shares."""

    task_type = ProcessPoolTask
    runs_workers = False

    def __init__(self, block: Block, events: Events, output: OutputCapture) -> None:
        super().__init__(block, events, output)
        self.primitives = get_context()
        prepare_start_method()
        self._lifeline = Lifeline()
        self._executors: Dict[int, ProcessPoolExecutor] = {}

    def prepare(self, launch: Launch) -> None:
        """Import the function where processes inherit it; others start without its folder and import it themselves."""
        if get_context().get_start_method() == "fork":
            import multiprocessing.synchronize  # noqa: F401  An executor imports it when it is made.

            super().prepare(launch)

    def cpu_time(self) -> None:
        """The workers run in processes of their own."""

    def executor(self, group: int, shared: Tuple[Any, ...]) -> ProcessPoolExecutor:
        """The group's pool."""
        if group not in self._executors:
            arguments = self.block, self.events, self._lifeline, shared
            self._executors[group] = ProcessPoolExecutor(pool_size(), get_context(), _PoolProcess.start, arguments)
        return self._executors[group]

    def shut_down(self, group: int, wait: bool) -> None:
        """Shut the group's pool down, if it has one."""
        if group in self._executors:
            self._executors.pop(group).shutdown(wait=wait)

    def forget(self, group: int) -> None:
        super().forget(group)
        self.shut_down(group, wait=False)


class _PoolProcess:
    """This process, if it is one of a pool: what it received at its start, and the worker that it runs now."""

    block: Block
    events: Events
    output: OutputCapture
    shared: Tuple[Any, ...]
    worker: Optional[Worker] = None

    @classmethod
    def start(cls, block: Block, events: Events, lifeline: Lifeline, shared: Tuple[Any, ...]) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # Not SIGTERM, with which the executor ends its processes.
        handle_signal(signal.SIGUSR1, cls._wake)
        lifeline.attach()
        close_in_child(block.fd)
        cls.block, cls.events, cls.output, cls.shared = block, events, OutputCapture.install(events), shared

    @classmethod
    def _wake(cls, *_: object) -> None:
        if cls.worker is not None:
            cls.worker.wake()


def _run_in_pool(launch: Launch, spec: WorkerSpec) -> None:
    process = _PoolProcess
    process.worker = worker = make_worker(process.block, launch, spec)
    run(worker, launch, spec, process.shared, process.events, process.output)
