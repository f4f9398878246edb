"""The observer's block: one slot for each thread of the processes that it observes.

A slot has the ring of transitions of `block`, the words `HEAD`, `PID`, `NATIVE_ID` and `GIL` as there, and those named
here. In place of a delay histogram there is a ring of `LOCKS` pairs (time in ns, number of the lock): from that
time on, this is the lock that it waits for whenever its state is `LOCK`. A pair is written where the lock changes.
"""

from __future__ import annotations

from pconc_tui.protocol.block import DELAYS

THREAD = 0  # the number of the thread that the slot is of; written last when the slot is made ready for another
UNTIL = 1  # ns, of slot 0 only: all that happened up to then is written
GIL_HELD = 2  # millionths: the part of the time for which its GIL is held, of that for which transitions say so

OBSERVER_SLOTS = 1024
LOCK_HEAD = DELAYS  # pairs written so far
LOCKS = 48
LOCKS_AT = LOCK_HEAD + 1
UNKNOWN_LOCK, ALL_STOPPED, AN_EVENT = -1, -2, -3
"""Instead of the number of a lock: it is unknown which; none, since another thread has stopped all threads of a
free-threaded build; none, but an event, such as the end of another thread."""


def write_lock(slot: memoryview, time_ns: int, number: int) -> None:
    """Append a pair."""
    head = slot[LOCK_HEAD]
    at = LOCKS_AT + 2 * (head % LOCKS)
    slot[at], slot[at + 1] = time_ns, number
    slot[LOCK_HEAD] = head + 1


def last_lock(slot: memoryview) -> int:
    """The number of the last pair; `UNKNOWN_LOCK` if there is none."""
    head: int = slot[LOCK_HEAD]
    return slot[LOCKS_AT + 2 * ((head - 1) % LOCKS) + 1] if head else UNKNOWN_LOCK
