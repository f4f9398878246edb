"""A host process holds all workers of a model whose workers share a process. What all such models have in common."""

from __future__ import annotations

import os
import select
import signal
from contextlib import contextmanager
from multiprocessing import connection
from time import perf_counter_ns
from typing import Any, Dict, Iterator, List, Optional, Tuple, Type

from pconc_tui import current
from pconc_tui.lab import cpu_time, stacks
from pconc_tui.lab.channel import ChannelOpener
from pconc_tui.lab.events import ChannelEvents
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.output import OutputCapture
from pconc_tui.lab.run_worker import Assignment
from pconc_tui.lab.worker_ending import UNREPORTED
from pconc_tui.lab.worker_group import WorkerGroup
from pconc_tui.protocol.block import LAUNCHED, Block
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.protocol.json_lines import JsonLinesReader
from pconc_tui.worker.forked_child import close_in_child, handle_signal


class Task:
    """One worker, as its host process starts, wakes and joins it."""

    cpu_ns = 0
    """CPU time that its thread has used for it, set when it has ended."""

    def __init__(self, host: Any, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self.host, self.launch, self.spec, self.shared = host, launch, spec, shared
        self.assignment = Assignment(launch, spec, shared, host.events, host.output)
        self.prepare()

    def prepare(self) -> None:
        """Make what the worker needs to start."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the worker, which calls `host.report_end` when it ends. Raises OSError or RuntimeError if it can't."""
        raise NotImplementedError

    def discard(self) -> None:
        """Release what the task holds; called if it could not be started."""

    def wake(self) -> None:
        """End the worker's sleep, so that it checks whether it is asked to stop."""
        raise NotImplementedError

    def report_await(self) -> None:
        """Have a worker in another interpreter report what its coroutine awaits."""

    def join(self) -> None:
        """Wait until all resources of the worker are released; called after it has ended."""
        raise NotImplementedError


class HostProcess:
    """Starts and joins tasks, as the controller commands."""

    task_type: Type[Task]
    reads_stacks_at_signal = False
    """Whether workers run in the main thread, which then handles no commands."""
    runs_workers = True
    """Whether workers run in this process, rather than in its children."""
    primitives: Any
    """What an experiment's setup receives: `Primitives` or a context of `multiprocessing`."""

    def __init__(self, block: Block, events: ChannelEvents, output: OutputCapture) -> None:
        self.block = block
        self.events = events
        self.output = output
        self._groups: Dict[int, WorkerGroup] = {}
        self._tasks: Dict[int, Tuple[Task, WorkerGroup]] = {}
        self.ended_fd, self._end_fd = os.pipe()

    def serve(self, commands: JsonLinesReader) -> None:
        """Handle commands until the controller closes their pipe. While it waits in `select`, it needs no GIL."""
        while True:
            ready, _, _ = select.select([commands.fd, self.ended_fd], [], [])
            if self.ended_fd in ready:
                self.join()
            if commands.fd in ready and not self.handle_commands(commands):
                return

    def handle_commands(self, commands: JsonLinesReader) -> bool:
        """Handle the commands that have arrived; returns False once the pipe is closed."""
        batch = commands.read()
        for command in batch or ():
            getattr(self, command.pop("do"))(**command)
        return batch is not None

    def launch(self, **command: Any) -> None:
        launch = Launch.parse(command)
        group = self._groups.get(launch.group)
        if group is None:
            self.prepare(launch)
            try:
                group = self._groups[launch.group] = WorkerGroup(launch, self.primitives)
            except OSError as error:
                self.events.send_refused(launch, error)
                return
        group.start(len(launch.workers), self.cpu_time())
        tasks: Dict[WorkerSpec, Task] = {}
        for spec in launch.workers:
            with self._reporting_failure(spec, group):
                tasks[spec] = self.task_type(self, launch, spec, group.shared)
        for spec, task in tasks.items():
            self._tasks[spec.id] = task, group
            self.block.slot(spec.slot)[LAUNCHED] = perf_counter_ns()
            with self._reporting_failure(spec, group):
                task.start()

    @contextmanager
    def _reporting_failure(self, spec: WorkerSpec, group: WorkerGroup) -> Iterator[None]:
        """A context in which a step of starting a worker may fail, for want of threads, files or memory."""
        try:
            yield
        except (OSError, RuntimeError, MemoryError) as error:
            if spec.id in self._tasks:
                self._tasks.pop(spec.id)[0].discard()
            self.events.send_not_started(spec.id, error)
            group.join(self.events)

    def cpu_time(self) -> Optional[cpu_time.CpuTime]:
        """CPU time of this process so far; None where workers don't run in it."""
        return cpu_time.read()

    def prepare(self, launch: Launch) -> None:
        """Do what takes time and is done once a process, before the launch is timed."""
        if names_function(launch.experiment):
            from pconc_tui.lab import user_function_call

            user_function_call.preload(launch.experiment)

    def stop(self, workers: List[int]) -> None:
        for worker in workers:
            if worker in self._tasks:
                self._tasks[worker][0].wake()

    def report_stacks(self, workers: List[Tuple[int, int, int]]) -> None:
        """Report where these workers are in the user's code: id, process id and native thread id of each."""
        stacks.report(self.events, [id for id, _, _ in workers])

    def forget(self, group: int) -> None:
        self._groups.pop(group, None)

    def report_end(self, worker: int) -> None:
        """Report that a worker has ended; any thread may call this."""
        os.write(self._end_fd, b"%d\n" % worker)

    def interrupt(self, *_: object) -> None:
        """Handle SIGINT, which raises KeyboardInterrupt in the main thread."""
        if current.get() is not None:
            raise KeyboardInterrupt  # The main thread runs a task of the user's.
        self.events.log(0, "KeyboardInterrupt in the main thread")

    def join(self) -> None:
        """Join the workers that have ended."""
        for worker in os.read(self.ended_fd, 4096).split():
            task, group = self._tasks.pop(int(worker))
            task.join()
            self.events.send_ended(int(worker), UNREPORTED)
            group.join(self.events, task, task.cpu_ns)


def run_host_process(
    kind: Type[HostProcess], block: Block, opener: ChannelOpener, lifeline: Lifeline, commands: connection.Connection
) -> None:
    """A host process's main function."""
    lifeline.attach()
    channel = opener.open()
    host = kind(block, ChannelEvents(channel), OutputCapture(channel))
    if kind.runs_workers:
        close_in_child(block.fd, commands.fileno(), host.ended_fd)
    handle_signal(signal.SIGINT, host.interrupt, usual=signal.default_int_handler)
    host.serve(JsonLinesReader(commands.fileno()))
    os._exit(0)
