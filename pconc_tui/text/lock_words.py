"""What a thread waits for that waits for a lock, in words. Pure."""

from __future__ import annotations

from pconc_tui.snapshot import LockKind, LockWait


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
