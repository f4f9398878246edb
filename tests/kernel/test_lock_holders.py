"""Which thread holds a lock, by waits for it."""

from __future__ import annotations

from pconc_tui.kernel.lock_holders import LockHolders

A, B = 0, 1


def test_the_thread_that_woke_up_from_a_lock_while_another_waits_holds_it() -> None:
    found = LockHolders()
    found.waits(8, A)
    found.waits(9, A)
    assert found.holders == {}
    found.wakes(8)
    assert found.holders == {A: 8}
    found.wakes(9)
    assert found.holders == {}, "it may release the lock unnoticed, since no other waits"
    found.waits(7, A)
    assert found.holders == {}


def test_a_holder_that_waits_for_the_lock_again_has_released_it() -> None:
    found = LockHolders()
    for tid in (7, 8, 9):
        found.waits(tid, A)
    found.wakes(7)
    found.waits(7, A)
    assert found.holders == {}
    found.wakes(8)
    found.waits(8, B)
    assert found.holders == {A: 8}, "it may wait for another lock meanwhile"


def test_what_ends_or_is_unknown_holds_nothing() -> None:
    found = LockHolders()
    for tid in (7, 8, 9):
        found.waits(tid, A)
    found.wakes(7)
    found.ends(7)
    assert found.holders == {}
    found.wakes(8)
    found.wakes_from_unknown()
    assert found.holders == {}, "the lock may be the one that the unknown thread has waited for"
    found.waits(8, A)
    found.waits(7, A)
    found.wakes(9)
    found.lose(7)
    assert found.holders == {}
