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
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, Dict, List, Optional, Tuple

from pconc_tui.lab import stacks
from pconc_tui.lab.events import ChannelEvents, describe_exit
from pconc_tui.lab.launch import Launch
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.models import interpreters, subinterpreter_entry, threads
from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.interpreters import SubinterpreterCall
from pconc_tui.lab.models.pool_process import PoolProcess, execute_task
from pconc_tui.lab.models.sent_result import ReceivedResult
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.run_worker import execute, make_worker
from pconc_tui.lab.start_method import prepare_start_method
from pconc_tui.lab.worker_ending import DONE, STOPPED, ending_of
from pconc_tui.protocol.block import CPU, PID, Block
from pconc_tui.protocol.function_ref import names_function

EXIT_S = 1.0
"""How long a process may take from closing its files to its exit."""


def pool_size() -> int:
    """How many threads, processes or interpreters a pool has: as many as usable cores, but at least 2.

    With fewer than 2, a task that waits for another would wait for ever.
    """
    return max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class PoolTask(Task):
    """A worker that is a task of a pool; it has ended when its parent has received its result."""

    def prepare(self) -> None:
        self._slot = self.host.block.slot(self.spec.slot)
        self._future: Optional[Future[Any]] = None

    def submit(self) -> Future[Any]:
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

    def sent_bytes(self, received: Any) -> Optional[int]:
        """The size of the result that was received; None: unknown, or it was not sent but passed by reference."""
        return ReceivedResult(*received).sent_bytes if names_function(self.launch.experiment) else None

    def ending(self, error: BaseException) -> str:
        """How the task ended, by the exception that the pool gave it."""
        return ending_of(error, self.launch, self.spec)

    def _done(self, future: Future[Any]) -> None:
        try:
            error = None if future.cancelled() else future.exception()
            ending = STOPPED if future.cancelled() else DONE if error is None else self.ending(error)
            sent_bytes = self.sent_bytes(future.result()) if ending == DONE else None
            self.host.events.send_ended(self.spec.id, ending, sent_bytes)
        finally:
            self.host.report_end(self.spec.id)


class ThreadPoolTask(PoolTask):
    """A task of a thread pool."""

    def prepare(self) -> None:
        super().prepare()
        self._worker = make_worker(self.host.block, self.launch, self.spec)

    def submit(self) -> Future[Any]:
        return self.host.executor.submit(execute, self._worker, self.assignment)  # type: ignore[no-any-return]

    def wake_running(self) -> None:
        self._worker.wake()

    def sent_bytes(self, received: Any) -> None:
        """Passed by reference."""


class ThreadPoolHost(HostProcess):
    """The host process of a thread pool."""

    task_type = ThreadPoolTask
    primitives = threads.PRIMITIVES

    def __init__(self, block: Block, events: ChannelEvents, output: OutputCapture) -> None:
        super().__init__(block, events, output)
        self.executor = ThreadPoolExecutor(pool_size(), thread_name_prefix="pool")


class InterpreterPoolTask(PoolTask):
    """A task of an interpreter pool."""

    def prepare(self) -> None:
        super().prepare()
        self._call = SubinterpreterCall(self.host, self.launch, self.spec, self.shared)

    def submit(self) -> Future[Any]:
        submitted: Future[Any] = self.host.executor.submit(subinterpreter_entry.execute_task, self._call.text)
        return submitted

    def ending(self, error: BaseException) -> str:
        if type(error).__name__ == "ExecutionFailed":
            # Stands for an exception that can't be sent; the traceback in its message is in the log already.
            return str(error).split("\n", 1)[0]
        return super().ending(error)

    def wake_running(self) -> None:
        self._call.wake()

    def report_await(self) -> None:
        self._call.report_await()

    def join(self) -> None:
        super().join()
        self._call.close()

    def discard(self) -> None:
        self._call.close()


class InterpreterPoolHost(interpreters.SubinterpretersHost):
    """The host process of an interpreter pool."""

    task_type = InterpreterPoolTask

    def __init__(self, block: Block, events: ChannelEvents, output: OutputCapture) -> None:
        super().__init__(block, events, output)
        self.executor: Executor = concurrent.futures.InterpreterPoolExecutor(  # type: ignore[attr-defined]
            pool_size(), initializer=exec, initargs=(interpreters.MAKE_IMPORTABLE,)
        )


class ProcessPoolTask(PoolTask):
    """A task of a process pool."""

    _executor: Optional[ProcessPoolExecutor] = None

    def submit(self) -> Future[Any]:
        try:
            return self._submit()
        except BrokenProcessPool:
            # One of its processes was killed, so the group gets a new pool. The thread of the old one has to end first:
            # a fork beside threads may hang.
            self.host.shut_down(self.launch.group, wait=True)
            return self._submit()

    def _submit(self) -> Future[Any]:
        self._executor = executor = self.host.executor(self.launch.group, self.shared)
        return executor.submit(execute_task, self.launch, self.spec)  # type: ignore[no-any-return]

    def wake_running(self) -> None:
        if self._slot[PID] in _processes(self._executor):
            with suppress(ProcessLookupError):
                os.kill(self._slot[PID], signal.SIGUSR1)

    def ending(self, error: BaseException) -> str:
        if not isinstance(error, BrokenProcessPool):
            return super().ending(error)
        dead = _dead_processes(self._executor)
        reasons = [f"process {pid} {'was ' * how.startswith('killed')}{how}" for pid, how in dead.items()]
        if not reasons and error.__cause__ is not None:
            # The traceback, as text in quotes, of what could not be unpickled.
            reasons = [line for line in str(error.__cause__).splitlines() if line.strip("'\"")][-1:]
        return f"BrokenProcessPool: {' and '.join(reasons) or error}"


def _processes(executor: Optional[ProcessPoolExecutor]) -> Dict[int, BaseProcess]:
    """The processes of an executor by PID; it names them nowhere in public."""
    return dict(getattr(executor, "_processes", None) or {})


def _dead_processes(executor: Optional[ProcessPoolExecutor]) -> Dict[int, str]:
    """How the processes of a broken pool ended that did, by PID."""
    found = {process.sentinel: process for process in _processes(executor).values()}
    dead = [found[sentinel] for sentinel in connection.wait(list(found), 0) if isinstance(sentinel, int)]
    for process in dead:
        process.join(EXIT_S)
    return {process.pid or 0: describe_exit(process.exitcode) for process in dead}


class ProcessPoolHost(HostProcess):
    """The host process of process pools: one pool a group, since processes can only inherit what a group shares."""

    task_type = ProcessPoolTask
    runs_workers = False

    def __init__(self, block: Block, events: ChannelEvents, output: OutputCapture) -> None:
        super().__init__(block, events, output)
        self.primitives = get_context()
        prepare_start_method()
        self._lifeline = Lifeline()
        self._executors: Dict[int, ProcessPoolExecutor] = {}
        self._old: List[Tuple[ProcessPoolExecutor, Optional[Thread]]] = []
        """Pools that are shut down, with their threads."""

    def prepare(self, launch: Launch) -> None:
        """Import the function where processes inherit it; others start without its folder and import it themselves."""
        if get_context().get_start_method() == "fork":
            import multiprocessing.synchronize  # noqa: F401  An executor imports it when it is made.

            super().prepare(launch)

    def cpu_time(self) -> None:
        """The workers run in processes of their own."""

    def report_stacks(self, workers: List[Tuple[int, int, int]]) -> None:
        own = {pid for executor in self._executors.values() for pid in _processes(executor)}
        for pid in own.intersection(pid for _, pid, _ in workers):
            with suppress(ProcessLookupError):
                os.kill(pid, stacks.SIGNAL)

    def executor(self, group: int, shared: Tuple[Any, ...]) -> ProcessPoolExecutor:
        """The group's pool."""
        if group not in self._executors:
            opener = self.events.channel.opener
            assert opener is not None
            self._await_old()
            arguments = self.block, opener, self._lifeline, shared
            self._executors[group] = ProcessPoolExecutor(pool_size(), get_context(), PoolProcess.start, arguments)
        return self._executors[group]

    def shut_down(self, group: int, wait: bool) -> None:
        """Shut the group's pool down, if it has one."""
        executor = self._executors.pop(group, None)
        if executor is not None:
            self._old.append((executor, getattr(executor, "_executor_manager_thread", None)))
            executor.shutdown(wait=wait)

    def _await_old(self) -> None:
        """Wait until the threads of old pools have ended: a fork beside them may hang.

        A pool whose thread goes on is kept: collected in a forked process, it would wait there for its thread's lock.
        """
        for _, thread in self._old:
            if thread is not None:
                thread.join(EXIT_S)
        self._old = [(executor, thread) for executor, thread in self._old if thread is not None and thread.is_alive()]

    def forget(self, group: int) -> None:
        super().forget(group)
        self.shut_down(group, wait=False)
