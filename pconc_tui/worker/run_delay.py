"""How long the calling thread has waited for a core, which its CPU clock doesn't show. Linux only; elsewhere unknown.

A thread that did not run was blocked, and may have waited for a core, and then for the GIL. A thread that shares its
GIL reads this clock without releasing the GIL, as Python's own calls would: another thread would take it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import Any, Callable, NamedTuple, Optional

gil_enabled: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)


class Switches(NamedTuple):
    """How often a thread left its core."""

    blocked: int
    preempted: int
    """It lost its core though it could have gone on."""


NONE = Switches(0, 0)
_PATH = "/proc/thread-self/schedstat"


class RunDelay:
    """The clock of one thread, which alone may use it (proc(5), `schedstat`). Its file is closed when it is dropped."""

    _fd = -1

    def __init__(self) -> None:
        """Raises OSError or ImportError where there is none."""
        from resource import RUSAGE_THREAD, getrusage  # Not everywhere.

        self._fd = self._open()
        self._last_ns: Optional[int] = None
        self._usage = partial(getrusage, RUSAGE_THREAD)
        self._switches = NONE

    def switches(self) -> Switches:
        """How often the thread has left its core since the last call."""
        usage, before = self._usage(), self._switches
        self._switches = Switches(usage.ru_nvcsw, usage.ru_nivcsw)
        return Switches(usage.ru_nvcsw - before.blocked, usage.ru_nivcsw - before.preempted)

    def growth_ns(self) -> int:
        """How long the thread has waited for a core since the last call; 0 at the first one."""
        last_ns, self._last_ns = self._last_ns, int(self._read().split()[1])
        return 0 if last_ns is None else self._last_ns - last_ns

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)

    def _open(self) -> int:
        return os.open(_PATH, os.O_RDONLY)

    def _read(self) -> bytes:
        return os.pread(self._fd, 64, 0)


class RunDelayWithGil(RunDelay):
    """The same, opened and read without releasing the GIL."""

    def __init__(self) -> None:
        from ctypes import PyDLL, create_string_buffer  # Slow to import.

        self._text = create_string_buffer(64)
        self._library: Any = PyDLL(None)
        self._pread = self._library.pread
        super().__init__()

    def _open(self) -> int:
        fd: int = self._library.open(_PATH.encode(), os.O_RDONLY | os.O_CLOEXEC)
        if fd < 0:
            raise OSError(f"can't open {_PATH}")
        return fd

    def _read(self) -> bytes:
        self._pread(self._fd, self._text, 64, 0)
        return self._text.value


def run_delay() -> Optional[RunDelay]:
    """The calling thread's clock; None: there is none."""
    with suppress(OSError, ImportError):
        return RunDelay()
    return None


def run_delay_with_gil() -> Optional[RunDelay]:
    """The same, for a thread that shares its GIL: one clock for all that it runs, closed where it ends."""
    if not _of_thread.tried:
        _of_thread.tried = True
        with suppress(OSError, ImportError):
            _of_thread.clock = RunDelayWithGil()
    return _of_thread.clock


class _OfThread(threading.local):
    """What the calling thread has opened."""

    tried = False
    clock: Optional[RunDelay] = None


_of_thread = _OfThread()
