"""The model *threads*: a host process that holds them all and runs nothing else."""

from __future__ import annotations

import os
import select
import signal
import threading
from multiprocessing import connection
from time import perf_counter_ns
from typing import Any, Dict, List, Tuple

from pconc_tui.block import LAUNCHED, Block
from pconc_tui.lab.events import Events, Printed
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.probe import Worker
from pconc_tui.lab.running import Group, Launch, Place, run, worker_of
from pconc_tui.pipes import Lines


class Number:
    """To threads what `multiprocessing.Value` is to processes: a number that all of them see."""

    def __init__(self, typecode: str, value: float) -> None:
        self.value = value


class Primitives:
    """What an experiment's setup gets, to share things between threads."""

    Lock = staticmethod(threading.Lock)
    Value = Number


class Host:
    """The host process: starts threads as it is told to, and joins them."""

    def __init__(self, block: Block, events: Events, out: Printed) -> None:
        self._block = block
        self._events = events
        self._out = out
        self._groups: Dict[int, Group] = {}
        self._threads: Dict[int, Tuple[threading.Thread, Worker, Group]] = {}
        self._ended_fd, self._end_fd = os.pipe()

    def serve(self, commands: Lines) -> None:
        """Take commands until the controller closes their pipe. Blocked in `select`, it never asks for the GIL."""
        while True:
            ready, _, _ = select.select([commands.fd, self._ended_fd], [], [])
            if self._ended_fd in ready:
                self._join()
            if commands.fd in ready:
                batch = commands.read()
                if batch is None:
                    return
                for command in batch:
                    getattr(self, command.pop("do"))(**command)

    def launch(self, **command: Any) -> None:
        launch = Launch.parsed(command)
        group = self._groups.get(launch.group)
        if group is None:
            group = self._groups[launch.group] = Group(launch, Primitives)
        group.started(len(launch.places))
        threads: List[threading.Thread] = []
        for place in launch.places:
            worker = worker_of(self._block, launch, place)
            thread = threading.Thread(
                target=self._run, args=(worker, launch, place, group.shared), name=place.name, daemon=True
            )
            self._threads[place.id] = thread, worker, group
            threads.append(thread)
        for place, thread in zip(launch.places, threads):
            self._block.slot(place.slot)[LAUNCHED] = perf_counter_ns()
            try:
                thread.start()
            except RuntimeError as error:
                del self._threads[place.id]
                self._events.send("ended", worker=place.id, ending=f"could not start: {error}")
                group.joined(self._events)

    def stop(self, workers: List[int]) -> None:
        for number in workers:
            if number in self._threads:
                self._threads[number][1].wake()

    def forget(self, group: int) -> None:
        self._groups.pop(group, None)

    def _run(self, worker: Worker, launch: Launch, place: Place, shared: Tuple[Any, ...]) -> None:
        run(worker, launch, place, shared, self._events, self._out)
        os.write(self._end_fd, b"%d\n" % place.id)

    def _join(self) -> None:
        for number in os.read(self._ended_fd, 4096).split():
            thread, _, group = self._threads.pop(int(number))
            thread.join()
            group.joined(self._events)


def host(block: Block, events: Events, lifeline: Lifeline, commands: connection.Connection) -> None:
    """The host process's main function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lifeline.hold()
    Host(block, events, Printed.install(events)).serve(Lines(commands.fileno()))
    os._exit(0)
