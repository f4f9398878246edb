"""A worker that runs a user's own function: it is sampled and stopped from outside, and may report with `probe`."""

from __future__ import annotations

import os
import select
import threading
from contextlib import contextmanager
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Callable, Coroutine, Generator, Iterator, Optional, Set

from pconc_tui import current
from pconc_tui.protocol.block import (
    CONTROL,
    CPU_BEFORE,
    HEAD,
    ITERATIONS,
    LAST_RAN,
    REPORTING_SINCE,
    RUN_DELAY,
    SAMPLER,
    State,
)
from pconc_tui.protocol.user_environment import standard_library
from pconc_tui.worker.forked_child import end_child
from pconc_tui.worker.recorder import LONGEST_NS
from pconc_tui.worker.waiter import Stopped
from pconc_tui.worker.worker import Worker

if TYPE_CHECKING:
    from asyncio import Task

PR_SET_PTRACER = 0x59616D61
"""An option of prctl(2): which process may read this one, besides its ancestors."""
REPORT_AWAIT = b"?"
"""Asks a worker in another interpreter what its coroutine awaits; anything else asks it to stop."""
PTRACE_SCOPE = "/proc/sys/kernel/yama/ptrace_scope"


class SampledWorker(Worker):
    """Records its start, its end and, in a task, each await. Once its code calls `probe`, it records when it runs."""

    _probed = False
    _task: Optional[Task[Any]] = None
    coroutine: Optional[Any] = None
    """What the user's function returned, if that is a coroutine, while it is run."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.user_code = _UserCode(self)
        """`with worker.user_code:` marks the user's code, which can be stopped."""
        self._stopping = False
        self._run_delay_ns = 0

    # What the user's code calls.

    def probe(self) -> None:
        """Record that the worker has run, and count one iteration."""
        if threading.get_ident() != self.user_code.thread:
            return  # Called in a thread of the user's, which inherited the worker's context.
        slot = self._slot
        now = perf_counter_ns()
        took = now - self._last_ran_ns
        self._last_ran_ns = slot[LAST_RAN] = now
        slot[ITERATIONS] += 1
        if not self._probed:
            self._probed = True
            self._read_cpu_clock(now)
            self._start_running(now)
            slot[REPORTING_SINCE] = now
            self._write(now, State.RUNNING)
        elif took >= LONGEST_NS:
            self._ran_throughout(now, took, took)
        if slot[CONTROL] != self._control:
            self._apply_control()

    # What the lab calls.

    def begin(self) -> None:
        allow_sampling(self._slot[SAMPLER])
        self._run_delay_ns = run_delay_ns()
        super().begin()

    def drive(self, coroutine: Coroutine[Any, Any, Any]) -> _CoroutineDriver:
        """`await worker.drive(coroutine)` is `await coroutine`, recording when it awaits."""
        from asyncio import current_task

        self._task = current_task()
        self.coroutine = coroutine
        return _CoroutineDriver(self, coroutine)

    def wake(self) -> None:
        super().wake()
        self.interrupt()

    def interrupt(self) -> None:
        """Raise Stopped in the user's code: at once in the calling thread, in another when it next runs Python code."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
        else:
            self.user_code.stop()

    def end(self) -> None:
        if not self._slot[HEAD]:
            return  # It never started.
        if self._probed:
            super().end()
        else:
            self._enter_sampled(State.ENDED)
        self._slot[RUN_DELAY] = max(0, run_delay_ns() - self._run_delay_ns)

    # How awaits are recorded.

    def _enter_sampled(self, state: State) -> None:
        """Record that the worker enters this state; the sampler knows when it ran before."""
        now = perf_counter_ns()
        self._read_cpu_clock(now)
        self._write(now, state)

    def _start_await(self) -> None:
        if self._probed:
            self._enter(State.IO)
        else:
            self._enter_sampled(State.IO)

    def _finish_await(self) -> None:
        now = perf_counter_ns()
        self._start_running(now)
        # Other tasks have used CPU time of this thread since.
        self._slot[CPU_BEFORE] = self._cpu_clock_ns - self._cpu_ns
        self._write(now, self._running_state)


class _UserCode:
    """A context in which the calling thread runs the user's code; another thread can raise Stopped in it."""

    def __init__(self, worker: SampledWorker) -> None:
        self.thread = 0
        """The identifier of the thread that is in the context; 0: none."""
        self._worker = worker
        self._lock = threading.Lock()
        self._token: Any = None
        self._pid = 0

    def __enter__(self) -> None:
        self._pid = os.getpid()
        self._token = current.set(self._worker)
        self.thread = threading.get_ident()
        _entered.add(self)

    def __exit__(self, _kind: object, error: Optional[BaseException], _traceback: object) -> None:
        if os.getpid() != self._pid:
            end_child(error)
        _entered.discard(self)
        try:
            with self._lock:
                self.thread = 0
            # If `stop` was called just before, Stopped is raised here at the latest: at a backward jump.
            for _turn in range(3):
                pass
        finally:
            self.thread = 0
            current.reset(self._token)

    def stop(self) -> None:
        """Raise Stopped in the context."""
        if self.thread == threading.get_ident():
            raise Stopped
        with self._lock:
            if self.thread:
                with standard_library():
                    from ctypes import c_ulong, py_object, pythonapi

                pythonapi.PyThreadState_SetAsyncExc(c_ulong(self.thread), py_object(Stopped))


_entered: Set[_UserCode] = set()


def _leave_all() -> None:
    """Called in a forked child, which is not the worker that its thread was: it must not write the worker's slot."""
    for user_code in _entered:
        user_code.thread = 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)


class _CoroutineDriver:
    """Runs a coroutine step by step, as a task does."""

    def __init__(self, worker: SampledWorker, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._worker = worker
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        from asyncio import CancelledError

        worker = self._worker
        error: Optional[BaseException] = None
        while True:
            with worker.user_code:
                try:
                    awaited = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
                except StopIteration as end:
                    return end.value
                except CancelledError:
                    if worker._stopping:
                        raise Stopped from None
                    raise
            worker._start_await()
            error = None
            try:
                yield awaited
            except BaseException as raised:
                error = raised
            worker._finish_await()


def run_delay_ns() -> int:
    """How long the calling thread has waited for a core, in ns (proc(5), `schedstat`); 0: unknown."""
    try:
        with open("/proc/thread-self/schedstat") as file:
            return int(file.read().split()[1])
    except OSError:
        return 0


def allow_sampling(sampler: int) -> None:
    """Let a process and its children read this one where Yama restricts that to ancestors: the sampler is none."""
    try:
        with open(PTRACE_SCOPE) as file:
            restricted = file.read().strip() == "1"
    except OSError:
        return
    if restricted and sampler:
        with standard_library():
            from ctypes import CDLL, c_ulong

        CDLL(None).prctl(PR_SET_PTRACER, c_ulong(sampler), 0, 0, 0)


@contextmanager
def listening(fd: int, worker: Worker, report_await: Callable[[], None]) -> Iterator[None]:
    """A context in which a sampled worker does what is written to `fd`: is stopped, or reports what it awaits.

    A thread of the worker's own interpreter waits for that: other interpreters can't raise an exception in it.
    """
    if not isinstance(worker, SampledWorker):
        yield
        return
    read_fd, write_fd = os.pipe()

    def listen() -> None:
        while fd in select.select([fd, read_fd], [], [])[0]:
            if os.read(fd, 1) != REPORT_AWAIT:
                worker.interrupt()
                return
            report_await()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield
    finally:
        os.write(write_fd, b"1")
        listener.join()
        os.close(read_fd)
        os.close(write_fd)
