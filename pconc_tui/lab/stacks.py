"""Reads where workers are in the user's code, in the process that holds them, when the monitor asks for it.

A process does nothing for this until it is asked. Which thread can read a stack depends on the model:

- Threads: the thread that starts them, which runs no worker, reads `sys._current_frames`.
- Tasks, processes: a worker's own code may block the main thread. There, the handler of SIGURG reads the stack, which
  runs between two attempts of a call that blocks. The system ignores SIGURG where there is no handler.
- Interpreters: `sys._current_frames` makes objects of frames that another GIL protects. So `faulthandler` writes the
  stack instead: in C, in the worker's own thread, without making or changing an object (see `thread_stacks`).

A coroutine that awaits is on no thread's stack; the chain of what it awaits is its stack.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from pconc_tui.lab.events import EventSender
from pconc_tui.worker.forked_child import handle_signal
from pconc_tui.worker.sampled_worker import SampledWorker

Call = Tuple[str, int, str]
"""A frame of a stack: path of the file, line, function."""
SIGNAL = signal.SIGURG
MAX_CALLS = 8
"""How many calls into libraries are reported: the outermost, which the user's code makes."""
MAX_PATH, MAX_LIBRARY_PATH, MAX_NAME = 400, 60, 100
DUMP_S = 0.2
"""How long `faulthandler` may take to write a stack."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD = os.path.dirname(os.path.abspath(threading.__file__)) + os.sep
_INSTALLED = re.compile(r".*[\\/](?:site|dist)-packages[\\/]")
_DUMPED = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.M)

workers: Dict[int, SampledWorker] = {}
"""The workers of this process that run a user's function, by id."""


def answer_signal(events: EventSender) -> None:
    """Report the stacks of this process's workers at SIGURG; called in the main thread, which runs them."""

    def report_all(_: int, interrupted: Optional[FrameType]) -> None:
        with suppress(Exception):  # It would be raised in the user's code.
            report(events, list(workers), interrupted)

    handle_signal(SIGNAL, report_all)


def report(events: EventSender, ids: Iterable[int], interrupted: Optional[FrameType] = None) -> None:
    """Send where these workers are; `interrupted`: the calling thread's frame, if it runs workers."""
    own = {id: worker for id in ids if (worker := workers.get(id)) is not None}
    frames = sys._current_frames() if own else {}
    if interrupted is not None:
        frames[threading.get_ident()] = interrupted
    for id, worker in own.items():
        thread = worker.user_code.thread or (threading.get_ident() if worker.model == "asyncio" else 0)
        calls = _from_user_code(_thread_calls(frames.get(thread)))
        suspended = _is_suspended(worker.coroutine)
        if suspended and (not calls or ends_in_library(calls)):
            report_await(events, id)
        else:
            send(events, id, calls, suspended)


def report_await(events: EventSender, id: int) -> None:
    """Send what a worker's coroutine awaits, if it is suspended; called in a thread of the worker's interpreter."""
    worker = workers.get(id)
    if worker is not None and _is_suspended(worker.coroutine):
        send(events, id, _from_user_code(_awaited_calls(worker.coroutine)))


def ends_in_library(calls: List[Call]) -> bool:
    """Whether a stack is not of the user's code but of an event loop that waits."""
    return bool(calls) and calls[-1][0].startswith(_STANDARD)


def send(events: EventSender, worker: int, calls: List[Call], loop_blocked: bool = False) -> None:
    """Send a worker's stack, the innermost call first; `loop_blocked`: it awaits, and this is its event loop's."""
    fitting = [(_short(call), call[1], call[2][:MAX_NAME]) for call in calls]
    events.send("stack", worker=worker, calls=fitting, loop_blocked=loop_blocked)


def thread_stacks(threads: Dict[int, int]) -> Dict[int, List[Call]]:
    """The Python stacks of workers that are threads of this process, in whichever interpreter each runs.

    `threads`: native id of each worker's thread; the result has the workers that were found. `faulthandler` writes in
    a signal handler, which is installed for this moment and has interrupted system calls restarted.
    """
    idents = {each.native_id: each.ident for each in threading.enumerate()}
    own = {worker: ident for worker, native_id in threads.items() if (ident := idents.get(native_id)) is not None}
    if not own or not hasattr(os, "memfd_create"):
        return {}
    import faulthandler

    found = {}
    fd = os.memfd_create("pconc-tui-stacks")
    try:
        faulthandler.register(SIGNAL, fd, all_threads=False)
        for worker, ident in own.items():
            start = os.fstat(fd).st_size
            signal.pthread_kill(ident, SIGNAL)
            calls = [(path, int(line), name) for path, line, name in _DUMPED.findall(_written(fd, start))]
            found[worker] = _from_user_code(iter(calls))
    finally:
        faulthandler.unregister(SIGNAL)
        os.close(fd)
    return found


def _written(fd: int, start: int) -> str:
    """What is written to the file from `start` on, once it grows no more."""
    end_s, size = time.monotonic() + DUMP_S, -1
    while time.monotonic() < end_s and (size <= start or os.fstat(fd).st_size > size):
        size = os.fstat(fd).st_size
        time.sleep(DUMP_S / 40)
    return os.pread(fd, 1 << 20, start).decode(errors="replace")


def _thread_calls(frame: Optional[FrameType]) -> Iterator[Call]:
    while frame is not None:
        yield _call(frame)
        frame = frame.f_back


def _is_suspended(coroutine: Any) -> bool:
    return coroutine is not None and coroutine.cr_frame is not None and not coroutine.cr_running


def _awaited_calls(coroutine: Any) -> Iterator[Call]:
    """The stack of a suspended coroutine: itself, what it awaits, what that awaits."""
    calls: List[Call] = []
    while coroutine is not None:
        frame = _first(coroutine, "cr_frame", "gi_frame", "ag_frame")
        if frame is None:
            break
        calls.append(_call(frame))
        coroutine = _first(coroutine, "cr_await", "gi_yieldfrom", "ag_await")
    return reversed(calls)


def _first(of: Any, *names: str) -> Any:
    """The first of these attributes that is there and not None."""
    return next((found for name in names if (found := getattr(of, name, None)) is not None), None)


def _call(frame: FrameType) -> Call:
    return frame.f_code.co_filename, frame.f_lineno or 0, frame.f_code.co_name


def _from_user_code(calls: Iterator[Call]) -> List[Call]:
    """The innermost call of the user's code, and before it the calls into libraries that it makes.

    Where all of it is installed or has no file, the user's code is what our code calls.
    """
    found: List[Call] = []
    for call in calls:
        if call[0].startswith(_PACKAGE):
            break
        found.append(call)
        if _is_users(call):
            break
    return found[-MAX_CALLS - 1 :]


def _is_users(call: Call) -> bool:
    path = call[0]
    return not path.startswith((_PACKAGE, _STANDARD, "<")) and not _INSTALLED.match(path)


def _short(call: Call) -> str:
    """The path of the user's file; of a standard module relative to its folder."""
    path = call[0]
    if _is_users(call):
        return path[-MAX_PATH:]
    return path[len(_STANDARD) :] if path.startswith(_STANDARD) else path[-MAX_LIBRARY_PATH:]
