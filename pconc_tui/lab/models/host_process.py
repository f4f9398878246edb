"""A host: a process that holds all workers of a model whose workers share one. What all such models have in common."""

from __future__ import annotations

import os
import select
import signal
from multiprocessing import connection
from time import perf_counter_ns
from typing import Any, Dict, List, Tuple, Type

from pconc_tui.lab.events import Events, OutputCapture
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.run_worker import Group, Launch, WorkerSpec
from pconc_tui.protocol.block import LAUNCHED, Block
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.protocol.json_lines import JsonLinesReader


class Task:
    """One worker as its host sees it."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Start the worker. At its end it calls `host.ended`. Raises OSError or RuntimeError if it can't start."""
        raise NotImplementedError

    def wake(self) -> None:
        """End its sleep, so that it sees that it is to stop."""
        raise NotImplementedError

    def join(self) -> None:
        """Wait until nothing is left of it; called after it ended."""
        raise NotImplementedError


class HostProcess:
    """Starts jobs as it is told to, and joins them."""

    job: Type[Task]
    primitives: Any
    """What an experiment's setup gets, to share things between the workers."""

    def __init__(self, block: Block, events: Events, out: OutputCapture) -> None:
        self.block = block
        self.events = events
        self.out = out
        self._groups: Dict[int, Group] = {}
        self._jobs: Dict[int, Tuple[Task, Group]] = {}
        self.ended_fd, self._end_fd = os.pipe()

    def serve(self, commands: JsonLinesReader) -> None:
        """Take commands until the controller closes their pipe. Blocked in `select`, it never asks for the GIL."""
        while True:
            ready, _, _ = select.select([commands.fd, self.ended_fd], [], [])
            if self.ended_fd in ready:
                self.join()
            if commands.fd in ready and not self.obey(commands):
                return

    def obey(self, commands: JsonLinesReader) -> bool:
        """Do what was commanded; False when there will be no more commands."""
        batch = commands.read()
        for command in batch or ():
            getattr(self, command.pop("do"))(**command)
        return batch is not None

    def launch(self, **command: Any) -> None:
        launch = Launch.parsed(command)
        group = self._groups.get(launch.group)
        if group is None:
            self.prepare(launch)
            group = self._groups[launch.group] = Group(launch, self.primitives)
        group.started(len(launch.workers))
        jobs = [self.job(self, launch, spec, group.shared) for spec in launch.workers]
        self._jobs.update((spec.id, (job, group)) for spec, job in zip(launch.workers, jobs))
        for spec, job in zip(launch.workers, jobs):
            self.block.slot(spec.slot)[LAUNCHED] = perf_counter_ns()
            try:
                job.start()
            except (OSError, RuntimeError) as error:
                del self._jobs[spec.id]
                self.events.send("ended", worker=spec.id, ending=f"could not start: {error}")
                group.joined(self.events)

    def prepare(self, launch: Launch) -> None:
        """Do what takes time, and is done once in a process, before the clock runs."""
        if names_function(launch.experiment):
            from pconc_tui.lab import user_function

            user_function.prepare(launch.experiment)

    def stop(self, workers: List[int]) -> None:
        for number in workers:
            if number in self._jobs:
                self._jobs[number][0].wake()

    def forget(self, group: int) -> None:
        self._groups.pop(group, None)

    def ended(self, number: int) -> None:
        """To be called where a worker has ended, from whatever thread."""
        os.write(self._end_fd, b"%d\n" % number)

    def join(self) -> None:
        """Join the workers that have ended."""
        for number in os.read(self.ended_fd, 4096).split():
            job, group = self._jobs.pop(int(number))
            job.join()
            group.joined(self.events)


def host(
    kind: Type[HostProcess], block: Block, events: Events, lifeline: Lifeline, commands: connection.Connection
) -> None:
    """A host process's main function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lifeline.hold()
    kind(block, events, OutputCapture.install(events)).serve(JsonLinesReader(commands.fileno()))
    os._exit(0)
