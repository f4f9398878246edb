"""The model *processes*: each worker is a process, a child of the controller."""

from __future__ import annotations

import mmap
import os
import signal
import threading
from contextlib import suppress
from multiprocessing import ProcessError, get_context
from multiprocessing.process import BaseProcess
from time import perf_counter_ns
from typing import Any, Dict, List, Optional, Set, Tuple

from pconc_tui.lab import stacks
from pconc_tui.lab.channel import ChannelOpener
from pconc_tui.lab.descendants import end_descendants
from pconc_tui.lab.events import ChannelEvents, Events, describe_exit
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.process_watch import ProcessExit
from pconc_tui.lab.run_worker import Assignment, make_worker, run
from pconc_tui.lab.worker_ending import STOPPED
from pconc_tui.lab.worker_group import WorkerGroup
from pconc_tui.protocol.block import CONTROL, LAUNCHED, RSS, STOP, Block
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.protocol.process_stat import thread_cpu_ns
from pconc_tui.worker.forked_child import close_in_child, handle_signal
from pconc_tui.worker.waiter import Stopped
from pconc_tui.worker.worker import Worker

GRACE_S = 1.0
"""How long a worker may take to stop, and its queues to be flushed."""
FORK_SERVER_DIED = 255
"""The exit code that multiprocessing assumes when the fork server died; the worker may still live."""


class Processes:
    """Starts worker processes and joins them, in the controller."""

    def __init__(self, block: Block, events: Events, opener: ChannelOpener, lifeline: Lifeline) -> None:
        self._block = block
        self._events = events
        self._opener = opener
        self._lifeline = lifeline
        self._context = get_context()
        self._groups: Dict[int, WorkerGroup] = {}
        self._running: Dict[int, Tuple[BaseProcess, WorkerGroup]] = {}
        self._exits: Dict[int, ProcessExit] = {}
        self._stopping: Set[int] = set()
        """Workers that were asked to stop."""
        self._killed_cpu_ns: Dict[int, Optional[int]] = {}
        """CPU time of killed workers just before: a fork server waits for its processes itself."""

    def launch(self, **command: Any) -> None:
        launch = Launch.parse(command)
        group = self._groups.get(launch.group)
        if group is None:
            try:
                group = self._groups[launch.group] = WorkerGroup(launch, self._context)
            except OSError as error:
                self._events.send_refused(launch, error)
                return
        group.start(len(launch.workers))
        processes: List[BaseProcess] = []
        for spec in launch.workers:
            process: BaseProcess = self._context.Process(
                target=_main,
                args=(self._block, self._opener, self._lifeline, launch, spec, group.shared),
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
                self._events.send_not_started(spec.id, error)
                group.join(self._events)
            else:
                self._exits[spec.id] = ProcessExit(process)

    def stop(self, workers: List[int]) -> None:
        self._stopping.update(workers)
        for process in self._started(workers):
            process.terminate()

    def kill(self, workers: List[int]) -> None:
        for worker in workers:
            for process in self._started([worker]):
                self._killed_cpu_ns[worker] = _main_thread_cpu_ns(process)
                process.kill()

    def report_stacks(self, workers: List[Tuple[int, int, int]]) -> None:
        """Have these workers report where they are in the user's code."""
        for process in self._started([id for id, _, _ in workers]):
            with suppress(ProcessLookupError):
                os.kill(process.pid or 0, stacks.SIGNAL)

    def forget(self, group: int) -> None:
        self._groups.pop(group, None)

    def pids(self) -> List[int]:
        """The worker processes."""
        return [process.pid for process, _ in self._running.values() if process.pid is not None]

    def exit_fds(self) -> Dict[int, int]:
        """The id of each running worker, by the file descriptor that is readable once it has ended."""
        return {exit.fd: worker for worker, exit in self._exits.items()}

    def join(self, worker: int) -> None:
        """Join a worker that has ended; report its ending, which counts if it could not report it itself."""
        process, group = self._running.pop(worker)
        # Before it is waited for, so that what it has used can still be read.
        cpu_ns = _main_thread_cpu_ns(process)
        process.join()
        self._exits.pop(worker).close()
        by_server = self._context.get_start_method() == "forkserver"
        if by_server and process.exitcode == FORK_SERVER_DIED and process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        # If it was asked to stop, the signal came before it had installed its handler.
        stopped = process.exitcode == -signal.SIGTERM and worker in self._stopping
        killed_cpu_ns = self._killed_cpu_ns.pop(worker, None)
        self._events.send_ended(
            worker,
            STOPPED if stopped else describe_exit(process.exitcode),
            cpu_ns=killed_cpu_ns if cpu_ns is None else cpu_ns,
        )
        self._stopping.discard(worker)
        process.close()
        group.join(self._events)

    def end(self) -> None:
        """Kill the workers that still run, and join them."""
        self.kill(list(self._running))
        for process, _ in self._running.values():
            if process.pid is not None:
                process.join()

    def _started(self, workers: List[int]) -> List[BaseProcess]:
        found = [self._running[worker][0] for worker in workers if worker in self._running]
        return [process for process in found if process.pid is not None]


def _main(
    block: Block,
    opener: ChannelOpener,
    lifeline: Lifeline,
    launch: Launch,
    spec: WorkerSpec,
    shared: Tuple[Any, ...],
) -> None:
    """A worker process's main function."""
    worker = make_worker(block, launch, spec)
    slot = block.slot(spec.slot)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _handle_stop_signals(worker, slot)
    lifeline.attach()
    close_in_child(block.fd)
    slot[RSS] = _resident_bytes()
    channel = opener.open()
    output = OutputCapture(channel, shared=False)
    events = ChannelEvents(channel)
    stacks.answer_signal(events)
    run(worker, Assignment(launch, spec, shared, events, output))
    signal.setitimer(signal.ITIMER_REAL, 0)
    if slot[CONTROL] & STOP and names_function(launch.experiment):
        # `multiprocessing` would wait for those that it has started.
        end_descendants(keep=lambda process: process.is_tracker)
    _flush_queues(shared)


def _main_thread_cpu_ns(process: BaseProcess) -> Optional[int]:
    return None if process.pid is None else thread_cpu_ns(process.pid, process.pid)


def _resident_bytes() -> int:
    """The resident size of this process; 0: unknown (Linux's proc(5), `statm`)."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * mmap.PAGESIZE
    except OSError:
        return 0


def _handle_stop_signals(worker: Worker, slot: memoryview) -> None:
    """At SIGTERM, wake the worker; if it has not stopped `GRACE_S` later, raise Stopped wherever it is.

    It may block where it can't check for requests: on the lock of a `Value` or a queue, whose holder was killed.
    """
    pid = os.getpid()

    def raise_stopped(*_: object) -> None:
        raise Stopped

    def stop(number: int, _: object) -> None:
        if os.getpid() == pid and slot[CONTROL] & STOP:
            worker.wake()
            signal.setitimer(signal.ITIMER_REAL, GRACE_S)
        else:
            # The function's own signal, or that of a child which has just been forked.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    handle_signal(signal.SIGALRM, raise_stopped)
    handle_signal(signal.SIGTERM, stop)


def _flush_queues(shared: Tuple[Any, ...]) -> None:
    """Wait until the items in queues are in their pipes, but not for ever: a killed process may hold a queue's lock."""
    for each in shared:
        if hasattr(each, "cancel_join_thread"):
            each.close()
            each.cancel_join_thread()
    for thread in threading.enumerate():
        if thread.name == "QueueFeederThread":
            thread.join(GRACE_S)
