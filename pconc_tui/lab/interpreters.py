"""The model *interpreters*: one process, a thread a worker, and in each thread an interpreter with a GIL of its own."""

from __future__ import annotations

import json
import mmap
import os
import select
import tempfile
import threading
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Dict, List, Tuple

from pconc_tui.block import Block
from pconc_tui.lab.bed import PipeBed
from pconc_tui.lab.events import Events, Printed
from pconc_tui.lab.host import Host, Job
from pconc_tui.lab.running import Launch, Place, run, worker_of
from pconc_tui.lab.watched import listening


def _concurrent_interpreters() -> Any:
    try:
        return import_module("concurrent.interpreters")
    except ImportError:
        return None


interpreters = _concurrent_interpreters()
MISSING = "needs concurrent.interpreters, which CPython has from 3.14 on"
_START = str(Path(__file__).with_name("__main__.py"))
_ENTER = """
exec(compile(open({start!r}).read(), {start!r}, "exec"), {{"__file__": {start!r}, "__name__": "lab"}})
from pconc_tui.lab.interpreters import inside
inside({order!r})
"""


class Number:
    """A number in memory that every interpreter of the process can map."""

    def __init__(self, typecode: str, value: float = 0, fd: int = -1) -> None:
        if fd < 0:
            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
            os.ftruncate(fd, mmap.PAGESIZE)
        self._words: Any = memoryview(mmap.mmap(fd, mmap.PAGESIZE)).cast("d" if typecode == "d" else "q")
        self.ticket = ["number", typecode, 0, fd]

    @property
    def value(self) -> Any:
        """The number now; reading and writing are two steps, as with `multiprocessing.Value`."""
        return self._words[0]

    @value.setter
    def value(self, value: float) -> None:
        self._words[0] = value


class PipeLock:
    """A lock that every interpreter of the process can take: whoever holds it has the pipe's one byte."""

    def __init__(self, read_fd: int = -1, write_fd: int = -1) -> None:
        if read_fd < 0:
            read_fd, write_fd = os.pipe()
            os.set_blocking(read_fd, False)
            os.write(write_fd, b"1")
        self.ticket = ["lock", read_fd, write_fd]
        self._read_fd = read_fd
        self._write_fd = write_fd

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.Lock.acquire`."""
        while True:
            try:
                return bool(os.read(self._read_fd, 1))
            except BlockingIOError:
                if not blocking or not select.select([self._read_fd], [], [], None if timeout < 0 else timeout)[0]:
                    return False

    def release(self) -> None:
        """As `threading.Lock.release`."""
        os.write(self._write_fd, b"1")


class Primitives:
    """What interpreters share things with: objects can't be shared, memory and pipes can."""

    Lock = PipeLock
    Value = Number


_KINDS: Dict[str, Any] = {"number": Number, "lock": PipeLock}


class Errand:
    """What a worker in another interpreter is to do, as code to execute there; and the pipe that wakes it."""

    def __init__(self, host: Host, launch: Launch, place: Place, shared: Tuple[Any, ...]) -> None:
        self._fd, self._write_fd = os.pipe()
        given = {
            "block": host.block.fd,
            "events": host.events.fd,
            "wake": self._fd,
            "launch": {**asdict(launch), "places": [asdict(place)]},
            "shared": [each.ticket for each in shared],
        }
        self.code = _ENTER.format(start=_START, order=json.dumps(given))

    def wake(self) -> None:
        """End the worker's sleep."""
        os.write(self._write_fd, b"1")

    def close(self) -> None:
        """The worker has ended."""
        os.close(self._fd)
        os.close(self._write_fd)


class InterpreterJob(Job):
    """A worker that is an interpreter in a thread of its own."""

    def __init__(self, host: Host, launch: Launch, place: Place, shared: Tuple[Any, ...]) -> None:
        self._errand = errand = Errand(host, launch, place, shared)

        def target() -> None:
            interpreter = interpreters.create()
            try:
                interpreter.exec(errand.code)
            except interpreters.ExecutionFailed as error:
                host.events.send("ended", worker=place.id, ending=str(error)[:500])
            finally:
                interpreter.close()
                host.ended(place.id)

        self._thread = threading.Thread(target=target, name=place.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._errand.wake()

    def join(self) -> None:
        self._thread.join()
        self._errand.close()


class Interpreters(Host):
    """The interpreters' host."""

    job = InterpreterJob
    primitives = Primitives

    def prepare(self, launch: Launch) -> None:
        """Nothing: each interpreter imports for itself."""


def inside(order: str) -> None:
    """The worker's main function, in its own interpreter."""
    given: Dict[str, Any] = json.loads(order)
    events = Events(given["events"])
    launch = Launch.parsed(given["launch"])
    place = launch.places[0]
    tickets: List[List[Any]] = given["shared"]
    shared = tuple(_KINDS[kind](*arguments) for kind, *arguments in tickets)
    worker = worker_of(Block(given["block"]), launch, place, PipeBed(given["wake"]))
    with listening(worker, given["wake"]):
        run(worker, launch, place, shared, events, Printed.install(events))
