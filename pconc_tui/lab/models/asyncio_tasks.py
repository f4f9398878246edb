"""The model *asyncio*: each worker is a task, and one event loop runs all of them in one thread."""

from __future__ import annotations

import asyncio
from typing import Any, Coroutine, Optional, Tuple

from pconc_tui.lab import stacks
from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.primitives import Number, Primitives
from pconc_tui.lab.run_worker import make_worker, run_async
from pconc_tui.protocol.json_lines import JsonLinesReader
from pconc_tui.worker.interruptible_sleep import InterruptibleSleep


class TaskSleep(InterruptibleSleep):
    """The sleep of a task; the event loop runs other tasks meanwhile."""

    def __init__(self) -> None:
        self._wake_event: Optional[asyncio.Event] = None
        self._awaiting: Optional[asyncio.Task[Any]] = None
        self._woken = False

    async def sleep_async(self, seconds: float) -> bool:
        if not self._woken:
            self._wake_event = asyncio.Event()
            timer = asyncio.get_running_loop().call_later(seconds, self._wake_event.set)
            await self._wake_event.wait()
            timer.cancel()
        return self._woken

    async def interruptible(self, awaited: Coroutine[Any, Any, Any]) -> Tuple[Any, bool]:
        self._awaiting = asyncio.current_task()
        try:
            return await awaited, False
        except asyncio.CancelledError:
            if not self._woken:
                raise
            return None, True
        finally:
            self._awaiting = None

    def wake(self) -> None:
        self._woken = True
        if self._awaiting is not None:
            self._awaiting.cancel()
        if self._wake_event is not None:
            self._wake_event.set()


class AsyncioTask(Task):
    """A worker that is a task of the event loop."""

    def prepare(self) -> None:
        self._worker = make_worker(self.host.block, self.launch, self.spec, TaskSleep())

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name=self.spec.name)

    async def _run(self) -> None:
        try:
            await run_async(self._worker, self.assignment)
        finally:
            self.host.report_end(self.spec.id)

    def wake(self) -> None:
        self._worker.wake()

    def join(self) -> None:
        """A task that has ended needs no joining."""


class AsyncioHost(HostProcess):
    """The host process of tasks. The same event loop handles commands, so they wait until a task awaits."""

    task_type = AsyncioTask
    primitives = Primitives(asyncio.Lock, Number, asyncio.Queue)
    reads_stacks_at_signal = True

    def serve(self, commands: JsonLinesReader) -> None:
        stacks.answer_signal(self.events)
        asyncio.run(self._serve(commands))

    async def _serve(self, commands: JsonLinesReader) -> None:
        loop, closed = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.ended_fd, self.join)

        def handle() -> None:
            if not self.handle_commands(commands):
                closed.set()

        loop.add_reader(commands.fd, handle)
        await closed.wait()
