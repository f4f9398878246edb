"""A child that a user's function forks: it has nothing of the lab's, and ends where the function ends.

Which of this process's signal handlers and descriptors are the lab's is registered here by the code that makes them.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from threading import get_ident
from types import TracebackType
from typing import Any, Callable, Dict, Iterator, Optional, Set, Tuple

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")

_handlers: Dict[int, Tuple[Any, Any]] = {}
"""Of a signal: the lab's handler, and the one that a process has without the lab."""
_masks: Dict[int, Set[int]] = {}
"""The signals that threads which are forking had blocked before, by thread."""
_files: Dict[int, Tuple[int, int]] = {}
"""The lab's open files, by descriptor."""


def handle_signal(number: int, handler: Callable[..., None], usual: Any = signal.SIG_DFL) -> None:
    """Install a handler of the lab's; a forked child gets the usual one, unless the function has installed another."""
    signal.signal(number, handler)
    _handlers[number] = handler, usual


def close_in_child(*fds: int) -> None:
    """Close these descriptors in forked children, and others of the same files: `mmap` has one of its own."""
    _files.update((fd, _identity(fd)) for fd in fds)


@contextmanager
def ends_with_its_code() -> Iterator[None]:
    """A context of the user's code: a child that is forked in it ends where the context does."""
    pid = os.getpid()
    try:
        yield
    except BaseException as error:
        if os.getpid() != pid:
            end_child(error)
        raise
    if os.getpid() != pid:
        end_child(None)


def end_child(error: Optional[BaseException]) -> None:
    """End this process as a program ends that raises this error, or none."""
    status = 0
    with suppress(BaseException):
        if isinstance(error, SystemExit):
            status = _exit_status(error.code)
        elif error is not None:
            status = 1
            error.__traceback__ = _without_our_frames(error.__traceback__)
            sys.excepthook(type(error), error, error.__traceback__)
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):
            stream.flush()
    os._exit(status & 0xFF)


def _exit_status(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def _without_our_frames(traceback: Optional[TracebackType]) -> Optional[TracebackType]:
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        traceback = traceback.tb_next
    return traceback


def _before_fork() -> None:
    """Block the lab's signals: CPython drops one that a new child receives before it can have the usual handler."""
    if _handlers:
        _masks[get_ident()] = signal.pthread_sigmask(signal.SIG_BLOCK, _handlers)


def _after_fork() -> None:
    mask = _masks.pop(get_ident(), None)
    if mask is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _leave_lab() -> None:
    """Called in each child that this process forks."""
    for number, (handler, usual) in _handlers.items():
        if signal.getsignal(number) is handler:
            signal.signal(number, usual)
    _close()
    _after_fork()
    _handlers.clear()
    _files.clear()


def _close() -> None:
    files, fds = set(_files.values()), list(_files)
    with suppress(OSError):
        fds = [int(name) for name in os.listdir("/proc/self/fd")] if files else []
    for fd in fds:
        with suppress(OSError):
            if _identity(fd) in files:
                os.close(fd)


def _identity(fd: int) -> Tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_leave_lab)
