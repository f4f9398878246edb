"""Where CPython keeps its GIL, version by version: published by itself from 3.13 on, known here before. Pure."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import NamedTuple

COOKIE = b"xdebugpy"
HEAD_BYTES = 8 * 32
"""As much of `_PyRuntime` as `published` needs."""


@dataclass(frozen=True)
class Layout:
    """Offsets within the structs of one version of CPython; all are of 64-bit builds."""

    interpreters: int
    """`_PyRuntimeState.interpreters.head`."""
    interpreter_next: int
    """`PyInterpreterState.next`"""
    interpreter_id: int
    """`PyInterpreterState.id`"""
    thread_interpreter: int
    """`PyThreadState.interp`"""
    thread_id: int
    """`PyThreadState.native_thread_id`, or `thread_id` where `main_thread` tells that there is no other."""
    own_gil: int | None = None
    """`PyInterpreterState.ceval.gil`, a pointer; None: all interpreters share `shared_gil`."""
    shared_gil: int = 0
    """`_PyRuntimeState.ceval.gil`, the struct itself."""
    main_thread: int | None = None
    """`_PyRuntimeState.main_thread`, where threads are known by their pthread only."""
    can_be_off: bool = False
    """Whether `_gil_runtime_state` begins with `enabled`, as in free-threaded builds."""
    knows_threads: bool = False
    """Whether a thread that runs another interpreter than the main one is known by its own id. Until 3.12 the state
    that it runs with bears the id of the thread that made that interpreter."""


# Computed with offsetof() from Include/internal/pycore_{runtime,interp,gil}.h and Include/cpython/pystate.h.
_KNOWN = {
    (3, 9): Layout(32, 0, 24, 16, 176, shared_gil=352, main_thread=72),
    (3, 10): Layout(32, 0, 24, 16, 176, shared_gil=352, main_thread=72),
    (3, 11): Layout(40, 0, 48, 16, 160, shared_gil=360),
    (3, 12): Layout(40, 0, 8, 16, 144, own_gil=384),
}


class _Words(NamedTuple):
    """Which words of `_Py_DebugOffsets` hold what, counted from `version`, the first after the cookie."""

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

_GIL = struct.Struct("<QQi4xQ")
_GIL_THAT_CAN_BE_OFF = struct.Struct("<i4xQQi4xQ")
# The same in 3.9 to 3.15 but for `enabled`, which free-threaded builds begin it with: Include/internal/pycore_gil.h.


_LOCKS = 2 * (48 + (48 if os.uname().machine == "aarch64" else 40))
"""Bytes of the two pairs of pthread_cond_t and pthread_mutex_t that follow in the struct: what waits for the GIL waits
within them."""


def gil_bytes(can_be_off: bool) -> int:
    """How long `_gil_runtime_state` is, with the locks that belong to it."""
    return gil_struct(can_be_off).size + _LOCKS


def gil_struct(can_be_off: bool) -> struct.Struct:
    """`_gil_runtime_state`: [enabled,] interval (us), last_holder, locked, switch_number."""
    return _GIL_THAT_CAN_BE_OFF if can_be_off else _GIL


def known(version: tuple[int, int]) -> Layout | None:
    """The layout of a version that publishes none."""
    return _KNOWN.get(version)


def published(head: bytes) -> tuple[tuple[int, int], Layout | None]:
    """The version and layout that `_PyRuntime` begins with; no layout where it isn't one of those known here."""
    words = struct.unpack_from("<31Q", head, len(COOKIE))
    version = words[0] >> 24, words[0] >> 16 & 0xFF
    places = _PUBLISHED.get(version)
    if places is None:
        return version, None
    can_be_off = words[1] != 0
    # switch_number is not published. It follows locked, which follows last_holder, which follows interval; that they
    # are where that puts them is the sign that the rest is.
    holder = words[places.holder] - words[places.gil]
    locked = words[places.locked] - words[places.gil]
    if (holder, locked) != ((16, 24) if can_be_off else (8, 16)):
        return version, None
    return version, Layout(
        interpreters=words[4],
        interpreter_id=words[6],
        interpreter_next=words[7],
        thread_interpreter=words[places.thread_interpreter],
        thread_id=words[places.native_thread_id],
        own_gil=words[places.ceval_gil],
        can_be_off=can_be_off,
        knows_threads=True,
    )


def find_tid(pthread: bytes, tid: int) -> int | None:
    """Where in the C library's `struct pthread` the thread's id is, given one of which it is known."""
    # Of every eight bytes the first four: the upper half of a pointer can look like an id.
    for offset in range(0, len(pthread) - 7, 8):
        if int.from_bytes(pthread[offset : offset + 4], "little") == tid:
            return offset
    return None
