"""Threads that wait for a condition with musl, the C library of Alpine Linux and of many static programs. Pure.

glibc's threads wait at a futex in the `pthread_cond_t` itself; each of musl's at one in a `struct waiter` on its own
stack, and the condition has the first and the last of them:

    pthread_cond_t + 8 _c_head, + 40 _c_tail      pointers to a struct waiter
    struct waiter  + 0 prev, + 8 next             pointers; + 16 state, + 20 barrier, the futex

Which threads wait is thus only known while they do. But a thread that waits again, called from the same functions,
waits at the same address.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

_COND = struct.Struct("<8xQ24xQ")
_WAITER = struct.Struct("<QQii")
_BARRIER = 20
_MOST = 10_000


def futexes(read: Callable[[int, int], bytes], cond: int) -> list[int]:
    """Where threads wait for the condition at this address now. `read`: reads so many bytes at an address.

    Nothing if the list is changing, or is none: then the C library is another. Raises what `read` raises.
    """
    at, last = _COND.unpack(read(cond, _COND.size))
    found: list[int] = []
    before = 0
    while at and len(found) < _MOST:
        previous, following, _, _ = _WAITER.unpack(read(at, _WAITER.size))
        if previous != before:
            return []
        found.append(at + _BARRIER)
        before, at = at, following
    return found if before == last else []
