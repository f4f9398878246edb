"""The model *interpreters*: one process, a thread a worker, and in each thread an interpreter with a GIL of its own."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Tuple

from pconc_tui.lab.crossing import Primitives, Queue, interpreters
from pconc_tui.lab.host import Host, Job
from pconc_tui.lab.running import Launch, Place

_START = str(Path(__file__).with_name("__main__.py"))
_ENTER = """
exec(compile(open({start!r}).read(), {start!r}, "exec"), {{"__file__": {start!r}, "__name__": "lab"}})
from pconc_tui.lab.inside import inside
inside({order!r})
"""


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
        queues = [each for each in shared if isinstance(each, Queue)]
        for queue in queues:
            queue.enter()

        def target() -> None:
            interpreter = None
            try:
                interpreter = interpreters.create()
                interpreter.exec(errand.code)
            except interpreters.InterpreterError as error:
                host.events.send("ended", worker=place.id, ending=str(error)[:500])
            finally:
                for queue in queues:
                    queue.leave()
                if interpreter is not None:
                    with suppress(interpreters.InterpreterError):
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
