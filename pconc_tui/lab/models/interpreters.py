"""The model *interpreters*: one process, a thread a worker, and in each thread an interpreter with a GIL of its own."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Tuple

from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.subinterpreter_primitives import Primitives, Queue, interpreters
from pconc_tui.lab.run_worker import Launch, WorkerSpec

_START = str(Path(__file__).parents[1] / "__main__.py")
_ENTER = """
exec(compile(open({start!r}).read(), {start!r}, "exec"), {{"__file__": {start!r}, "__name__": "lab"}})
from pconc_tui.lab.models.subinterpreter_entry import inside
inside({order!r})
"""


class SubinterpreterTask:
    """What a worker in another interpreter is to do, as code to execute there; and the pipe that wakes it."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._fd, self._write_fd = os.pipe()
        given = {
            "block": host.block.fd,
            "events": host.events.fd,
            "wake": self._fd,
            "launch": {**asdict(launch), "workers": [asdict(spec)]},
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


class InterpreterTask(Task):
    """A worker that is an interpreter in a thread of its own."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._errand = errand = SubinterpreterTask(host, launch, spec, shared)
        queues = [each for each in shared if isinstance(each, Queue)]
        for queue in queues:
            queue.enter()

        def target() -> None:
            interpreter = None
            try:
                interpreter = interpreters.create()
                interpreter.exec(errand.code)
            except interpreters.InterpreterError as error:
                host.events.send("ended", worker=spec.id, ending=str(error)[:500])
            finally:
                for queue in queues:
                    queue.leave()
                if interpreter is not None:
                    with suppress(interpreters.InterpreterError):
                        interpreter.close()
                host.ended(spec.id)

        self._thread = threading.Thread(target=target, name=spec.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._errand.wake()

    def join(self) -> None:
        self._thread.join()
        self._errand.close()


class InterpretersHost(HostProcess):
    """The interpreters' host."""

    job = InterpreterTask
    primitives = Primitives

    def prepare(self, launch: Launch) -> None:
        """Nothing: each interpreter imports for itself."""
