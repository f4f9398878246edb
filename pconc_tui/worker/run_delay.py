"""How long the calling thread has waited for a core: read without releasing the GIL, as Python's own calls would.

A thread whose code has released the GIL may wait for a core, and then for the GIL. Its CPU clock shows only that it
waited; this clock says how much of that was for a core. Linux only; elsewhere it is unknown.
"""

from __future__ import annotations

import os
from contextlib import suppress
from ctypes import PyDLL, create_string_buffer
from typing import Optional


class RunDelay:
    """The clock of one thread, which alone may use it (proc(5), `schedstat`)."""

    def __init__(self) -> None:
        """Raises OSError where there is none."""
        self._fd = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._text = create_string_buffer(64)
        self._pread = PyDLL(None).pread
        self._last_ns: Optional[int] = None

    def growth_ns(self) -> int:
        """How long the thread has waited for a core since the last call; 0 at the first one."""
        self._pread(self._fd, self._text, 64, 0)
        last_ns, self._last_ns = self._last_ns, int(self._text.value.split()[1])
        return 0 if last_ns is None else self._last_ns - last_ns

    def close(self) -> None:
        """Close its file."""
        os.close(self._fd)


def run_delay() -> Optional[RunDelay]:
    """The calling thread's clock; None: there is none."""
    with suppress(OSError):
        return RunDelay()
    return None
