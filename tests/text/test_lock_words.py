"""Locks in words."""

from __future__ import annotations

from pconc_tui.text.lock_words import in_words, short, waited
from pconc_tui.watched_program import LockKind, LockWait


def test_a_lock_and_the_thread_that_holds_it() -> None:
    lock = LockWait(LockKind.LOCK, "A", "Thread-3")
    assert in_words(lock, "crunch() work.py:12") == "a lock: A, held by Thread-3 in crunch() work.py:12"
    assert in_words(lock) == "a lock: A, held by Thread-3"
    assert short(lock) == "lock A: Thread-3"


def test_what_is_unknown_is_left_out() -> None:
    assert (in_words(LockWait(LockKind.LOCK)), short(LockWait(LockKind.LOCK))) == ("a lock", "lock")
    assert (in_words(LockWait(LockKind.LOCK, "B")), short(LockWait(LockKind.LOCK, "B"))) == ("a lock: B", "lock B")
    assert waited(None) == ""


def test_what_is_no_lock_is_called_what_it_is() -> None:
    assert short(LockWait(LockKind.EVENT)) == "event"
    assert in_words(LockWait(LockKind.ALL_STOPPED)) == "another thread, which has stopped all"
