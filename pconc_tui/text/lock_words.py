"""What a thread waits for that waits for a lock, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pconc_tui.measurement import LockShares
from pconc_tui.text.numbers import percent, whole
from pconc_tui.watched_program import LockKind, LockWait

MENTIONED = 0.1
"""The share of the time from which on a wait is mentioned."""
MOSTLY_ONE = 0.8
"""The part of the waits for locks from which on they are mostly for one lock."""


def waited(locks: LockShares | None) -> str:
    """`threads wait for locks 62 % of the time, mostly for one lock`; empty: hardly, or it is unknown."""
    return "; ".join(phrases(locks, "the time", "threads wait", "all threads are stopped together"))


def phrases(locks: LockShares | None, time: str, wait: str, stopped: str) -> Iterator[str]:
    """What is worth mentioning: `WAIT for locks 62 % of TIME, mostly for one lock`, `STOPPED 27 times a second, …`."""
    if locks is not None and locks.lock_wait >= MENTIONED:
        one = ", mostly for one lock" if (locks.one_lock_wait or 0.0) >= MOSTLY_ONE else ""
        yield f"{wait} for locks {percent(locks.lock_wait, ' %')} of {time}{one}"
    if locks is not None and locks.stopped >= MENTIONED:
        yield f"{stopped} {whole(locks.stops_per_s)} times a second, {percent(locks.stopped, ' %')} of {time}"


def in_words(lock: LockWait, where: str = "") -> str:
    """Completes "waits for": `a lock: A, held by Thread-3 in crunch() work.py:12`. `where`: the place of the holder."""
    if lock.kind is LockKind.ALL_STOPPED:
        return "another thread, which has stopped all"
    if lock.kind is LockKind.EVENT:
        return "an event"
    if not lock.name:
        return "a lock"
    held = f", held by {lock.holder}{f' in {where}' if where else ''}" if lock.holder else ""
    return f"a lock: {lock.name}{held}"


def short(lock: LockWait) -> str:
    """For a column: `lock A: Thread-3`, where that holds it."""
    if lock.kind is LockKind.ALL_STOPPED:
        return "all stopped"
    if lock.kind is LockKind.EVENT:
        return "event"
    return f"lock {lock.name}{f': {lock.holder}' if lock.holder else ''}".rstrip()
