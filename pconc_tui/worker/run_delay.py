"""How long the calling thread has waited for a core, which its CPU clock doesn't show. Linux only; elsewhere unknown.

A thread that did not run was blocked, and may have waited for a core, and then for the GIL. A thread that shares its
GIL reads this clock without releasing the GIL, as Python's own calls would: another thread would take it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import Optional


class RunDelay:
    """The clock of one thread, which alone may use it (proc(5), `schedstat`)."""

    def __init__(self) -> None:
        """Raises OSError or ImportError where there is none."""
        from resource import RUSAGE_THREAD, getrusage  # Not everywhere.

        self._fd = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._last_ns: Optional[int] = None
        self._usage = partial(getrusage, RUSAGE_THREAD)
        self._blocks = 0

    def has_blocked(self) -> bool:
        """Whether the thread has been blocked since the last call."""
        before, self._blocks = self._blocks, self._usage().ru_nvcsw
        return self._blocks > before

    def growth_ns(self) -> int:
        """How long the thread has waited for a core since the last call; 0 at the first one."""
        last_ns, self._last_ns = self._last_ns, int(self._read().split()[1])
        return 0 if last_ns is None else self._last_ns - last_ns

    def close(self) -> None:
        """Close its file."""
        os.close(self._fd)

    def _read(self) -> bytes:
        return os.pread(self._fd, 64, 0)


class RunDelayWithGil(RunDelay):
    """The same, read without releasing the GIL."""

    def __init__(self) -> None:
        super().__init__()
        from ctypes import PyDLL, create_string_buffer  # Slow to import.

        self._text = create_string_buffer(64)
        self._pread = PyDLL(None).pread

    def _read(self) -> bytes:
        self._pread(self._fd, self._text, 64, 0)
        return self._text.value


def run_delay() -> Optional[RunDelay]:
    """The calling thread's clock; None: there is none."""
    with suppress(OSError, ImportError):
        return RunDelay()
    return None


def run_delay_with_gil() -> Optional[RunDelay]:
    """The same, for a thread that shares its GIL."""
    with suppress(OSError, ImportError):
        return RunDelayWithGil()
    return None
