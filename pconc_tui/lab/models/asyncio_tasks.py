"""The model *asyncio*: tasks on one thread, which the event loop runs in turn."""

from __future__ import annotations

import asyncio
from typing import Any, Coroutine, Optional, Tuple

from pconc_tui.lab.models.host_process import HostProcess, Task
from pconc_tui.lab.models.threads import Number
from pconc_tui.lab.run_worker import Launch, WorkerSpec, run_async, worker_of
from pconc_tui.protocol.json_lines import JsonLinesReader
from pconc_tui.worker.sleep import InterruptibleSleep


class TaskSleep(InterruptibleSleep):
    """Of a task, whose event loop runs the others meanwhile."""

    def __init__(self) -> None:
        self._waking: Optional[asyncio.Event] = None
        self._waiting: Optional[asyncio.Task[Any]] = None
        self._woken = False

    async def sleep_async(self, seconds: float) -> bool:
        if not self._woken:
            self._waking = asyncio.Event()
            timer = asyncio.get_running_loop().call_later(seconds, self._waking.set)
            await self._waking.wait()
            timer.cancel()
        return self._woken

    async def undisturbed(self, awaited: Coroutine[Any, Any, Any]) -> Tuple[Any, bool]:
        self._waiting = asyncio.current_task()
        try:
            return await awaited, False
        except asyncio.CancelledError:
            if not self._woken:
                raise
            return None, True
        finally:
            self._waiting = None

    def wake(self) -> None:
        self._woken = True
        if self._waiting is not None:
            self._waiting.cancel()
        if self._waking is not None:
            self._waking.set()


class Primitives:
    """What tasks share things with."""

    Lock = asyncio.Lock
    Value = Number
    Queue = asyncio.Queue


class AsyncioTask(Task):
    """A worker that is a task."""

    def __init__(self, host: HostProcess, launch: Launch, spec: WorkerSpec, shared: Tuple[Any, ...]) -> None:
        self._worker = worker = worker_of(host.block, launch, spec, TaskSleep())
        self._name = spec.name
        self._task: Optional[asyncio.Task[None]] = None

        async def target() -> None:
            await run_async(worker, launch, spec, shared, host.events, host.out)
            host.ended(spec.id)

        self._target = target

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._target(), name=self._name)

    def wake(self) -> None:
        self._worker.wake()

    def join(self) -> None:
        """A task that has ended leaves nothing to wait for."""


class AsyncioHost(HostProcess):
    """The tasks' host: takes commands on the same loop, so they wait too where a task never awaits."""

    job = AsyncioTask
    primitives = Primitives

    def serve(self, commands: JsonLinesReader) -> None:
        asyncio.run(self._serve(commands))

    async def _serve(self, commands: JsonLinesReader) -> None:
        loop, closed = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.ended_fd, self.join)

        def obey() -> None:
            if not self.obey(commands):
                closed.set()

        loop.add_reader(commands.fd, obey)
        await closed.wait()
