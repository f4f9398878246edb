"""Offsets of the structs that lead to the GIL, for each version of CPython. Pure.

The way from `_PyRuntime` to a GIL and its holder, with the offsets of 3.12 as an example:

    _PyRuntime + 40             interpreters.head: pointer to the first PyInterpreterState
    PyInterpreterState + 384    ceval.gil: pointer to its _gil_runtime_state (before 3.12 one in _PyRuntime is shared)
    PyInterpreterState + 0      next: pointer to the next interpreter
    _gil_runtime_state + 0      interval (us), + 8 last_holder, + 16 locked, + 24 switch_number
    last_holder                 pointer to a PyThreadState: + 16 interp, + 144 native_thread_id

From 3.13 on `_PyRuntime` starts with `_Py_DebugOffsets`, a table of such offsets that CPython publishes for debuggers;
for older versions they are listed here.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import NamedTuple

COOKIE = b"xdebugpy"
HEAD_BYTES = 8 * 32
"""Bytes of `_PyRuntime` that `published` needs."""

_GIL, _GIL_THAT_CAN_BE_DISABLED = struct.Struct("<QQi4xQ"), struct.Struct("<i4xQQi4xQ")


@dataclass(frozen=True)
class Layout:
    """Offsets in bytes within the structs of one version of CPython, in 64-bit builds."""

    interpreters: int
    """`_PyRuntimeState.interpreters.head`."""
    interpreter_next: int
    """`PyInterpreterState.next`."""
    interpreter_id: int
    """`PyInterpreterState.id`."""
    thread_interpreter: int
    """`PyThreadState.interp`."""
    thread_id: int
    """`PyThreadState.native_thread_id`; where `main_thread` is set, `PyThreadState.thread_id`, which is a pthread."""
    threads: int
    """`PyInterpreterState.threads.head`; before 3.11 `PyInterpreterState.tstate_head`."""
    thread_next: int = 8
    """`PyThreadState.next`."""
    own_gil: int | None = None
    """`PyInterpreterState.ceval.gil`, a pointer; None: all interpreters share `shared_gil`."""
    shared_gil: int = 0
    """`_PyRuntimeState.ceval.gil`, the struct itself."""
    main_thread: int | None = None
    """`_PyRuntimeState.main_thread`, the pthread of the main thread; None: native thread ids are stored."""
    gil: struct.Struct = _GIL
    """`_gil_runtime_state`: interval (us), last_holder, locked, switch_number; in free-threaded builds after `enabled`.
    Include/internal/pycore_gil.h: the same from 3.9 to 3.15."""
    has_ids_in_subinterpreters: bool = False
    """Whether the thread state of a subinterpreter has the id of the thread that runs. Until 3.12 it has the id of the
    thread that created the interpreter."""

    @property
    def can_disable_gil(self) -> bool:
        """Whether it is a free-threaded build."""
        return self.gil is _GIL_THAT_CAN_BE_DISABLED

    @property
    def gil_bytes(self) -> int:
        """Size of `_gil_runtime_state` with its locks: a thread that waits for the GIL waits in them."""
        return self.gil.size + _LOCK_BYTES

    @property
    def gil_locks(self) -> tuple[int, int, int, int, int]:
        """Offsets in `_gil_runtime_state` of `cond`, `mutex`, `switch_cond`, `switch_mutex` and of what follows."""
        cond, pair = self.gil.size, _COND_BYTES + _MUTEX_BYTES
        return cond, cond + _COND_BYTES, cond + pair, cond + pair + _COND_BYTES, cond + 2 * pair


# Computed with offsetof() from Include/internal/pycore_{runtime,interp,gil}.h and Include/cpython/pystate.h.
KNOWN = {
    (3, 9): Layout(32, 0, 24, 16, 176, 8, shared_gil=352, main_thread=72),
    (3, 10): Layout(32, 0, 24, 16, 176, 8, shared_gil=352, main_thread=72),
    (3, 11): Layout(40, 0, 48, 16, 160, 16, shared_gil=360),
    (3, 12): Layout(40, 0, 8, 16, 144, 72, own_gil=384),
}


class _Words(NamedTuple):
    """Indexes of 64-bit words in `_Py_DebugOffsets`, counted from `version`, the first word after the cookie."""

    ceval_gil: int
    gil: int
    locked: int
    holder: int
    thread_interpreter: int
    native_thread_id: int


# _Py_DebugOffsets: Include/internal/pycore_runtime.h in 3.13, Include/internal/pycore_debug_offsets.h from 3.14 on.
_PUBLISHED = {
    (3, 13): _Words(ceval_gil=13, gil=14, locked=16, holder=17, thread_interpreter=21, native_thread_id=24),
    (3, 14): _Words(ceval_gil=14, gil=15, locked=17, holder=18, thread_interpreter=24, native_thread_id=27),
    (3, 15): _Words(ceval_gil=14, gil=15, locked=17, holder=18, thread_interpreter=24, native_thread_id=30),
}

_COND_BYTES, _MUTEX_BYTES = 48, 48 if os.uname().machine == "aarch64" else 40
_LOCK_BYTES = 2 * (_COND_BYTES + _MUTEX_BYTES)
"""The two pairs of pthread_cond_t and pthread_mutex_t that follow."""


def published(head: bytes) -> tuple[tuple[int, int], Layout | None]:
    """The version and the layout that CPython publishes at the start of `_PyRuntime`; no layout if it is unknown."""
    words = struct.unpack_from("<31Q", head, len(COOKIE))
    version = words[0] >> 24, words[0] >> 16 & 0xFF
    indexes = _PUBLISHED.get(version)
    if indexes is None:
        return version, None
    can_be_disabled = words[1] != 0
    # switch_number is not published: it follows locked. That last_holder and locked are where the struct has them
    # shows that the struct is the expected one.
    holder = words[indexes.holder] - words[indexes.gil]
    locked = words[indexes.locked] - words[indexes.gil]
    if (holder, locked) != ((16, 24) if can_be_disabled else (8, 16)):
        return version, None
    return version, Layout(
        interpreters=words[4],
        interpreter_id=words[6],
        interpreter_next=words[7],
        thread_interpreter=words[indexes.thread_interpreter],
        thread_id=words[indexes.native_thread_id],
        threads=words[8],
        thread_next=words[indexes.thread_interpreter - 1],
        own_gil=words[indexes.ceval_gil],
        gil=_GIL_THAT_CAN_BE_DISABLED if can_be_disabled else _GIL,
        has_ids_in_subinterpreters=True,
    )


GLIBC_TID = 720
"""Where glibc has the id in its `struct pthread` on x86-64. The first process of a container has the id 1, which other
fields can have too; elsewhere it is unlikely that one has the id's value."""


def find_tid(pthread: bytes, tid: int) -> int | None:
    """Offset of the native thread id in the C library's `struct pthread`, found in one with this id; or None."""
    # Only the lower half of each eight bytes: the upper half of a pointer can equal the id.
    offsets = range(0, len(pthread) - 7, 8)
    found = [offset for offset in offsets if int.from_bytes(pthread[offset : offset + 4], "little") == tid]
    return GLIBC_TID if GLIBC_TID in found else next(iter(found), None)
