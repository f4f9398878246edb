"""The model *interpreters*: each worker is a thread of one process, in an interpreter that has its own GIL."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, List, Tuple

from pconc_tui.lab import stacks
from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.lab.models.host_process import HostProcess
from pconc_tui.lab.models.primitives import Primitives
from pconc_tui.lab.models.subinterpreter_primitives import InterpreterQueue, MappedNumber, PipeLock, interpreters
from pconc_tui.lab.models.threads import ThreadedTask
from pconc_tui.protocol import user_environment
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.worker.sampled_worker import REPORT_AWAIT

PRIMITIVES = Primitives(PipeLock, MappedNumber, InterpreterQueue)

_START = str(Path(__file__).parents[1] / "__main__.py")
MAKE_IMPORTABLE = (
    f'exec(compile(open({_START!r}).read(), {_START!r}, "exec"), {{"__file__": {_START!r}, "__name__": "lab"}})'
)
"""Code to execute in an interpreter before it can import our modules."""
_CODE = """
{make_importable}
from pconc_tui.lab.models.subinterpreter_entry import main
main({call!r})
"""


class SubinterpreterCall:
    """A worker in another interpreter: its description, the code to execute there, and a pipe that wakes the worker."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._read_fd, self._write_fd = os.pipe()
        call = {
            "block": host.block.fd,
            "channel": host.events.channel.fd,
            "mark": host.events.channel.mark.hex(),
            "wake": self._read_fd,
            "launch": {**asdict(launch), "workers": [asdict(spec)]},
            "shared": [each.handle for each in shared],
        }
        self.text = json.dumps(call)
        self.code = _CODE.format(make_importable=MAKE_IMPORTABLE, call=self.text)

    def wake(self) -> None:
        """End the worker's sleep."""
        os.write(self._write_fd, b"1")

    def report_await(self) -> None:
        """Have the worker, which runs a user's function, report what its coroutine awaits."""
        os.write(self._write_fd, REPORT_AWAIT)

    def close(self) -> None:
        """Close the pipe, after the worker has ended."""
        os.close(self._read_fd)
        os.close(self._write_fd)


class InterpreterTask(ThreadedTask):
    """A worker that is an interpreter in a thread of its own."""

    def prepare(self) -> None:
        super().prepare()
        self._call = SubinterpreterCall(self.host, self.launch, self.spec, self.shared)
        self._queues = [each for each in self.shared if isinstance(each, InterpreterQueue)]
        for queue in self._queues:
            queue.attach()

    def run(self) -> None:
        interpreter = None
        try:
            interpreter = interpreters.create()
            interpreter.exec(self._call.code)
        except (interpreters.InterpreterError, MemoryError) as error:
            self.host.events.send_ended(self.spec.id, str(error) or type(error).__name__)
        finally:
            for queue in self._queues:
                queue.detach()
            if interpreter is not None:
                with suppress(interpreters.InterpreterError):
                    interpreter.close()

    def discard(self) -> None:
        # Other interpreters would wait for this one to take items.
        for queue in self._queues:
            queue.detach(wait=False)
        self._call.close()

    def wake(self) -> None:
        self._call.wake()

    def report_await(self) -> None:
        self._call.report_await()

    def join(self) -> None:
        super().join()
        self._call.close()


class SubinterpretersHost(HostProcess):
    """The host process of workers that each run in another interpreter."""

    primitives = PRIMITIVES

    def prepare(self, launch: Launch) -> None:
        """Each interpreter imports its modules itself; what they share is the process's environment."""
        if names_function(launch.experiment):
            user_environment.enter()

    def report_stacks(self, workers: List[Tuple[int, int, int]]) -> None:
        for id, calls in stacks.thread_stacks({id: native_id for id, _, native_id in workers}).items():
            if stacks.ends_in_library(calls) and id in self._tasks:
                self._tasks[id][0].report_await()
            else:
                stacks.send(self.events, id, calls)


class InterpretersHost(SubinterpretersHost):
    """The host process of interpreters in threads of their own."""

    task_type = InterpreterTask
