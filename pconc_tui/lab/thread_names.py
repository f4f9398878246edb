"""Gives each thread that is started its `Thread.name` as its name in the system, as CPython does itself from 3.14 on.

The kernel's records then have the names, of threads that live for a moment too, and nothing needs to ask the process
for them. A thread does this when it starts, within 1 us, without releasing the GIL. The system cuts a name after 15
bytes.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, Callable, Optional

_SET_NAME = 15
"""PR_SET_NAME of prctl(2)."""
_MOST_BYTES = 15


def name_threads() -> None:
    """Begin to do so in this process; it is done in those that it forks as well."""
    start = getattr(threading.Thread, "_set_native_id", None)
    if not sys.platform.startswith("linux") or sys.version_info >= (3, 14) or start is None:
        return
    if getattr(start, "names_threads", False):
        return
    prctl = _prctl()
    if prctl is None:
        return

    def set_native_id(thread: threading.Thread) -> None:
        start(thread)
        name = thread.name
        if isinstance(name, str):
            cut = name.encode("utf-8", "replace")[:_MOST_BYTES].decode("utf-8", "ignore")
            prctl(_SET_NAME, cut.encode())

    set_native_id.names_threads = True  # type: ignore[attr-defined]
    threading.Thread._set_native_id = set_native_id  # type: ignore[attr-defined]


def _prctl() -> Optional[Callable[[int, bytes], Any]]:
    """The function of the C library, called without releasing the GIL; None: there is none.

    `ctypes` would take 15 ms to import.
    """
    try:
        import _ctypes

        class Function(_ctypes.CFuncPtr):
            _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI

        program: Any = None
        return Function(_ctypes.dlsym(_ctypes.dlopen(program, 0), "prctl"))
    except Exception:  # Whatever it is, a name is not worth a failure.
        return None
