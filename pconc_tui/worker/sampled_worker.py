"""A worker whose code need not know that it is one: it is seen from outside, and stopped from outside."""

from __future__ import annotations

import os
import select
import threading
from contextlib import contextmanager
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Coroutine, Generator, Iterator, Optional

from pconc_tui import current
from pconc_tui.protocol.block import BEAT, CONTROL, CPU_BEFORE, HEAD, ITERATIONS, REPORTS, State
from pconc_tui.worker.recorder import LONGEST_NS
from pconc_tui.worker.worker import Stopped, Worker

if TYPE_CHECKING:
    from asyncio import Task

PR_SET_PTRACER = 0x59616D61
"""prctl(2); with -1: any process that may look at this one by its user may do so."""


class SampledWorker(Worker):
    """Notes when it begins, ends and, if it is a task, awaits. Once its code calls `probe`, it notes when it ran."""

    _probed = False
    _task: Optional[Task[Any]] = None

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.inside = _Inside(self)
        """While in it, the calling thread runs the person's code, and can be stopped."""
        self._stopping = False

    # What the person's code calls.

    def probe(self) -> None:
        """Note that it has run, and count one iteration."""
        if threading.get_ident() != self.inside.thread:
            return  # A thread of its own, which inherited the worker's context.
        slot = self._slot
        now = perf_counter_ns()
        took = now - self._last
        self._last = slot[BEAT] = now
        slot[ITERATIONS] += 1
        if not self._probed:
            self._probed = True
            self._look(now)
            slot[REPORTS] = self._back(now)
            self._write(now, State.RUNNING)
        elif took >= LONGEST_NS:
            self._ran_throughout(now, took, took)
        if slot[CONTROL] != self._seen:
            self._obey()

    # What the lab calls.

    def begin(self) -> None:
        let_be_seen()
        super().begin()

    def steps(self, coroutine: Coroutine[Any, Any, Any]) -> _Steps:
        """The coroutine as something to await that notes when it runs and when it awaits."""
        from asyncio import current_task

        self._task = current_task()
        return _Steps(self, coroutine)

    def wake(self) -> None:
        super().wake()
        self.interrupt()

    def interrupt(self) -> None:
        """Stop it: at once in its own thread, that is in a signal's handler; else where it next runs Python code."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
        else:
            self.inside.stop()

    def end(self) -> None:
        if not self._slot[HEAD]:
            return  # It never began.
        if self._probed:
            super().end()
        else:
            self._leave(State.ENDED)

    # How it does it.

    def _leave(self, state: State) -> None:
        """Note that it leaves off; when it ran until then is seen from outside."""
        now = perf_counter_ns()
        self._look(now)
        self._write(now, state)

    def _await(self) -> None:
        if self._probed:
            self._enter(State.IO)
        else:
            self._leave(State.IO)

    def _go_on(self) -> None:
        now = self._back(perf_counter_ns())
        # Other tasks have used CPU time of this thread since.
        self._slot[CPU_BEFORE] = self._clock - self._cpu
        self._write(now, self._mode)


class _Inside:
    """Where a thread runs code that is not ours, and how to get it out of there."""

    def __init__(self, worker: SampledWorker) -> None:
        self.thread = 0
        """Who is in it; 0: nobody."""
        self._worker = worker
        self._lock = threading.Lock()
        self._token: Any = None

    def __enter__(self) -> None:
        self._token = current.set(self._worker)
        self.thread = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        try:
            with self._lock:
                self.thread = 0
            # If it was to be stopped just before, that is raised here at the latest: at the end of a turn.
            for _turn in range(3):
                pass
        finally:
            self.thread = 0
            current.reset(self._token)

    def stop(self) -> None:
        """Raise Stopped in it."""
        if self.thread == threading.get_ident():
            raise Stopped
        with self._lock:
            if self.thread:
                from ctypes import c_ulong, py_object, pythonapi

                pythonapi.PyThreadState_SetAsyncExc(c_ulong(self.thread), py_object(Stopped))


class _Steps:
    """Runs a coroutine step by step, as a task does."""

    def __init__(self, worker: SampledWorker, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._worker = worker
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        from asyncio import CancelledError

        worker = self._worker
        error: Optional[BaseException] = None
        while True:
            with worker.inside:
                try:
                    awaited = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
                except StopIteration as end:
                    return end.value
                except CancelledError:
                    if worker._stopping:
                        raise Stopped from None
                    raise
            worker._await()
            error = None
            try:
                yield awaited
            except BaseException as raised:
                error = raised
            worker._go_on()


def let_be_seen() -> None:
    """Let the sampler look at this process where the system allows that to its ancestors only: it is none of them."""
    try:
        with open("/proc/sys/kernel/yama/ptrace_scope") as file:
            for_ancestors_only = file.read().strip() == "1"
    except OSError:
        return
    if for_ancestors_only:
        from ctypes import CDLL, c_ulong

        CDLL(None).prctl(PR_SET_PTRACER, c_ulong(-1), 0, 0, 0)


@contextmanager
def listening(worker: Worker, fd: int) -> Iterator[None]:
    """While this lasts a thread waits for the order to stop: only code of its own interpreter can stop a worker."""
    if not isinstance(worker, SampledWorker):
        yield
        return
    read_fd, write_fd = os.pipe()

    def listen() -> None:
        if fd in select.select([fd, read_fd], [], [])[0]:
            worker.interrupt()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield
    finally:
        os.write(write_fd, b"1")
        listener.join()
        os.close(read_fd)
        os.close(write_fd)
